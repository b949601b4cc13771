"""The resources of the simulated Azure: a module states how Azure treats one kind of them."""

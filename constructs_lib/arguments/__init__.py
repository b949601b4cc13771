"""The arguments of each resource, and what is wrong with them."""

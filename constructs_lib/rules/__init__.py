"""Rules over several values: of one registry, of several ones, and of stacks before and after."""

"""Rules of privacy and continuity, over stacks before and after a change."""

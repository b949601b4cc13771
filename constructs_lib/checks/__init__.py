"""What arguments must satisfy together: of one registry, and of several."""

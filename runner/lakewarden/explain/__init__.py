"""Why one table is decided as it is, since when, and what would change that."""

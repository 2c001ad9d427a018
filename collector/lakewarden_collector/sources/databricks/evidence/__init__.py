"""Evidence that costs statements: sizes, reads, tags."""

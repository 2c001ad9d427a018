"""What an engine is given: the policies of all folders, staged and checked."""

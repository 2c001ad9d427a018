"""The steps of a collection, in their order: list, look for what is missing, gather evidence."""

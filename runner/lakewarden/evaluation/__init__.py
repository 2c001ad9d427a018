"""From an inventory and an engine to decisions: the catalogue, the spool and the batches."""

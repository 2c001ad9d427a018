"""From an inventory and an engine to decisions: the policy index, the intake and the batches."""

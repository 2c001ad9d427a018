"""Evidence packs: what a run's decisions rest on, and the decisions, in one file."""

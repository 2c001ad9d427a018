"""Where an OPA comes from: one that is there, a release, or its own source."""

"""Policy engines: who decides about a batch of table documents."""

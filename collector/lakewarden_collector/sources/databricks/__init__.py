"""Tables of Databricks workspaces: Unity Catalog's listing, and evidence from a SQL warehouse."""

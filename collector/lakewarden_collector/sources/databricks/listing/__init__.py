"""What a metastore holds: catalogs, schemas, tables, as Unity Catalog lists them."""

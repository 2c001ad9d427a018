terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

provider "databricks" {
  host  = "http://127.0.0.1:9"
  token = "x"
}
resource "databricks_catalog" "c" { name = "c" }
resource "databricks_sql_table" "maybe" {
  for_each = toset([databricks_catalog.c.metastore_id])
  catalog_name = "c"
  schema_name = "s"
  name = each.key
  table_type = "MANAGED"
}
resource "databricks_sql_table" "sure" {
  catalog_name = "c"
  schema_name = "s"
  name = "sure"
  table_type = "MANAGED"
}

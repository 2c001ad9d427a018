terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

variable "config" {
  type = object({ catalog = string, schema = string })
}

resource "databricks_sql_table" "this" {
  catalog_name = var.config.catalog
  schema_name  = var.config.schema
  name         = "this"
  table_type   = "MANAGED"
}

terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

variable "schema" {}

resource "databricks_sql_table" "this" {
  catalog_name = var.schema.catalog_name
  schema_name  = var.schema.name
  name         = "inner"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

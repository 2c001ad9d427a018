terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

variable "layer" {}

resource "databricks_sql_table" "t" {
  catalog_name = "c"
  schema_name  = var.layer
  name         = "t"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "per_letter" {
  count        = length(var.layer)
  catalog_name = "c"
  schema_name  = var.layer
  name         = "per_letter_${count.index}"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

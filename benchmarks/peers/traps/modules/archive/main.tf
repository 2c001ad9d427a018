terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

variable "region" {}

resource "databricks_sql_table" "old_orders" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "old_orders_${var.region}"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  cluster_keys       = []
  properties         = { team = "crm" }
}

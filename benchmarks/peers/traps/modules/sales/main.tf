terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

variable "region" {}

resource "databricks_sql_table" "orders" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "orders_${var.region}"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  cluster_keys       = []
  properties         = { team = "crm" }
}

module "archive" {
  source = "../archive"
  region = var.region
}

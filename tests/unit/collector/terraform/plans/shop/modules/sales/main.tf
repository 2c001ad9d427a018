terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

variable "catalog" {}
variable "schema" {}
variable "region" {}
variable "archives" {}

resource "databricks_sql_table" "orders" {
  catalog_name = var.catalog
  schema_name  = var.schema
  name         = "orders_${var.region}"
  table_type   = "MANAGED"
  warehouse_id = "w"
  owner        = "sales-engineers"
  cluster_keys = ["ordered_on"]
  column {
    name    = "ordered_on"
    type    = "date"
    comment = "The day of the order."
  }
}

resource "databricks_sql_table" "archive" {
  count        = var.archives
  catalog_name = var.catalog
  schema_name  = var.schema
  name         = "archive_${var.region}_${count.index}"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

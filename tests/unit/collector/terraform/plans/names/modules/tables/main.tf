terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

variable "catalog" {}
variable "name" {}

resource "databricks_schema" "this" {
  catalog_name = var.catalog
  name         = "s_${var.name}"
}

resource "databricks_sql_table" "this" {
  catalog_name = databricks_schema.this.catalog_name
  schema_name  = databricks_schema.this.name
  name         = "outer"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

module "inner" {
  source = "./modules/inner"
  schema = databricks_schema.this
}

output "catalog" {
  value = databricks_schema.this.catalog_name
}

output "catalog_and_text" {
  value = "${databricks_schema.this.catalog_name}_x"
}

# Tables of which nobody knows before apply whether there will be any. Terraform plans the first
# step, and says that planning ended with an error.

terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

provider "databricks" {
  host  = "http://127.0.0.1:9"
  token = "x"
}

resource "databricks_catalog" "shop" {
  name = "shop"
}

resource "databricks_sql_table" "count_unknown" {
  count        = length(databricks_catalog.shop.metastore_id)
  catalog_name = "shop"
  schema_name  = "sales"
  name         = "count_unknown_${count.index}"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "for_each_unknown" {
  for_each     = toset([databricks_catalog.shop.metastore_id])
  catalog_name = "shop"
  schema_name  = "sales"
  name         = each.key
  table_type   = "MANAGED"
  warehouse_id = "w"
}

# A table that meets the rule, so that nothing else in this plan breaks it.
resource "databricks_sql_table" "keys" {
  catalog_name = "shop"
  schema_name  = "sales"
  name         = "keys"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["id"]
}

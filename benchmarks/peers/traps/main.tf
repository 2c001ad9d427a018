# One table for each trap of a plan. Each should have clustering keys, or the property
# cluster_exclusion = "true". What is right for each is in ../cases.py.

terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

provider "databricks" {
  host  = "http://127.0.0.1:9"
  token = "x"
}

# Its metastore_id is known only after apply.
resource "databricks_catalog" "shop" {
  name = "shop"
}

locals {
  after_apply = databricks_catalog.shop.metastore_id
  keys = {
    names = ["id"]
    auto  = ["AUTO"]
    null  = null
    empty = []
    none  = ["NONE"]
  }
}

resource "databricks_sql_table" "keys" {
  for_each           = local.keys
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "keys_${each.key}"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  cluster_keys       = each.value
  properties         = { team = "crm" }
}

resource "databricks_sql_table" "keys_absent" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "keys_absent"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  properties         = { team = "crm" }
}

resource "databricks_sql_table" "properties_absent" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "properties_absent"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  cluster_keys       = []
}

resource "databricks_sql_table" "keys_unknown" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "keys_unknown"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  cluster_keys       = split(",", local.after_apply)
}

resource "databricks_sql_table" "one_key_unknown" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "one_key_unknown"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  cluster_keys       = [local.after_apply]
}

resource "databricks_sql_table" "excluded" {
  for_each           = toset(["true", "false"])
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "excluded_${each.key}"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  cluster_keys       = []
  properties         = { cluster_exclusion = each.key }
}

resource "databricks_sql_table" "properties_unknown" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "properties_unknown"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  properties         = { for key in split(",", local.after_apply) : key => "true" }
  cluster_keys       = []
}

resource "databricks_sql_table" "one_property_unknown" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "one_property_unknown"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  properties         = { team = "crm", cluster_exclusion = local.after_apply }
  cluster_keys       = []
}

resource "databricks_sql_table" "format_absent" {
  catalog_name = "shop"
  schema_name  = "sales"
  name         = "format_absent"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = []
  properties   = { team = "crm" }
}

resource "databricks_sql_table" "parquet" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "parquet"
  table_type         = "EXTERNAL"
  data_source_format = "PARQUET"
  storage_location   = "s3://shop/parquet"
  warehouse_id       = "w"
}

resource "databricks_sql_table" "view" {
  catalog_name    = "shop"
  schema_name     = "sales"
  name            = "view"
  table_type      = "VIEW"
  view_definition = "SELECT 1 AS x"
  warehouse_id    = "w"
}

module "sales" {
  source   = "./modules/sales"
  for_each = toset(["eu", "us"])
  region   = each.key
}

resource "databricks_sql_table" "counted" {
  count              = 2
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "counted_${count.index}"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  cluster_keys       = []
  properties         = { team = "crm" }
}

# terraform.tfstate has these four, and one more that is no longer here and will be deleted.

resource "databricks_sql_table" "loses_its_keys" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "loses_its_keys"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  properties         = { team = "crm" }
}

resource "databricks_sql_table" "gains_keys" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "gains_keys"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  cluster_keys       = ["id"]
}

resource "databricks_sql_table" "replaced" {
  catalog_name       = "shop"
  schema_name        = "sales_2"
  name               = "replaced"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  cluster_keys       = []
  properties         = { team = "crm" }
}

resource "databricks_sql_table" "unchanged" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "unchanged"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  warehouse_id       = "w"
  cluster_keys       = []
  properties         = { team = "crm" }
}

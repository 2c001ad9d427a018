terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

provider "databricks" {
  host  = "http://127.0.0.1:9"
  token = "x"
}

variable "regions" {
  type    = set(string)
  default = ["eu", "us"]
}

variable "archives" {
  default = 0
}

variable "secret" {
  default   = "hidden-value"
  sensitive = true
}

resource "databricks_catalog" "shop" {
  name = "shop"
}

resource "databricks_schema" "sales" {
  catalog_name = databricks_catalog.shop.id
  name         = "sales"
}

module "sales" {
  source   = "./modules/sales"
  for_each = var.regions
  catalog  = databricks_catalog.shop.id
  schema   = databricks_schema.sales.name
  region   = each.key
  archives = var.archives
}

# The catalog's id is known after apply, but it is the catalog's name.
resource "databricks_sql_table" "customers" {
  catalog_name = databricks_catalog.shop.id
  schema_name  = databricks_schema.sales.name
  name         = "customers"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["AUTO"]
  comment      = "Customers."
  properties   = { owner_team = "crm", from = databricks_catalog.shop.metastore_id }
  column {
    name     = "id"
    type     = "BIGINT"
    identity = "always"
    nullable = false
  }
  column {
    name    = "name"
    type    = "string"
    comment = databricks_catalog.shop.metastore_id
  }
}

resource "databricks_sql_table" "key_after_apply" {
  catalog_name = "shop"
  schema_name  = "sales"
  name         = "key_after_apply"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["id", databricks_catalog.shop.metastore_id]
  properties   = { team = "crm" }
  column {
    name = "id"
    type = "bigint"
  }
}

resource "databricks_sql_table" "keys_after_apply" {
  catalog_name = "shop"
  schema_name  = "sales"
  name         = "keys_after_apply"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = split(",", databricks_catalog.shop.metastore_id)
  column {
    name = "id"
    type = "bigint"
  }
}

resource "databricks_sql_table" "not_clustered" {
  for_each     = { none = ["NONE"], empty = [], null = null }
  catalog_name = "shop"
  schema_name  = "sales"
  name         = "not_clustered_${each.key}"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = each.value
  column {
    name = "id"
    type = "bigint"
  }
}

resource "databricks_sql_table" "secret_property" {
  count        = 1
  catalog_name = "shop"
  schema_name  = "sales"
  name         = "secret_property"
  table_type   = "MANAGED"
  warehouse_id = "w"
  comment      = var.secret
  cluster_keys = ["id"]
  properties   = { team = "crm", token = var.secret }
  column {
    name = "id"
    type = "bigint"
  }
}

resource "databricks_sql_table" "secret_name" {
  catalog_name = "shop"
  schema_name  = "sales"
  name         = var.secret
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "unknown_name" {
  catalog_name = "shop"
  schema_name  = "sales"
  name         = "t_${databricks_catalog.shop.metastore_id}"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "by_day" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "by_day"
  table_type         = "EXTERNAL"
  data_source_format = "delta"
  storage_location   = "s3://shop/by_day"
  warehouse_id       = "w"
  partitions         = ["day"]
  column {
    name = "id"
    type = "bigint"
  }
  column {
    name = "day"
    type = "date"
  }
}

resource "databricks_sql_table" "external_parquet" {
  catalog_name       = "shop"
  schema_name        = "sales"
  name               = "external_parquet"
  table_type         = "EXTERNAL"
  data_source_format = "PARQUET"
  storage_location   = "s3://shop/parquet"
  warehouse_id       = "w"
}

resource "databricks_sql_table" "none_by_count" {
  count        = var.archives
  catalog_name = "shop"
  schema_name  = "sales"
  name         = "archive_${count.index}"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "none_by_for_each" {
  for_each     = toset([])
  catalog_name = "shop"
  schema_name  = "sales"
  name         = each.key
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "dynamic_columns" {
  catalog_name = "shop"
  schema_name  = "sales"
  name         = "dynamic_columns"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["id"]
  dynamic "column" {
    for_each = toset(split(",", databricks_catalog.shop.metastore_id))
    content {
      name = column.value
      type = "string"
    }
  }
}

resource "databricks_sql_table" "recent" {
  catalog_name    = "shop"
  schema_name     = "sales"
  name            = "recent"
  table_type      = "VIEW"
  view_definition = "SELECT 1 AS x"
  warehouse_id    = "w"
}

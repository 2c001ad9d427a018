terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

provider "databricks" {
  host  = "http://127.0.0.1:9"
  token = "x"
}

locals {
  tables = {
    clustered   = { keys = ["id", "day"] }
    bare        = {}
    excluded    = { properties = { cluster_exclusion = "true" } }
    conflicting = { keys = ["id"], properties = { cluster_exclusion = "true" } }
    automatic   = { keys = ["AUTO"] }
    partitioned = { partitions = ["day"] }
    silent      = { comment = "", keys = ["id"] }
  }
}

resource "databricks_sql_table" "parity" {
  for_each           = local.tables
  catalog_name       = "main"
  schema_name        = "parity"
  name               = each.key
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  comment            = lookup(each.value, "comment", "Made in four ways, decided alike.")
  cluster_keys       = lookup(each.value, "keys", null)
  partitions         = lookup(each.value, "partitions", null)
  properties         = lookup(each.value, "properties", null)
  owner              = "team"

  column {
    name    = "id"
    type    = "bigint"
    comment = "The key."
  }
  column {
    name = "day"
    type = "date"
  }
}

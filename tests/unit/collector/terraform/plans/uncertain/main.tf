# Tables that may or may not exist, and such that surely don't.

terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

provider "databricks" {
  host  = "http://127.0.0.1:9"
  token = "x"
}

variable "archive" {
  default = false
}

variable "layers" {
  default = []
}

resource "terraform_data" "release" {
  input = ["r1"]
}

# Its keys are known only after apply, though how many there are is known.
resource "databricks_sql_table" "unknown_keys" {
  for_each     = toset(terraform_data.release.output)
  catalog_name = "c"
  schema_name  = "s"
  name         = each.key
  table_type   = "MANAGED"
  warehouse_id = "w"
}

# A map with known keys and unknown values has known instances.
resource "databricks_sql_table" "known_keys" {
  for_each     = { a = terraform_data.release.output, b = "x" }
  catalog_name = "c"
  schema_name  = "s"
  name         = "known_${each.key}"
  table_type   = "MANAGED"
  warehouse_id = "w"
  comment      = jsonencode(each.value)
}

resource "databricks_sql_table" "if_archived" {
  count        = var.archive ? 1 : 0
  catalog_name = "c"
  schema_name  = "s"
  name         = "if_archived"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "of_if_archived" {
  count        = length(databricks_sql_table.if_archived)
  catalog_name = "c"
  schema_name  = "s"
  name         = "of_if_archived"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "sure" {
  catalog_name = "c"
  schema_name  = "s"
  name         = "sure"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

module "unknown_layers" {
  source   = "./modules/layer"
  for_each = toset(terraform_data.release.output)
  layer    = each.key
}

module "no_layers" {
  source   = "./modules/layer"
  for_each = toset(var.layers)
  layer    = each.key
}

module "one_layer" {
  source = "./modules/layer"
  layer  = "one"
}

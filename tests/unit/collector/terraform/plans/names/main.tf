# Names that refer to catalogs and schemas of the plan, in every way that people write.

terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

provider "databricks" {
  host  = "http://127.0.0.1:9"
  token = "x"
}

provider "databricks" {
  alias = "other"
  host  = "http://127.0.0.1:10"
  token = "x"
}

locals {
  layers  = toset(["raw", "gold"])
  catalog = databricks_catalog.one.id
}

resource "databricks_catalog" "one" {
  name = "one"
}

resource "databricks_catalog" "layer" {
  for_each = local.layers
  name     = "layer_${each.key}"
}

resource "databricks_catalog" "counted" {
  count = 2
  name  = "counted_${count.index}"
}

resource "databricks_schema" "layer" {
  for_each     = local.layers
  catalog_name = databricks_catalog.layer[each.key].id
  name         = "s_${each.key}"
}

resource "databricks_schema" "joined" {
  catalog_name = "${databricks_catalog.one.id}_raw"
  name         = "joined"
}

# The reference alone: the catalog's name.
resource "databricks_sql_table" "bare" {
  catalog_name = databricks_catalog.one.id
  schema_name  = "s"
  name         = "bare"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["id"]
  column {
    name = "id"
    type = "bigint"
  }
}

# The same in a template and in parentheses.
resource "databricks_sql_table" "template" {
  catalog_name = "${databricks_catalog.one.id}"
  schema_name  = "s"
  name         = "template"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "parentheses" {
  catalog_name = (databricks_catalog.one.id)
  schema_name  = "s"
  name         = "parentheses"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

# A reference plus text, in a function, in a condition: none is the catalog's name.
resource "databricks_sql_table" "plus_text" {
  catalog_name = "${databricks_catalog.one.id}_raw"
  schema_name  = "s"
  name         = "plus_text"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "in_function" {
  catalog_name = upper(databricks_catalog.one.id)
  schema_name  = "s"
  name         = "in_function"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "in_condition" {
  catalog_name = databricks_catalog.one.id == "" ? "a" : "b"
  schema_name  = "s"
  name         = "in_condition"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "schema_of_joined" {
  catalog_name = databricks_schema.joined.catalog_name
  schema_name  = databricks_schema.joined.name
  name         = "t"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

# The id of a schema is its catalog and its name.
resource "databricks_sql_table" "schema_id" {
  catalog_name = databricks_catalog.one.id
  schema_name  = databricks_schema.joined.id
  name         = "schema_id"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "by_local" {
  catalog_name = local.catalog
  schema_name  = "s"
  name         = "by_local"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "each" {
  for_each     = local.layers
  catalog_name = databricks_catalog.layer[each.key].id
  schema_name  = databricks_schema.layer[each.key].name
  name         = "each"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "indexed" {
  count        = 2
  catalog_name = databricks_catalog.counted[count.index].id
  schema_name  = "s"
  name         = "indexed"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "fixed_index" {
  catalog_name = databricks_catalog.layer["gold"].id
  schema_name  = "s"
  name         = "fixed_index"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "chained" {
  for_each     = databricks_schema.layer
  catalog_name = each.value.catalog_name
  schema_name  = each.value.name
  name         = "chained"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

module "plain" {
  source  = "./modules/tables"
  catalog = databricks_catalog.one.id
  name    = "plain"
}

module "joined" {
  source  = "./modules/tables"
  catalog = "${databricks_catalog.one.id}_raw"
  name    = "joined"
}

module "each" {
  source   = "./modules/tables"
  for_each = local.layers
  catalog  = databricks_catalog.layer[each.key].id
  name     = "each"
}

# The same table of two workspaces.
module "here" {
  source  = "./modules/tables"
  catalog = "both"
  name    = "both"
}

module "there" {
  source    = "./modules/tables"
  providers = { databricks = databricks.other }
  catalog   = "both"
  name      = "both"
}

resource "databricks_sql_table" "of_output" {
  catalog_name = module.plain.catalog
  schema_name  = "s"
  name         = "of_output"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "of_joined_output" {
  catalog_name = module.plain.catalog_and_text
  schema_name  = "s"
  name         = "of_joined_output"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

resource "databricks_sql_table" "of_each_output" {
  for_each     = local.layers
  catalog_name = module.each[each.key].catalog
  schema_name  = "s"
  name         = "of_each_output"
  table_type   = "MANAGED"
  warehouse_id = "w"
}

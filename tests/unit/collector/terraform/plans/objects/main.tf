# Names that stand in objects: in locals, in arguments of modules, in what for_each goes over.

terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

provider "databricks" {
  host  = "http://127.0.0.1:9"
  token = "x"
}

resource "databricks_catalog" "one" {
  name = "one"
}

resource "databricks_catalog" "two" {
  name = "two"
}

locals {
  where = {
    catalog                                     = databricks_catalog.one.id # not "two"
    "other" : databricks_catalog.two.id, joined = "${databricks_catalog.one.id}_raw"
    deep                                        = { catalog = databricks_catalog.two.id }
  }
  word     = "catalog"
  computed = { (local.word) = databricks_catalog.one.id, other = databricks_catalog.two.id }
}

resource "databricks_sql_table" "of_local" {
  catalog_name = local.where.catalog
  schema_name  = "s"
  name         = "of_local"
  table_type   = "MANAGED"
}

resource "databricks_sql_table" "quoted" {
  catalog_name = local.where["other"]
  schema_name  = "s"
  name         = "quoted"
  table_type   = "MANAGED"
}

resource "databricks_sql_table" "deep" {
  catalog_name = local.where.deep.catalog
  schema_name  = "s"
  name         = "deep"
  table_type   = "MANAGED"
}

resource "databricks_sql_table" "each" {
  for_each = {
    first  = { catalog = databricks_catalog.one.id, keys = ["id"] }
    second = { catalog = databricks_catalog.two.id, keys = null }
  }
  catalog_name = each.value.catalog
  schema_name  = "s"
  name         = each.key
  table_type   = "MANAGED"
  cluster_keys = each.value.keys
}

module "table" {
  source = "./modules/table"
  for_each = {
    s1 = databricks_catalog.one.id
    s2 = databricks_catalog.two.id
  }
  config = {
    catalog = each.value
    schema  = each.key
  }
}

# None of these is known: a text beside the reference, a key that is computed, a merged object.
resource "databricks_sql_table" "joined" {
  catalog_name = local.where.joined
  schema_name  = "s"
  name         = "joined"
  table_type   = "MANAGED"
}

resource "databricks_sql_table" "computed" {
  catalog_name = local.computed.other
  schema_name  = "s"
  name         = "computed"
  table_type   = "MANAGED"
}

resource "databricks_sql_table" "merged" {
  for_each     = merge({ a = { catalog = databricks_catalog.one.id } }, { b = { catalog = "b" } })
  catalog_name = each.value.catalog
  schema_name  = "s"
  name         = "merged_${each.key}"
  table_type   = "MANAGED"
}

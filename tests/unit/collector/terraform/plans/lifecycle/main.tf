# What can become of tables that the state beside this file has.

terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

provider "databricks" {
  host  = "http://127.0.0.1:9"
  token = "x"
}

resource "databricks_sql_table" "kept" {
  catalog_name = "main"
  schema_name  = "life"
  name         = "kept"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["id"]
  column {
    name = "id"
    type = "bigint"
  }
}

# Its properties and comment change; the property `old` isn't written any more.
resource "databricks_sql_table" "updated" {
  catalog_name = "main"
  schema_name  = "life"
  name         = "updated"
  table_type   = "MANAGED"
  warehouse_id = "w"
  comment      = "Now with a comment."
  cluster_keys = ["id"]
  properties   = { team = "crm" }
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

resource "databricks_sql_table" "unclustered" {
  catalog_name = "main"
  schema_name  = "life"
  name         = "unclustered"
  table_type   = "MANAGED"
  warehouse_id = "w"
  column {
    name = "id"
    type = "bigint"
  }
}

# Another schema: the table is made again, the old one first deleted.
resource "databricks_sql_table" "replaced" {
  catalog_name = "main"
  schema_name  = "life2"
  name         = "replaced"
  table_type   = "MANAGED"
  warehouse_id = "w"
  column {
    name = "id"
    type = "bigint"
  }
}

# The same, but the new table is made first.
resource "databricks_sql_table" "replaced_later" {
  catalog_name = "main"
  schema_name  = "life2"
  name         = "replaced_later"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["id"]
  column {
    name = "id"
    type = "bigint"
  }
  lifecycle {
    create_before_destroy = true
  }
}

# Replaced with the catalog it is in; the name is found through the new catalog's name.
resource "databricks_catalog" "renewed" {
  name         = "renewed"
  storage_root = "s3://new"
}

resource "databricks_sql_table" "of_renewed" {
  catalog_name = databricks_catalog.renewed.id
  schema_name  = "life"
  name         = "of_renewed"
  table_type   = "MANAGED"
  warehouse_id = "w"
  column {
    name = "id"
    type = "bigint"
  }
}

resource "databricks_sql_table" "new_address" {
  catalog_name = "main"
  schema_name  = "life"
  name         = "moved"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["id"]
  column {
    name = "id"
    type = "bigint"
  }
}

moved {
  from = databricks_sql_table.old_address
  to   = databricks_sql_table.new_address
}

# Moved and replaced at once.
resource "databricks_sql_table" "new_home" {
  catalog_name = "main"
  schema_name  = "life2"
  name         = "moved_and_replaced"
  table_type   = "MANAGED"
  warehouse_id = "w"
  column {
    name = "id"
    type = "bigint"
  }
}

moved {
  from = databricks_sql_table.old_home
  to   = databricks_sql_table.new_home
}

# One instance of several goes.
resource "databricks_sql_table" "each" {
  for_each     = toset(["stays"])
  catalog_name = "main"
  schema_name  = "life"
  name         = "each_${each.key}"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["id"]
  column {
    name = "id"
    type = "bigint"
  }
}

removed {
  from = databricks_sql_table.forgotten
  lifecycle {
    destroy = false
  }
}

# Tables that exist: one is imported, one has changed since Terraform last saw it.
# Importing and refreshing ask the workspace, which tables.json beside this file answers for.

terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

resource "databricks_sql_table" "imported" {
  catalog_name = "main"
  schema_name  = "life"
  name         = "imported"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["AUTO"]
  comment      = "Now in Terraform."
  column {
    name = "id"
    type = "bigint"
  }
}

import {
  to = databricks_sql_table.imported
  id = "main.life.imported"
}

# The import leaves it as it is.
resource "databricks_sql_table" "as_it_is" {
  catalog_name = "main"
  schema_name  = "life"
  name         = "as_it_is"
  table_type   = "MANAGED"
  column {
    name = "id"
    type = "bigint"
  }
}

import {
  to = databricks_sql_table.as_it_is
  id = "main.life.as_it_is"
}

resource "databricks_sql_table" "drifted" {
  catalog_name = "main"
  schema_name  = "life"
  name         = "drifted"
  table_type   = "MANAGED"
  warehouse_id = "w"
  comment      = "As written."
  properties   = { team = "crm" }
  column {
    name = "id"
    type = "bigint"
  }
}

# Somebody has dropped it.
resource "databricks_sql_table" "dropped" {
  catalog_name = "main"
  schema_name  = "life"
  name         = "dropped"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["id"]
  column {
    name = "id"
    type = "bigint"
  }
}

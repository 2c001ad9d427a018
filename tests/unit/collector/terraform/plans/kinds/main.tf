# Resources beside tables: other kinds that make tables, data sources, ephemeral values, checks.

terraform {
  required_version = ">= 1.10"
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

provider "databricks" {
  host  = "http://127.0.0.1:9"
  token = "x"
}

variable "password" {
  type      = string
  default   = "hidden-value"
  sensitive = true
}

variable "once" {
  type      = string
  default   = "hidden-once"
  ephemeral = true
}

# A resource of another provider, whose output is known only after apply.
resource "terraform_data" "release" {
  input = "r1"
}

resource "databricks_catalog" "kinds" {
  name       = "kinds"
  properties = { release = terraform_data.release.output }
}

data "databricks_table" "read_later" {
  name = "kinds.s.${terraform_data.release.output}"
}

resource "databricks_sql_table" "table" {
  catalog_name = databricks_catalog.kinds.name
  schema_name  = "s"
  name         = "table"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["id"]
  properties   = { team = "crm", release = terraform_data.release.output }
  column {
    name = "id"
    type = "bigint"
  }
}

resource "databricks_sql_table" "on_cluster" {
  catalog_name       = "kinds"
  schema_name        = "s"
  name               = "on_cluster"
  table_type         = "MANAGED"
  data_source_format = "delta"
  cluster_id         = "0000-1"
  comment            = "Of ${data.databricks_table.read_later.id}."
  partitions         = ["day"]
  column {
    name     = "id"
    type     = "LONG"
    nullable = false
  }
  column {
    name    = "day"
    type    = "date"
    comment = "The day."
  }
  column {
    name = "price"
    type = "decimal"
  }
}

resource "databricks_sql_table" "external" {
  catalog_name            = "kinds"
  schema_name             = "s"
  name                    = "external"
  table_type              = "EXTERNAL"
  data_source_format      = "CSV"
  storage_location        = "s3://kinds/${terraform_data.release.output}"
  storage_credential_name = "reader"
  warehouse_id            = "w"
  options                 = { header = "true", password = var.password }
  column {
    name = "id"
    type = "struct<a:int,b:array<long>>"
  }
}

resource "databricks_sql_table" "view" {
  catalog_name    = "kinds"
  schema_name     = "s"
  name            = "view"
  table_type      = "VIEW"
  warehouse_id    = "w"
  view_definition = "SELECT * FROM ${databricks_sql_table.table.id}"
  comment         = "A view."
}

resource "databricks_sql_table" "auto_in_lower_case" {
  catalog_name = "kinds"
  schema_name  = "s"
  name         = "auto_in_lower_case"
  table_type   = "MANAGED"
  warehouse_id = "w"
  cluster_keys = ["auto"]
}

resource "databricks_online_table" "online" {
  name = "kinds.s.online"
  spec {
    source_table_full_name = databricks_sql_table.table.id
    primary_key_columns    = ["id"]
    run_triggered {}
  }
}

resource "databricks_quality_monitor" "monitor" {
  table_name         = databricks_sql_table.table.id
  assets_dir         = "/monitor"
  output_schema_name = "kinds.s"
  snapshot {}
}

resource "databricks_pipeline" "pipeline" {
  name    = "pipeline"
  catalog = "kinds"
  target  = "s"
}

resource "databricks_table" "deprecated" {
  catalog_name       = "kinds"
  schema_name        = "s"
  name               = "deprecated"
  table_type         = "MANAGED"
  data_source_format = "DELTA"
  column {
    name      = "id"
    position  = 0
    type_name = "INT"
    type_text = "int"
    type_json = "{}"
  }
}

resource "databricks_vector_search_index" "index" {
  name          = "kinds.s.index"
  endpoint_name = "e"
  primary_key   = "id"
  index_type    = "DELTA_SYNC"
  delta_sync_index_spec {
    source_table  = "kinds.s.table"
    pipeline_type = "TRIGGERED"
  }
}

check "release" {
  assert {
    condition     = terraform_data.release.output == "r1"
    error_message = "Another release."
  }
}

output "table" {
  value = databricks_sql_table.table.id
}

output "password" {
  value     = var.password
  sensitive = true
}

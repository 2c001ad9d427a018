# What the service principal may read: docs/databricks-grants.md, grant by grant, and the volumes.
# databricks_grant is about one principal. databricks_grants would take everybody else's away.

locals {
  # What the job reads from volumes: the wheel, and the settings.
  read_volumes = distinct([
    for path in compact([var.wheel, var.config]) : join(".", slice(split("/", path), 2, 5))
    if startswith(path, "/Volumes/")
  ])

  wanted = concat(
    [for name in var.catalogs : { on = "catalog", name = name, privileges = ["USE_CATALOG", "USE_SCHEMA", "SELECT"] }],
    flatten([for name in var.schemas : [
      { on = "catalog", name = split(".", name)[0], privileges = ["USE_CATALOG"] },
      { on = "schema", name = name, privileges = ["USE_SCHEMA", "SELECT"] },
    ]]),
    length(var.evidence) == 0 ? [] : [
      { on = "catalog", name = "system", privileges = ["USE_CATALOG"] },
    ],
    !contains(var.evidence, "sizes") ? [] : [
      { on = "schema", name = "system.storage", privileges = ["USE_SCHEMA"] },
      { on = "table", name = "system.storage.table_metrics_history", privileges = ["SELECT"] },
    ],
    !contains(var.evidence, "reads") ? [] : [
      { on = "schema", name = "system.access", privileges = ["USE_SCHEMA"] },
      { on = "table", name = "system.access.table_lineage", privileges = ["SELECT"] },
    ],
    !contains(var.evidence, "tags") ? [] : [
      { on = "schema", name = "system.information_schema", privileges = ["USE_SCHEMA", "SELECT"] },
    ],
    [{ on = "volume", name = var.reports_volume, privileges = ["READ_VOLUME", "WRITE_VOLUME"] }],
    [for name in local.read_volumes : { on = "volume", name = name, privileges = ["READ_VOLUME"] }],
    flatten([for name in concat([var.reports_volume], local.read_volumes) : [
      { on = "catalog", name = split(".", name)[0], privileges = ["USE_CATALOG"] },
      { on = "schema", name = join(".", slice(split(".", name), 0, 2)), privileges = ["USE_SCHEMA"] },
    ]]),
  )

  # One resource for each object, however many reasons there are for it.
  grants = {
    for on in ["catalog", "schema", "table", "volume"] : on => {
      for name in distinct([for each in local.wanted : each.name if each.on == on]) : name => distinct(flatten([
        for each in local.wanted : each.privileges if each.on == on && each.name == name
      ]))
    }
  }
}

resource "databricks_system_schema" "this" {
  for_each = var.enable_system_schemas ? toset([
    for kind, schema in { sizes = "storage", reads = "access" } : schema if contains(var.evidence, kind)
  ]) : toset([])
  schema = each.key
}

resource "databricks_grant" "catalog" {
  for_each   = local.grants.catalog
  catalog    = each.key
  principal  = local.principal
  privileges = each.value
}

resource "databricks_grant" "schema" {
  for_each   = local.grants.schema
  schema     = each.key
  principal  = local.principal
  privileges = each.value

  depends_on = [databricks_system_schema.this]
}

resource "databricks_grant" "table" {
  for_each   = local.grants.table
  table      = each.key
  principal  = local.principal
  privileges = each.value

  depends_on = [databricks_system_schema.this]
}

resource "databricks_grant" "volume" {
  for_each   = local.grants.volume
  volume     = each.key
  principal  = local.principal
  privileges = each.value

  depends_on = [databricks_volume.reports]
}

# What a nightly run of Lakewarden needs in a workspace: who runs it, what that may read, what answers
# its statements, and the job. README.md says how to use it.

locals {
  principal    = var.service_principal_application_id == null ? databricks_service_principal.this[0].application_id : var.service_principal_application_id
  warehouse_id = var.warehouse_id == null ? databricks_sql_endpoint.this[0].id : var.warehouse_id
  reports      = "/Volumes/${replace(var.reports_volume, ".", "/")}"

  # The extra `embedded`: a library of a cluster, unlike an environment, can't name an extra of a wheel.
  embedded = "gordon-to-regorus>=0.13,<0.14"

  parameters = concat(
    ["--reports", local.reports],
    ["--source", "databricks", "--engine", "embedded", "--warehouse-id", local.warehouse_id],
    flatten([for name in sort(tolist(setunion(var.catalogs, var.schemas))) : ["--include", "${name}.*"]]),
    var.config == null ? [] : ["--config", var.config],
    var.arguments,
  )
}

resource "databricks_service_principal" "this" {
  count        = var.service_principal_application_id == null ? 1 : 0
  display_name = var.name

  # To use a SQL warehouse, and to run jobs. Neither lets it see any data.
  databricks_sql_access = true
  workspace_access      = true
}

resource "databricks_access_control_rule_set" "users" {
  count = length(var.service_principal_users) > 0 ? 1 : 0
  name  = "accounts/${var.account_id}/servicePrincipals/${local.principal}/ruleSets/default"

  grant_rules {
    principals = var.service_principal_users
    role       = "roles/servicePrincipal.user"
  }
}

resource "databricks_sql_endpoint" "this" {
  count                     = var.warehouse_id == null ? 1 : 0
  name                      = var.name
  cluster_size              = "2X-Small"
  min_num_clusters          = 1
  max_num_clusters          = 1
  auto_stop_mins            = 5
  enable_serverless_compute = true
  warehouse_type            = "PRO"
}

resource "databricks_permissions" "warehouse" {
  count           = var.warehouse_id == null ? 1 : 0
  sql_endpoint_id = databricks_sql_endpoint.this[0].id

  access_control {
    service_principal_name = local.principal
    permission_level       = "CAN_USE"
  }
}

resource "databricks_volume" "reports" {
  count        = var.create_reports_volume ? 1 : 0
  catalog_name = split(".", var.reports_volume)[0]
  schema_name  = split(".", var.reports_volume)[1]
  name         = split(".", var.reports_volume)[2]
  volume_type  = "MANAGED"
  comment      = "Reports of Lakewarden: a folder for each run, and latest."
}

resource "databricks_job" "nightly" {
  name                = var.name
  description         = "Evaluates the policies for every table, and writes the reports to ${local.reports}."
  max_concurrent_runs = 1
  timeout_seconds     = var.timeout_seconds

  # The job's own identity: there is no secret to keep or to renew.
  run_as {
    service_principal_name = local.principal
  }

  schedule {
    quartz_cron_expression = var.cron
    timezone_id            = var.timezone
    pause_status           = var.pause_status
  }

  task {
    task_key        = "evaluate"
    environment_key = var.job_cluster == null ? "lakewarden" : null
    job_cluster_key = var.job_cluster == null ? null : "lakewarden"

    # A failed policy fails again a minute later. Serverless compute would retry by itself.
    max_retries               = 0
    disable_auto_optimization = var.job_cluster == null ? true : null

    python_wheel_task {
      package_name = "lakewarden"
      entry_point  = "lakewarden-databricks-job"
      parameters   = local.parameters
    }

    dynamic "library" {
      for_each = var.job_cluster == null ? [] : [var.wheel]
      content {
        whl = library.value
      }
    }

    dynamic "library" {
      for_each = var.job_cluster == null ? [] : [local.embedded]
      content {
        pypi {
          package = library.value
        }
      }
    }
  }

  dynamic "environment" {
    for_each = var.job_cluster == null ? [var.wheel] : []
    content {
      environment_key = "lakewarden"
      spec {
        client       = var.environment_version
        dependencies = ["${environment.value}[embedded]"]
      }
    }
  }

  dynamic "job_cluster" {
    for_each = var.job_cluster == null ? [] : [var.job_cluster]
    content {
      job_cluster_key = "lakewarden"
      new_cluster {
        spark_version      = job_cluster.value.spark_version
        node_type_id       = job_cluster.value.node_type_id
        num_workers        = 0
        data_security_mode = "SINGLE_USER"
        single_user_name   = local.principal
        spark_conf = {
          "spark.databricks.cluster.profile" = "singleNode"
          "spark.master"                     = "local[*]"
        }
        custom_tags = {
          ResourceClass = "SingleNode"
        }
      }
    }
  }

  dynamic "email_notifications" {
    for_each = length(var.notify) > 0 ? [var.notify] : []
    content {
      on_failure = email_notifications.value
    }
  }

  depends_on = [
    databricks_access_control_rule_set.users,
    databricks_grant.catalog,
    databricks_grant.schema,
    databricks_grant.table,
    databricks_grant.volume,
    databricks_permissions.warehouse,
  ]
}

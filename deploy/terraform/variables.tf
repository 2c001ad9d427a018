variable "catalogs" {
  description = "Catalogs whose tables are evaluated, with every schema in them, those made later included."
  type        = set(string)
  default     = []

  validation {
    condition     = length(var.catalogs) + length(var.schemas) > 0
    error_message = "Name at least one catalog in catalogs, or one schema in schemas."
  }
  validation {
    condition     = alltrue([for name in var.catalogs : can(regex("^[^.*`/ ]+$", name))])
    error_message = "A catalog is one name, without dots or patterns, such as main."
  }
  validation {
    condition     = !contains([for name in var.catalogs : lower(name)], "system")
    error_message = "The catalog system holds Databricks' own tables, which aren't yours to keep. Leave it out."
  }
  validation {
    condition     = alltrue([for name in var.schemas : !contains(var.catalogs, split(".", name)[0])])
    error_message = "The catalog of one of the schemas is in catalogs, which covers all its schemas. Leave one of the two out."
  }
}

variable "schemas" {
  description = "Single schemas that are evaluated, as catalog.schema, of catalogs that aren't in catalogs."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for name in var.schemas : can(regex("^[^.*`/ ]+\\.[^.*`/ ]+$", name))])
    error_message = "A schema is named with its catalog, such as main.sales."
  }
}

variable "evidence" {
  description = <<-TEXT
    What is read from system tables, each with a grant of its own: sizes (of all tables in one statement),
    reads (how often tables are read) and tags. The shipped settings need sizes only, and without it each
    size takes a statement of its own.
  TEXT
  type        = set(string)
  default     = ["sizes"]

  validation {
    condition     = length(setsubtract(var.evidence, ["sizes", "reads", "tags"])) == 0
    error_message = "The kinds of evidence are sizes, reads and tags."
  }
}

variable "reports_volume" {
  description = "The volume for the reports, as catalog.schema.volume. Its catalog and schema exist."
  type        = string

  validation {
    condition     = can(regex("^[^.*`/ ]+\\.[^.*`/ ]+\\.[^.*`/ ]+$", var.reports_volume))
    error_message = "A volume is named with its catalog and schema, such as governance.lakewarden.reports."
  }
}

variable "create_reports_volume" {
  description = "Whether to make the volume, a managed one. If false, it exists."
  type        = bool
  default     = true
}

variable "wheel" {
  description = <<-TEXT
    Where the wheel of Lakewarden is: a path in a volume or in the workspace. The wheel of this version is
    what `pip wheel --no-deps .` makes in a clone.
  TEXT
  type        = string

  validation {
    condition     = can(regex("^/(Volumes/[^/]+/[^/]+/[^/]+|Workspace)/.*lakewarden-[^/]+\\.whl$", var.wheel))
    error_message = "The wheel is a path below /Volumes/<catalog>/<schema>/<volume>/ or /Workspace/ that ends in lakewarden-<version>-py3-none-any.whl."
  }
}

variable "config" {
  description = "Folder with your settings and waivers, in a volume or in the workspace. Without it, the shipped settings decide."
  type        = string
  default     = null

  validation {
    condition     = var.config == null || can(regex("^/(Volumes/[^/]+/[^/]+/[^/]+|Workspace)(/|$)", var.config))
    error_message = "The folder is a path below /Volumes/<catalog>/<schema>/<volume>/ or /Workspace/."
  }
}

variable "arguments" {
  description = "More options of `lakewarden evaluate`, such as [\"--no-gate\"]: then a failure in the tables isn't one of the job."
  type        = list(string)
  default     = []

  validation {
    condition = alltrue([
      for argument in var.arguments :
      !can(regex("^(--source|--engine|--warehouse-id|--report|--previous)(=|$)|^-[so]", argument))
    ])
    error_message = "The module sets --source, --engine, --warehouse-id, --report and --previous itself."
  }
}

variable "service_principal_application_id" {
  description = "Application id of the service principal that the job runs as. Without it, one is made."
  type        = string
  default     = null

  validation {
    condition     = var.service_principal_application_id == null || can(regex("^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$", var.service_principal_application_id))
    error_message = "An application id is a UUID, such as 2f1c7a3e-0000-4000-8000-000000000000. It isn't the name or the number of the service principal."
  }
}

variable "account_id" {
  description = "Id of the Databricks account. It is needed for service_principal_users only."
  type        = string
  default     = null
}

variable "service_principal_users" {
  description = <<-TEXT
    Who may let jobs run as the service principal that is made, as groups/NAME, users/NAME or
    servicePrincipals/APPLICATION_ID. Whoever applies this must be among them: a job can't be given
    another identity without this role.
  TEXT
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for each in var.service_principal_users : can(regex("^(groups|users|servicePrincipals)/.+$", each))])
    error_message = "Write groups/NAME, users/NAME or servicePrincipals/APPLICATION_ID."
  }
  validation {
    condition     = length(var.service_principal_users) == 0 || (var.account_id != null && var.service_principal_application_id == null)
    error_message = "The role is given on a service principal that this module makes, and needs account_id."
  }
}

variable "warehouse_id" {
  description = <<-TEXT
    Id of a SQL warehouse that exists. Give the service principal CAN USE on it yourself: permissions set
    here would replace everybody else's. Without it, a serverless 2X-Small warehouse is made.
  TEXT
  type        = string
  default     = null

  validation {
    condition     = var.warehouse_id == null || can(regex("^[0-9a-fA-F]{16}$", var.warehouse_id))
    error_message = "A warehouse's id has 16 hexadecimal digits; it's in the address of the warehouse's page."
  }
}

variable "enable_system_schemas" {
  description = "Whether to enable the system schemas that the evidence needs. It takes an account or metastore admin."
  type        = bool
  default     = false
}

variable "name" {
  description = "Name of the job, the service principal and the warehouse."
  type        = string
  default     = "lakewarden"

  validation {
    condition     = length(trimspace(var.name)) > 0
    error_message = "The name can't be empty."
  }
}

variable "cron" {
  description = "When the job runs, in Quartz syntax: seconds, minutes, hours, day of month, month, day of week."
  type        = string
  default     = "0 0 4 * * ?"

  validation {
    condition     = can(regex("^\\S+( \\S+){5,6}$", var.cron))
    error_message = "Quartz syntax has six or seven fields and begins with seconds: 0 0 4 * * ? is every day at 04:00."
  }
}

variable "timezone" {
  description = "Time zone of the schedule, as Java names it, such as Europe/Berlin."
  type        = string
  default     = "UTC"
}

variable "pause_status" {
  description = "UNPAUSED, or PAUSED to make the job without running it."
  type        = string
  default     = "UNPAUSED"

  validation {
    condition     = contains(["UNPAUSED", "PAUSED"], var.pause_status)
    error_message = "The pause status is UNPAUSED or PAUSED."
  }
}

variable "timeout_seconds" {
  description = "How long a run may take, in seconds."
  type        = number
  default     = 14400

  validation {
    condition     = var.timeout_seconds > 0
    error_message = "The timeout is a number of seconds above 0."
  }
}

variable "notify" {
  description = "Email addresses that hear of a failed run: a mandatory policy failed, or something couldn't be read."
  type        = list(string)
  default     = []
}

variable "environment_version" {
  description = "Version of the serverless environment: 2 has Python 3.11, 3 and later have 3.12."
  type        = string
  default     = "4"

  validation {
    condition     = can(tonumber(var.environment_version)) && try(tonumber(var.environment_version) >= 2, false)
    error_message = "Lakewarden needs Python 3.11, so version 2 or later."
  }
}

variable "job_cluster" {
  description = "A cluster for the job where there is no serverless compute: Databricks Runtime 15.4 or later, and a type of node."
  type = object({
    spark_version = string
    node_type_id  = string
  })
  default = null

  validation {
    condition     = var.job_cluster == null || try(tonumber(regex("^\\d+\\.\\d+", var.job_cluster.spark_version)) >= 15.4, false)
    error_message = "Lakewarden needs Python 3.11, so Databricks Runtime 15.4 or later, such as 16.4.x-scala2.12."
  }
}

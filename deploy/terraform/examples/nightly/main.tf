# A nightly run over one catalog and one schema of another.

terraform {
  required_providers {
    databricks = { source = "databricks/databricks" }
  }
}

# Signs in as the Databricks CLI does: a profile, or the DATABRICKS_… variables.
provider "databricks" {}

module "lakewarden" {
  source = "../.."

  catalogs       = ["main"]
  schemas        = ["finance.ledger"]
  evidence       = ["sizes", "reads", "tags"]
  reports_volume = "governance.lakewarden.reports"
  wheel          = "/Volumes/governance/lakewarden/wheels/lakewarden-0.1.0-py3-none-any.whl"
  cron           = "0 30 3 * * ?"
  timezone       = "Europe/Berlin"
  notify         = ["data-platform@example.com"]
}

output "lakewarden" {
  value = module.lakewarden
}

output "service_principal_application_id" {
  description = "The identity of the job, for grants of your own."
  value       = local.principal
}

output "warehouse_id" {
  description = "The SQL warehouse that answers the statements."
  value       = local.warehouse_id
}

output "job_id" {
  description = "The job; `databricks jobs run-now JOB_ID` runs it at once."
  value       = databricks_job.nightly.id
}

output "reports" {
  description = "Where the reports are: a folder for each run, and latest."
  value       = local.reports
}

output "command" {
  description = "What the job runs, for a shell: what it prints there is what it prints in the job."
  value       = join(" ", concat(["lakewarden", "evaluate"], [for each in slice(local.parameters, 2, length(local.parameters)) : format("'%s'", each)]))
}

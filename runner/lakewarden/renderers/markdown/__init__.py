"""The report for a pull request or a job summary."""

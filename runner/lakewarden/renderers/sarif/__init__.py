"""The report as SARIF 2.1.0, whole or as GitHub's code scanning takes it."""

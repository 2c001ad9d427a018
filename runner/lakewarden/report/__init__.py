"""The report: its file, its gate and summary, and how it compares with a previous one."""

"""The subcommands of `lakewarden`, one module each: arguments in, results to stdout."""

"""What a team writes besides Rego: settings, overrides and waivers, read and checked."""

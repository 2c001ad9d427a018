"""What a team writes apart from Rego: settings, overrides and waivers, read and checked."""

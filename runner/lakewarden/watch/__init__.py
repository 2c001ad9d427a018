"""Decide again whenever a policy, a setting or a waiver changes."""

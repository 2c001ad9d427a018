"""Checkov loads a folder of checks only with this file in it."""

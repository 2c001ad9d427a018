"""Waivers outside a run: listed, checked, and edited in place."""

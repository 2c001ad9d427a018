"""Gathers what is known about a lakehouse's tables into JSON documents."""

"""A page and a text for each owner, to send around."""

"""The values that the runner's rooms hand to each other; this package imports none of them."""

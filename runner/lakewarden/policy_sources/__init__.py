"""Policies from elsewhere: a git reference, another repository, an OPA bundle; locked by digest."""

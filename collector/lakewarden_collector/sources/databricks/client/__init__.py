"""One workspace: signing in, asking, and what its words and errors mean."""

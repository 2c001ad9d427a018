"""What helps to write policies: scaffolds, checks, conventions, pages, and a watch over files."""

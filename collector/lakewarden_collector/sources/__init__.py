"""Where tables come from: one module or package for each kind of source."""

"""The file in which a collection is kept while it runs, so that it can be continued."""

"""SQL statements through the Statement Execution API: read only, paced, cancelled when left."""

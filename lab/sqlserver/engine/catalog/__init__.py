"""What exists in a database: tables, columns, keys, principals, and the views that tell clients of them."""

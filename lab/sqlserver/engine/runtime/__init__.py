"""What runs inside PostgreSQL: catalog tables, collations, and the functions T-SQL's semantics need."""

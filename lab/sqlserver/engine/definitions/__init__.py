"""CREATE, ALTER, DROP: changes of a database's catalog and of the PostgreSQL objects behind it."""

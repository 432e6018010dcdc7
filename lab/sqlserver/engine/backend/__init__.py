"""The PostgreSQL that keeps the data: its process, its databases, its connections."""

"""A SQL Server stand-in: TDS 7.4 in front, PostgreSQL behind. See README.md in this folder."""

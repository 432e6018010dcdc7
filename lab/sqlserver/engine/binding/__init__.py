"""Turns parsed T-SQL into typed PostgreSQL text, by the catalog."""

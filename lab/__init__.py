"""The lab: local PostgreSQL, Kafka, Kafka Connect and SQL Server for tests and the demo."""

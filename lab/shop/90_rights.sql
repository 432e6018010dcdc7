-- Who may do what. Membership in the owning role lets the pipeline's user make a publication of these tables.
RESET ROLE;
GRANT CREATE ON DATABASE shop TO millrace;
GRANT shop TO millrace;
GRANT USAGE ON SCHEMA public TO millrace_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO millrace_reader;
ANALYZE;

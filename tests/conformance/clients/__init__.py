"""Four clients of SQL Server behind one small interface, so that a case is written once."""

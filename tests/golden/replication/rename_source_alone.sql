-- 
UPDATE [millrace].[table_state] SET source_schema = ?, source_table = ?, target_schema = ?, target_table = ?, updated_at = SYSUTCDATETIME() WHERE pipeline = ? AND source_schema = ? AND source_table = ?;
-- values: sales orders dbo orders P public orders

-- table renamed, it was public.orders; on the target it stays dbo.orders
UPDATE [millrace].[quarantine] SET source_table = ?, target_table = ? WHERE pipeline = ? AND source_table COLLATE Latin1_General_100_BIN2 = ?;
-- values: sales.orders dbo.orders P public.orders


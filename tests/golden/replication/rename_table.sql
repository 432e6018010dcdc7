-- 
IF OBJECT_ID(N'[dbo].[it''s]') IS NOT NULL THROW 51016, N'dbo.orders cannot be renamed to it''s, a name that the target has already', 1;
EXEC sp_rename N'[dbo].[orders]', N'it''s';
IF OBJECT_ID(N'[dbo].[PK_it''s]') IS NULL AND EXISTS (SELECT 1 FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID(N'[dbo].[it''s]') AND name = N'PK_orders') EXEC sp_rename N'[dbo].[PK_orders]', N'PK_it''s', N'OBJECT';

-- 
UPDATE [millrace].[table_state] SET source_schema = ?, source_table = ?, target_schema = ?, target_table = ?, updated_at = SYSUTCDATETIME() WHERE pipeline = ? AND source_schema = ? AND source_table = ?;
-- values: sales it's dbo it's P public orders

-- table renamed, it was public.orders; dbo.orders on the target is dbo.it's now
UPDATE [millrace].[quarantine] SET source_table = ?, target_table = ? WHERE pipeline = ? AND source_table COLLATE Latin1_General_100_BIN2 = ?;
-- values: sales.it's dbo.it's P public.orders


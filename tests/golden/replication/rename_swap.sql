-- 
IF OBJECT_ID(N'[dbo].[millrace_rename_1]') IS NOT NULL THROW 51016, N'dbo.orders cannot be renamed to millrace_rename_1, a name that the target has already', 1;
EXEC sp_rename N'[dbo].[orders]', N'millrace_rename_1';
IF OBJECT_ID(N'[dbo].[PK_millrace_rename_1]') IS NULL AND EXISTS (SELECT 1 FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID(N'[dbo].[millrace_rename_1]') AND name = N'PK_orders') EXEC sp_rename N'[dbo].[PK_orders]', N'PK_millrace_rename_1', N'OBJECT';

-- 
UPDATE [millrace].[table_state] SET source_schema = ?, source_table = ?, target_schema = ?, target_table = ?, updated_at = SYSUTCDATETIME() WHERE pipeline = ? AND source_schema = ? AND source_table = ?;
-- values: public millrace_rename_1 dbo orders P public orders

-- 
UPDATE [millrace].[quarantine] SET source_table = ?, target_table = ? WHERE pipeline = ? AND source_table COLLATE Latin1_General_100_BIN2 = ?;
-- values: public.millrace_rename_1 dbo.orders P public.orders

-- 
IF OBJECT_ID(N'[dbo].[millrace_rename_2]') IS NOT NULL THROW 51016, N'dbo.archive cannot be renamed to millrace_rename_2, a name that the target has already', 1;
EXEC sp_rename N'[dbo].[archive]', N'millrace_rename_2';
IF OBJECT_ID(N'[dbo].[PK_millrace_rename_2]') IS NULL AND EXISTS (SELECT 1 FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID(N'[dbo].[millrace_rename_2]') AND name = N'PK_archive') EXEC sp_rename N'[dbo].[PK_archive]', N'PK_millrace_rename_2', N'OBJECT';

-- 
UPDATE [millrace].[table_state] SET source_schema = ?, source_table = ?, target_schema = ?, target_table = ?, updated_at = SYSUTCDATETIME() WHERE pipeline = ? AND source_schema = ? AND source_table = ?;
-- values: public millrace_rename_2 dbo archive P public archive

-- 
UPDATE [millrace].[quarantine] SET source_table = ?, target_table = ? WHERE pipeline = ? AND source_table COLLATE Latin1_General_100_BIN2 = ?;
-- values: public.millrace_rename_2 dbo.archive P public.archive

-- 
IF OBJECT_ID(N'[dbo].[archive]') IS NOT NULL THROW 51016, N'dbo.orders cannot be renamed to archive, a name that the target has already', 1;
EXEC sp_rename N'[dbo].[millrace_rename_1]', N'archive';
IF OBJECT_ID(N'[dbo].[PK_archive]') IS NULL AND EXISTS (SELECT 1 FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID(N'[dbo].[archive]') AND name = N'PK_millrace_rename_1') EXEC sp_rename N'[dbo].[PK_millrace_rename_1]', N'PK_archive', N'OBJECT';

-- 
UPDATE [millrace].[table_state] SET source_schema = ?, source_table = ?, target_schema = ?, target_table = ?, updated_at = SYSUTCDATETIME() WHERE pipeline = ? AND source_schema = ? AND source_table = ?;
-- values: public archive dbo archive P public millrace_rename_1

-- table renamed, it was public.orders; dbo.orders on the target is dbo.archive now
UPDATE [millrace].[quarantine] SET source_table = ?, target_table = ? WHERE pipeline = ? AND source_table COLLATE Latin1_General_100_BIN2 = ?;
-- values: public.archive dbo.archive P public.millrace_rename_1

-- 
IF OBJECT_ID(N'[dbo].[orders]') IS NOT NULL THROW 51016, N'dbo.archive cannot be renamed to orders, a name that the target has already', 1;
EXEC sp_rename N'[dbo].[millrace_rename_2]', N'orders';
IF OBJECT_ID(N'[dbo].[PK_orders]') IS NULL AND EXISTS (SELECT 1 FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID(N'[dbo].[orders]') AND name = N'PK_millrace_rename_2') EXEC sp_rename N'[dbo].[PK_millrace_rename_2]', N'PK_orders', N'OBJECT';

-- 
UPDATE [millrace].[table_state] SET source_schema = ?, source_table = ?, target_schema = ?, target_table = ?, updated_at = SYSUTCDATETIME() WHERE pipeline = ? AND source_schema = ? AND source_table = ?;
-- values: public orders dbo orders P public millrace_rename_2

-- table renamed, it was public.archive; dbo.archive on the target is dbo.orders now
UPDATE [millrace].[quarantine] SET source_table = ?, target_table = ? WHERE pipeline = ? AND source_table COLLATE Latin1_General_100_BIN2 = ?;
-- values: public.orders dbo.orders P public.millrace_rename_2


-- 
DECLARE @sql nvarchar(max) = (SELECT N'ALTER TABLE ' + N'[dbo].[orders]' + N' DROP CONSTRAINT ' + QUOTENAME(name) FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID(N'[dbo].[orders]') AND type = 'PK'); EXEC sp_executesql @sql;

-- 
ALTER TABLE [dbo].[orders] ALTER COLUMN [note] nvarchar(450) COLLATE Latin1_General_100_BIN2 NOT NULL;

-- 
ALTER TABLE [dbo].[orders] ALTER COLUMN [part] nvarchar(40) COLLATE Latin1_General_100_BIN2 NOT NULL;

-- key changed: part, note
ALTER TABLE [dbo].[orders] ADD PRIMARY KEY CLUSTERED ([part], [note]);

-- then: id=id:int! note=note:nvarchar(450)! size=size:int part=part:nvarchar(40)!
-- version 2, key part note, target key part note, left out secret

-- 
DECLARE @sql nvarchar(max) = (SELECT N'ALTER TABLE ' + N'[dbo].[orders]' + N' DROP CONSTRAINT ' + QUOTENAME(name) FROM sys.key_constraints WHERE parent_object_id = OBJECT_ID(N'[dbo].[orders]') AND type = 'PK'); EXEC sp_executesql @sql;

-- 
ALTER TABLE [dbo].[orders] ALTER COLUMN [id] bigint NOT NULL;

-- column id changed: int8, was int4; on the target bigint, was int
ALTER TABLE [dbo].[orders] ADD PRIMARY KEY CLUSTERED ([id]);

-- then: id=id:bigint! note=note:nvarchar(max) size=size:int part=part:nvarchar(40)!
-- version 2, key id, target key id, left out secret

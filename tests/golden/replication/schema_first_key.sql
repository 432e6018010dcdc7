-- 
ALTER TABLE [dbo].[orders] ALTER COLUMN [id] int NOT NULL;

-- key changed: id
ALTER TABLE [dbo].[orders] ADD PRIMARY KEY CLUSTERED ([id]);

-- then: id=id:int! note=note:nvarchar(max)
-- version 2, key id, target key id, left out

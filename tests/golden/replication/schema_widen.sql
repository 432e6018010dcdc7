-- dbo.orders: column size is bigint, was int
ALTER TABLE [dbo].[orders] ALTER COLUMN [size] bigint NULL;

-- dbo.orders: column part is nvarchar(80), was nvarchar(40)
ALTER TABLE [dbo].[orders] ALTER COLUMN [part] nvarchar(80) NOT NULL;

-- then: id=id:int! note=note:nvarchar(max) size=size:bigint part=part:nvarchar(80)!
-- version 2, key id, target key id, left out secret

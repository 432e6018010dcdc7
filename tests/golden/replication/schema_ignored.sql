-- dbo.orders: column part takes NULL, it is dropped on the source
ALTER TABLE [dbo].[orders] ALTER COLUMN [part] nvarchar(40) NULL;

-- then: no=id:int! note=note:nvarchar(max) size=size:int
-- version 2, key no, target key id, left out secret extra

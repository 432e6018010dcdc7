-- ignored: column part dropped; the target's stays and takes NULL
ALTER TABLE [dbo].[orders] ALTER COLUMN [part] nvarchar(40) NULL;

-- ignored: column id renamed to no; on the target it stays id


-- ignored: column extra added: int4, left out


-- ignored: column size changed: int8, was int4; the target's int stays


-- then: no=id:int! note=note:nvarchar(max) size=size:int
-- version 2, key no, target key id, left out secret extra

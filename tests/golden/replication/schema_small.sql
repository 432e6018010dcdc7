-- column part takes NULL
ALTER TABLE [dbo].[orders] ALTER COLUMN [part] nvarchar(40) NULL;

-- ignored: column gone added and gone again: left out


-- ignored: column secret renamed to hidden: it is left out


-- then: id=id:int! note=note:nvarchar(max) size=size:int part=part:nvarchar(40)
-- version 1, key id, target key id, left out hidden gone

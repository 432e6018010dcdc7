-- column size changed: int8, was int4; on the target bigint, was int
ALTER TABLE [dbo].[orders] ALTER COLUMN [size] bigint NULL;

-- column part changed: varchar, was varchar; on the target nvarchar(80), was nvarchar(40)
ALTER TABLE [dbo].[orders] ALTER COLUMN [part] nvarchar(80) NOT NULL;

-- column note changed: citext, was text; the target's nvarchar(max) holds it


-- then: id=id:int! note=note:nvarchar(max) size=size:bigint part=part:nvarchar(80)!
-- version 2, key id, target key id, left out secret

-- column plain added: int
ALTER TABLE [dbo].[orders] ADD [plain] int NULL;

-- 
ALTER TABLE [dbo].[orders] ADD [te]]xt] nvarchar(max) NULL;

-- column te]xt added: nvarchar(max), rows that are there got its default
UPDATE [dbo].[orders] SET [te]]xt] = CONVERT(nvarchar(max), ?);
-- values: it's ?

-- 
ALTER TABLE [dbo].[orders] ADD [raw] varbinary(max) NULL;

-- column raw added: varbinary(max), rows that are there got its default
UPDATE [dbo].[orders] SET [raw] = CONVERT(varbinary(max), ?, 1);
-- values: 0x00FF

-- 
ALTER TABLE [dbo].[orders] ADD [at] datetimeoffset(6) NULL;

-- column at added: datetimeoffset(6), rows that are there got its default
UPDATE [dbo].[orders] SET [at] = CONVERT(datetimeoffset(6), ?);
-- values: 2024-02-29 12:00:00.5+00:00

-- 
ALTER TABLE [dbo].[orders] ADD [flag] bit NULL;

-- column flag added: bit, rows that are there got its default
UPDATE [dbo].[orders] SET [flag] = CONVERT(bit, ?);
-- values: 1

-- 
ALTER TABLE [dbo].[orders] ADD [rate] float(53) NULL;

-- column rate added: float(53), rows that are there got its default
UPDATE [dbo].[orders] SET [rate] = CONVERT(float(53), ?);
-- values: 1e-07

-- then: id=id:int! note=note:nvarchar(max) size=size:int part=part:nvarchar(40)! plain=plain:int te]xt=te]xt:nvarchar(max) raw=raw:varbinary(max) at=at:datetimeoffset(6) flag=flag:bit rate=rate:float(53)
-- version 2, key id, target key id, left out secret

-- dbo.orders: column plain int added
ALTER TABLE [dbo].[orders] ADD [plain] int NULL;

-- dbo.orders: column te]xt nvarchar(max) added
ALTER TABLE [dbo].[orders] ADD [te]]xt] nvarchar(max) NULL;

-- dbo.orders: rows that are there got the default of te]xt
UPDATE [dbo].[orders] SET [te]]xt] = CONVERT(nvarchar(max), ?);
-- values: it's ?

-- dbo.orders: column raw varbinary(max) added
ALTER TABLE [dbo].[orders] ADD [raw] varbinary(max) NULL;

-- dbo.orders: rows that are there got the default of raw
UPDATE [dbo].[orders] SET [raw] = CONVERT(varbinary(max), ?, 1);
-- values: 0x00FF

-- dbo.orders: column at datetimeoffset(6) added
ALTER TABLE [dbo].[orders] ADD [at] datetimeoffset(6) NULL;

-- dbo.orders: rows that are there got the default of at
UPDATE [dbo].[orders] SET [at] = CONVERT(datetimeoffset(6), ?);
-- values: 2024-02-29 12:00:00.5+00:00

-- dbo.orders: column flag bit added
ALTER TABLE [dbo].[orders] ADD [flag] bit NULL;

-- dbo.orders: rows that are there got the default of flag
UPDATE [dbo].[orders] SET [flag] = CONVERT(bit, ?);
-- values: 1

-- dbo.orders: column rate float(53) added
ALTER TABLE [dbo].[orders] ADD [rate] float(53) NULL;

-- dbo.orders: rows that are there got the default of rate
UPDATE [dbo].[orders] SET [rate] = CONVERT(float(53), ?);
-- values: 1e-07

-- then: id=id:int! note=note:nvarchar(max) size=size:int part=part:nvarchar(40)! plain=plain:int te]xt=te]xt:nvarchar(max) raw=raw:varbinary(max) at=at:datetimeoffset(6) flag=flag:bit rate=rate:float(53)
-- version 2, key id, target key id, left out secret

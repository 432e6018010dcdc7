-- column id renamed to no
EXEC sp_rename N'[dbo].[orders].[id]', N'no', N'COLUMN';

-- column note renamed to Note
EXEC sp_rename N'[dbo].[orders].[note]', N'Note', N'COLUMN';

-- then: no=no:int! Note=Note:nvarchar(max) size=size:int part=part:nvarchar(40)!
-- version 2, key no, target key no, left out secret

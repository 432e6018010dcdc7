-- 
EXEC sp_rename N'[dbo].[orders].[note]', N'millrace_rename_1', N'COLUMN';

-- column size renamed to note
EXEC sp_rename N'[dbo].[orders].[size]', N'note', N'COLUMN';

-- column note renamed to size
EXEC sp_rename N'[dbo].[orders].[millrace_rename_1]', N'size', N'COLUMN';

-- then: id=id:int! size=size:nvarchar(max) note=note:int part=part:nvarchar(40)!
-- version 2, key id, target key id, left out secret

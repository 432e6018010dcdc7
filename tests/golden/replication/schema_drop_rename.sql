-- column note dropped
ALTER TABLE [dbo].[orders] DROP COLUMN [note];

-- column part renamed to note
EXEC sp_rename N'[dbo].[orders].[part]', N'note', N'COLUMN';

-- then: id=id:int! size=size:int note=note:nvarchar(40)!
-- version 2, key id, target key id, left out secret

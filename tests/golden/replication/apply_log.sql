-- the stage
CREATE TABLE [millrace].[stage_05c2eca872ab329a_1] ([batch] bigint NOT NULL, [seq] bigint NOT NULL, [op] tinyint NOT NULL, [mask] int NOT NULL, [c1] datetimeoffset(6) NULL, [c2] nvarchar(max) NULL, [c3] float(53) NULL, [c4] real NULL, [c5] varbinary(max) NULL)

-- one row that is the same byte for byte
DELETE TOP (1) t FROM [dbo].[log] AS t INNER JOIN [millrace].[stage_05c2eca872ab329a_1] AS s ON s.seq = ? AND EXISTS (SELECT t.[at], CONVERT(varbinary(max), t.[line]), CONVERT(varbinary(8), t.[load]), CONVERT(varbinary(4), t.[rate]), CONVERT(varbinary(max), t.[raw]) + 0x01 INTERSECT SELECT s.c1, CONVERT(varbinary(max), s.c2), CONVERT(varbinary(8), s.c3), CONVERT(varbinary(4), s.c4), CONVERT(varbinary(max), s.c5) + 0x01);
-- values: 12

-- new rows
INSERT INTO [dbo].[log] ([at], [line], [load], [rate], [raw]) SELECT s.c1, s.c2, s.c3, s.c4, s.c5 FROM [millrace].[stage_05c2eca872ab329a_1] AS s WHERE s.op = 5 AND s.seq BETWEEN ? AND ?;
-- values: 13 13


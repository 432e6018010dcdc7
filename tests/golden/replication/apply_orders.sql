-- rows that go
DELETE t FROM [dbo].[orders] AS t INNER JOIN [millrace].[stage_e554a52197679569_1] AS s ON t.[id] = s.o1 WHERE s.op IN (1, 2);

-- a run of deletes
DELETE t FROM [dbo].[orders] AS t INNER JOIN [millrace].[stage_e554a52197679569_1] AS s ON t.[id] = s.o1 WHERE s.op = 1 AND s.seq BETWEEN ? AND ?;
-- values: 4 10

-- updates, every column sent
UPDATE t SET t.[note] = s.c2, t.[paid] = s.c3 FROM [dbo].[orders] AS t INNER JOIN [millrace].[stage_e554a52197679569_1] AS s ON t.[id] = s.o1 WHERE s.op = 4;

-- updates, some without note or paid
UPDATE t SET t.[note] = CASE WHEN s.mask IN (1, 2) THEN t.[note] ELSE s.c2 END, t.[paid] = CASE WHEN s.mask IN (2) THEN t.[paid] ELSE s.c3 END FROM [dbo].[orders] AS t INNER JOIN [millrace].[stage_e554a52197679569_1] AS s ON t.[id] = s.o1 WHERE s.op = 4;

-- a run of updates
UPDATE t SET t.[note] = CASE WHEN s.mask IN (1, 2) THEN t.[note] ELSE s.c2 END, t.[paid] = CASE WHEN s.mask IN (2) THEN t.[paid] ELSE s.c3 END FROM [dbo].[orders] AS t INNER JOIN [millrace].[stage_e554a52197679569_1] AS s ON t.[id] = s.o1 WHERE s.op = 4 AND s.seq BETWEEN ? AND ?;
-- values: 4 10

-- rows that get another key
UPDATE t SET t.[id] = s.c1, t.[note] = CASE WHEN s.mask IN (1, 2) THEN t.[note] ELSE s.c2 END, t.[paid] = CASE WHEN s.mask IN (2) THEN t.[paid] ELSE s.c3 END FROM [dbo].[orders] AS t INNER JOIN [millrace].[stage_e554a52197679569_1] AS s ON t.[id] = s.o1 WHERE s.op = 3;

-- new rows
INSERT INTO [dbo].[orders] ([id], [note], [paid]) SELECT s.c1, s.c2, s.c3 FROM [millrace].[stage_e554a52197679569_1] AS s WHERE s.op IN (5, 2);

-- a run of inserts
INSERT INTO [dbo].[orders] ([id], [note], [paid]) SELECT s.c1, s.c2, s.c3 FROM [millrace].[stage_e554a52197679569_1] AS s WHERE s.op = 5 AND s.seq BETWEEN ? AND ?;
-- values: 4 10

-- behind each of them
 IF @@ROWCOUNT <> ? THROW 51010, ?, 1;

-- values: 7 dbo.orders: UPDATE did not touch the 7 row(s) of the source


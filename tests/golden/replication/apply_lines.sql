-- the stage
CREATE TABLE [millrace].[stage_a4d07c3c787bff52_1] ([batch] bigint NOT NULL, [seq] bigint NOT NULL, [op] tinyint NOT NULL, [mask] int NOT NULL, [o1] nvarchar(40) COLLATE Latin1_General_100_BIN2 NULL, [o2] int NULL, [c1] int NULL, [c2] nvarchar(40) COLLATE Latin1_General_100_BIN2 NULL, [c3] nvarchar(max) NULL, [c4] float(53) NULL)

-- rows that go
DELETE t FROM [dbo].[order]]lines] AS t INNER JOIN [millrace].[stage_a4d07c3c787bff52_1] AS s ON t.[part] = s.o1 AND DATALENGTH(t.[part]) = DATALENGTH(s.o1) AND t.[no] = s.o2 WHERE s.op = 1;

-- updates
UPDATE t SET t.[body] = CASE WHEN s.mask IN (1) THEN t.[body] ELSE s.c3 END, t.[size] = s.c4 FROM [dbo].[order]]lines] AS t INNER JOIN [millrace].[stage_a4d07c3c787bff52_1] AS s ON t.[part] = s.o1 AND DATALENGTH(t.[part]) = DATALENGTH(s.o1) AND t.[no] = s.o2 WHERE s.op = 4;

-- rows that get another key
UPDATE t SET t.[no] = s.c1, t.[part] = s.c2, t.[body] = CASE WHEN s.mask IN (1) THEN t.[body] ELSE s.c3 END, t.[size] = s.c4 FROM [dbo].[order]]lines] AS t INNER JOIN [millrace].[stage_a4d07c3c787bff52_1] AS s ON t.[part] = s.o1 AND DATALENGTH(t.[part]) = DATALENGTH(s.o1) AND t.[no] = s.o2 WHERE s.op = 3;

-- new rows
INSERT INTO [dbo].[order]]lines] ([no], [part], [body], [size]) SELECT s.c1, s.c2, s.c3, s.c4 FROM [millrace].[stage_a4d07c3c787bff52_1] AS s WHERE s.op = 5;


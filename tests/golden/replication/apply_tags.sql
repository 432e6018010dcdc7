-- an update that changes nothing
UPDATE t SET t.[item] = s.c1, t.[tag] = s.c2 FROM [dbo].[tags] AS t INNER JOIN [millrace].[stage_1d92360590b379d1_1] AS s ON t.[item] = s.o1 AND t.[tag] = s.o2 WHERE s.op = 4;

-- rows that get another key
UPDATE t SET t.[item] = s.c1, t.[tag] = s.c2 FROM [dbo].[tags] AS t INNER JOIN [millrace].[stage_1d92360590b379d1_1] AS s ON t.[item] = s.o1 AND t.[tag] = s.o2 WHERE s.op = 3;


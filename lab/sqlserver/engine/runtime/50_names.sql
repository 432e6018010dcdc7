-- Dotted names given as text: [db].[dbo].[t]. Piece 1 is the object, 2 its schema, 3 the database.
CREATE OR REPLACE FUNCTION mssql.parse_name(v text, piece int) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE parts text[] := '{}'; part text := ''; at int := 1; c text; closing text := ''; t text := v COLLATE "C";
BEGIN
  WHILE at <= length(t) LOOP
    c := substr(t, at, 1);
    IF closing <> '' THEN
      IF c = closing THEN
        IF substr(t, at + 1, 1) = closing THEN part := part || c; at := at + 1; ELSE closing := ''; END IF;
      ELSE part := part || c;
      END IF;
    ELSIF c = '[' THEN closing := ']';
    ELSIF c = '"' THEN closing := '"';
    ELSIF c = '.' THEN parts := parts || part; part := '';
    ELSE part := part || c;
    END IF;
    at := at + 1;
  END LOOP;
  parts := parts || part;
  RETURN nullif(parts[array_length(parts, 1) - piece + 1], '');
END $$;

CREATE OR REPLACE FUNCTION mssql.object_id(v text, default_schema text, session int) RETURNS int LANGUAGE sql STABLE AS $$
  SELECT object_id FROM mssql.objects o JOIN mssql.schemas s USING (schema_id)
  WHERE lower(o.name) = lower(btrim(mssql.parse_name(v, 1)))
    AND (owner_session = session OR (owner_session IS NULL
      AND lower(s.name) = lower(coalesce(btrim(mssql.parse_name(v, 2)), default_schema)))) LIMIT 1 $$;

CREATE OR REPLACE FUNCTION mssql.max_length(type_name text, length int, prec int, scale int) RETURNS smallint
LANGUAGE sql IMMUTABLE AS $$
  SELECT (CASE
    WHEN type_name IN ('nchar', 'nvarchar') THEN CASE WHEN length = -1 THEN -1 ELSE 2 * length END
    WHEN type_name IN ('char', 'varchar', 'binary', 'varbinary') THEN length
    WHEN type_name IN ('decimal', 'numeric') THEN
      CASE WHEN prec <= 9 THEN 5 WHEN prec <= 19 THEN 9 WHEN prec <= 28 THEN 13 ELSE 17 END
    WHEN type_name = 'time' THEN 3 + CASE WHEN scale <= 2 THEN 0 WHEN scale <= 4 THEN 1 ELSE 2 END
    WHEN type_name = 'datetime2' THEN 6 + CASE WHEN scale <= 2 THEN 0 WHEN scale <= 4 THEN 1 ELSE 2 END
    WHEN type_name = 'datetimeoffset' THEN 8 + CASE WHEN scale <= 2 THEN 0 WHEN scale <= 4 THEN 1 ELSE 2 END
    WHEN type_name IN ('bit', 'tinyint') THEN 1 WHEN type_name = 'smallint' THEN 2 WHEN type_name = 'date' THEN 3
    WHEN type_name IN ('int', 'real', 'smallmoney', 'smalldatetime') THEN 4
    WHEN type_name IN ('bigint', 'float', 'money', 'datetime') THEN 8
    WHEN type_name = 'xml' THEN -1 ELSE 16 END)::smallint $$;
CREATE OR REPLACE FUNCTION mssql.precision_of(type_name text, prec int, scale int) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
  SELECT (CASE WHEN type_name IN ('decimal', 'numeric') THEN prec
    WHEN type_name = 'time' THEN 8 + CASE WHEN scale > 0 THEN scale + 1 ELSE 0 END
    WHEN type_name = 'datetime2' THEN 19 + CASE WHEN scale > 0 THEN scale + 1 ELSE 0 END
    WHEN type_name = 'datetimeoffset' THEN 26 + CASE WHEN scale > 0 THEN scale + 1 ELSE 0 END
    WHEN type_name = 'bit' THEN 1 WHEN type_name = 'tinyint' THEN 3 WHEN type_name = 'smallint' THEN 5
    WHEN type_name = 'int' THEN 10 WHEN type_name = 'bigint' THEN 19 WHEN type_name = 'real' THEN 24
    WHEN type_name = 'float' THEN 53 WHEN type_name = 'money' THEN 19 WHEN type_name = 'smallmoney' THEN 10
    WHEN type_name = 'date' THEN 10 WHEN type_name = 'datetime' THEN 23 WHEN type_name = 'smalldatetime' THEN 16
    ELSE 0 END)::smallint $$;
CREATE OR REPLACE FUNCTION mssql.scale_of(type_name text, scale int) RETURNS smallint LANGUAGE sql IMMUTABLE AS $$
  SELECT (CASE WHEN type_name IN ('decimal', 'numeric', 'time', 'datetime2', 'datetimeoffset') THEN scale
    WHEN type_name IN ('money', 'smallmoney') THEN 4 WHEN type_name = 'datetime' THEN 3 ELSE 0 END)::smallint $$;
CREATE OR REPLACE FUNCTION mssql.rowcount(id int) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE n bigint;
BEGIN
  IF to_regclass('data.t' || id) IS NULL THEN RETURN 0; END IF;
  EXECUTE format('SELECT count(*) FROM data.t%s', id) INTO n;
  RETURN n;
END $$;
CREATE OR REPLACE FUNCTION mssql.ticks(v timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT mssql.rnd_datetime((extract(epoch FROM v) * 10000000)::bigint + 621355968000000000) $$;

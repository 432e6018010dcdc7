-- Errors, and strings as SQL Server counts and cuts them.
CREATE OR REPLACE FUNCTION mssql.fail(number int, message text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION USING ERRCODE = 'MSSQL', MESSAGE = message, HINT = number::text; END $$;

CREATE OR REPLACE FUNCTION mssql.u16len(v text) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(v) = length(v) THEN length(v)
    ELSE length(v) + length(regexp_replace(v COLLATE "C", '[^\U00010000-\U0010FFFF]', '', 'g')) END $$;

CREATE OR REPLACE FUNCTION mssql.utf16(v text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF octet_length(v) = length(v) THEN
    RETURN decode(regexp_replace(encode(convert_to(v, 'UTF8'), 'hex'), '(..)', '\100', 'g'), 'hex');
  END IF;
  RETURN (SELECT string_agg(decode(CASE WHEN cp < 65536 THEN lpad(to_hex(cp & 255), 2, '0') || lpad(to_hex(cp >> 8), 2, '0')
      ELSE lpad(to_hex((cp - 65536) >> 10 & 255), 2, '0') || lpad(to_hex(216 + ((cp - 65536) >> 18)), 2, '0')
        || lpad(to_hex(cp & 255), 2, '0') || lpad(to_hex(220 + ((cp & 1023) >> 8)), 2, '0') END, 'hex'), ''::bytea ORDER BY ord)
    FROM (SELECT ascii(c) AS cp, ord FROM regexp_split_to_table(v COLLATE "C", '') WITH ORDINALITY AS s(c, ord)) AS chars);
END $$;

CREATE OR REPLACE FUNCTION mssql.utf16_text(v bytea) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE result text := ''; at int := 0; unit int; low int; size int := octet_length(v) / 2;
BEGIN
  WHILE at < size LOOP
    unit := get_byte(v, 2 * at) + 256 * get_byte(v, 2 * at + 1);
    IF unit BETWEEN 55296 AND 56319 AND at + 1 < size THEN
      low := get_byte(v, 2 * at + 2) + 256 * get_byte(v, 2 * at + 3);
      IF low BETWEEN 56320 AND 57343 THEN
        unit := 65536 + ((unit - 55296) << 10) + (low - 56320);
        at := at + 1;
      END IF;
    END IF;
    -- A lone surrogate or NUL has no form in PostgreSQL's text.
    IF unit BETWEEN 55296 AND 57343 THEN unit := 65533; END IF;
    IF unit = 0 THEN PERFORM mssql.fail(40517, 'The SQL Server stand-in cannot keep the character U+0000.'); END IF;
    result := result || chr(unit);
    at := at + 1;
  END LOOP;
  RETURN result;
END $$;

CREATE OR REPLACE FUNCTION mssql.substr16(v text, start bigint, size bigint) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE first int; last int; units int;
BEGIN
  IF size < 0 THEN
    PERFORM mssql.fail(537, 'Invalid length parameter passed to the LEFT or SUBSTRING function.');
  END IF;
  units := mssql.u16len(v);
  first := greatest(start, 1);
  last := least(start + size - 1, units);
  IF last < first THEN RETURN ''; END IF;
  IF units = length(v) THEN RETURN substr(v, first, last - first + 1); END IF;
  RETURN mssql.utf16_text(substring(mssql.utf16(v) FROM 2 * first - 1 FOR 2 * (last - first + 1)));
END $$;

CREATE OR REPLACE FUNCTION mssql.cp1252(v text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(v) = length(v) THEN v ELSE regexp_replace(v COLLATE "C",
    '[^\u0001-\u00ff\u20ac\u201a\u0192\u201e\u2026\u2020\u2021\u02c6\u2030\u0160\u2039\u0152\u017d\u2018\u2019\u201c\u201d\u2022\u2013\u2014\u02dc\u2122\u0161\u203a\u0153\u017e\u0178]',
    '?', 'g') END $$;

CREATE OR REPLACE FUNCTION mssql.vbytes(v text, utf8 boolean) RETURNS bytea
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN utf8 OR octet_length(v) = length(v) THEN convert_to(v, 'UTF8')
    ELSE convert_to(regexp_replace(v COLLATE "C", '[\u0080-\u009f]', '?', 'g'), 'WIN1252') END $$;

CREATE OR REPLACE FUNCTION mssql.vlen(v text, utf8 boolean) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN utf8 THEN octet_length(v) ELSE length(v) END $$;

-- CAST: cut to n in silence. nvarchar counts UTF-16 units, varchar bytes.
CREATE OR REPLACE FUNCTION mssql.cut_n(v text, n int) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN octet_length(v) <= n THEN v ELSE mssql.substr16(v, 1, n) END $$;
CREATE OR REPLACE FUNCTION mssql.cut_v(v text, n int, utf8 boolean) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE result text;
BEGIN
  IF octet_length(v) <= n THEN RETURN v; END IF;
  result := left(v, n);
  IF utf8 THEN
    WHILE octet_length(result) > n LOOP result := left(result, -1); END LOOP;
  END IF;
  RETURN result;
END $$;

-- Assignment: blanks past the end go, anything else is error 2628.
CREATE OR REPLACE FUNCTION mssql.too_long(place text, shown text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF place = '' THEN PERFORM mssql.fail(8152, 'String or binary data would be truncated.'); END IF;
  PERFORM mssql.fail(2628, 'String or binary data would be truncated in ' || place || '. Truncated value: ''' || shown || '''.');
END $$;
CREATE OR REPLACE FUNCTION mssql.fit_n(v text, n int, place text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF octet_length(v) <= n OR mssql.u16len(v) <= n THEN RETURN v; END IF;
  IF mssql.u16len(rtrim(v, ' ')) <= n THEN RETURN mssql.substr16(v, 1, n); END IF;
  RETURN mssql.too_long(place, mssql.substr16(v, 1, n));
END $$;
CREATE OR REPLACE FUNCTION mssql.fit_v(v text, n int, utf8 boolean, place text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF octet_length(v) <= n OR mssql.vlen(v, utf8) <= n THEN RETURN v; END IF;
  IF mssql.vlen(rtrim(v, ' '), utf8) <= n THEN RETURN mssql.cut_v(v, n, utf8); END IF;
  RETURN mssql.too_long(place, mssql.cut_v(v, n, utf8));
END $$;
CREATE OR REPLACE FUNCTION mssql.fit_b(v bytea, n int, place text) RETURNS bytea LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF octet_length(v) <= n THEN RETURN v; END IF;
  IF rtrim(v, '\x00'::bytea) = substring(v FROM 1 FOR n) THEN RETURN substring(v FROM 1 FOR n); END IF;
  PERFORM mssql.too_long(place, '');
  RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION mssql.pad_n(v text, n int) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT v || repeat(' ', n - mssql.u16len(v)) $$;
CREATE OR REPLACE FUNCTION mssql.pad_v(v text, n int, utf8 boolean) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT v || repeat(' ', n - mssql.vlen(v, utf8)) $$;
CREATE OR REPLACE FUNCTION mssql.pad_b(v bytea, n int) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT v || decode(repeat('00', greatest(n - octet_length(v), 0)), 'hex') $$;
-- A number's text that does not fit its target.
CREATE OR REPLACE FUNCTION mssql.num_text(v text, n int, src text, dst text, attempt boolean) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF length(v) <= n THEN RETURN v; END IF;
  IF attempt THEN RETURN NULL; END IF;
  IF src IN ('tinyint', 'smallint', 'int') AND dst IN ('char', 'varchar') THEN RETURN '*'; END IF;
  PERFORM mssql.fail(8115, format('Arithmetic overflow error converting %s to data type %s.', src, dst));
  RETURN NULL;
END $$;

-- A LIKE pattern as a regular expression.
CREATE OR REPLACE FUNCTION mssql.like_re(pattern text, escape text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE result text := '^'; at int := 1; c text; stop int;
BEGIN
  IF pattern IS NULL THEN RETURN NULL; END IF;
  WHILE at <= length(pattern) LOOP
    c := substr(pattern, at, 1);
    IF escape IS NOT NULL AND (c COLLATE "C") = escape AND at < length(pattern) THEN
      at := at + 1;
      result := result || regexp_replace(substr(pattern, at, 1) COLLATE "C", '([^[:alnum:][:space:]])', '\\\1');
    ELSIF (c COLLATE "C") = '%' THEN result := result || '.*';
    ELSIF (c COLLATE "C") = '_' THEN result := result || '.';
    ELSIF (c COLLATE "C") = '[' THEN
      stop := strpos(substr(pattern, at + 1) COLLATE "C", ']');
      IF stop = 0 THEN RETURN '$.'; END IF;
      result := result || '[' || replace(substr(pattern, at + 1, stop - 1) COLLATE "C", '\', '\\') || ']';
      at := at + stop;
    ELSE result := result || regexp_replace(c COLLATE "C", '([^[:alnum:][:space:]])', '\\\1');
    END IF;
    at := at + 1;
  END LOOP;
  RETURN result || '$';
END $$;

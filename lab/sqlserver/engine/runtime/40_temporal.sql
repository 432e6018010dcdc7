-- Calendar and clock values are 100 ns ticks; see types.py.
DO $$ BEGIN
  CREATE TYPE mssql.moment AS (days int, ticks bigint, off int);
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;

CREATE OR REPLACE FUNCTION mssql.day_ticks() RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS 'SELECT 864000000000';
CREATE OR REPLACE FUNCTION mssql.d_days(v date) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT v - date '0001-01-01' $$;
CREATE OR REPLACE FUNCTION mssql.p_date(v bigint) RETURNS date LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT date '0001-01-01' + (v / 864000000000)::int $$;
CREATE OR REPLACE FUNCTION mssql.rnd(v bigint, scale int) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE scale WHEN 7 THEN v WHEN 6 THEN (v + 5) / 10 * 10
    ELSE (v + (10 ^ (7 - scale))::bigint / 2) / (10 ^ (7 - scale))::bigint * (10 ^ (7 - scale))::bigint END $$;
-- datetime keeps 1/300 s and shows it as .xx0, .xx3, .xx7.
CREATE OR REPLACE FUNCTION mssql.rnd_datetime(v bigint) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT v / 10000000 * 10000000 + round(round((v % 10000000) * 3 / 100000.0) * 10 / 3)::bigint * 10000 $$;

CREATE OR REPLACE FUNCTION mssql.check_point(v bigint, dst text, src text, attempt boolean) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE r bigint := v;
BEGIN
  IF dst = 'datetime' THEN
    r := mssql.rnd_datetime(v);
    -- 1753-01-01 .. 9999-12-31
    IF r >= 552877920000000000 AND r <= 3155378975999999999 THEN RETURN r; END IF;
  ELSIF dst = 'smalldatetime' THEN
    r := (v + 300000000) / 600000000 * 600000000;
    IF r >= 599266080000000000 AND r < 655886592000000000 THEN RETURN r; END IF;
  ELSIF r >= 0 AND r <= 3155378975999999999 THEN RETURN r;
  END IF;
  IF attempt THEN RETURN NULL; END IF;
  PERFORM mssql.fail(242, format('The conversion of a %s data type to a %s data type resulted in an out-of-range value.', src, dst));
END $$;

CREATE OR REPLACE FUNCTION mssql.parse_clock(v text) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE g text[]; h int; mi int; s int;
BEGIN
  g := regexp_match(upper(v) COLLATE "C", '^\s*([0-9]{1,2})(?::([0-9]{1,2})(?::([0-9]{1,2})(?:[.:]([0-9]{1,7}))?)?)?\s*([AP]M)?\s*$');
  IF g IS NULL OR (g[2] IS NULL AND g[5] IS NULL) THEN RETURN NULL; END IF;
  h := g[1]::int; mi := coalesce(g[2], '0')::int; s := coalesce(g[3], '0')::int;
  IF g[5] IS NOT NULL THEN
    IF h NOT BETWEEN 1 AND 12 THEN RETURN NULL; END IF;
    h := h % 12 + CASE g[5] WHEN 'PM' THEN 12 ELSE 0 END;
  END IF;
  IF h > 23 OR mi > 59 OR s > 59 THEN RETURN NULL; END IF;
  RETURN ((h * 60 + mi) * 60 + s)::bigint * 10000000 + rpad(coalesce(g[4], '0'), 7, '0')::bigint;
END $$;

CREATE OR REPLACE FUNCTION mssql.parse_moment(v text) RETURNS mssql.moment LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE t text := btrim(v) COLLATE "C"; g text[]; r mssql.moment; y int; mo int; d int; rest text; z text[];
BEGIN
  IF t = '' THEN RETURN ROW(693595, 0, 0)::mssql.moment; END IF;
  g := regexp_match(t, '^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]\s*(.*))?$');
  IF g IS NULL THEN g := regexp_match(t, '^([0-9]{4})([0-9]{2})([0-9]{2})(?: \s*(.*))?$'); END IF;
  IF g IS NULL THEN
    g := regexp_match(t, '^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?: \s*(.*))?$');
    IF g IS NOT NULL THEN g := ARRAY[g[3], g[1], g[2], g[4]]; END IF;
  END IF;
  IF g IS NULL THEN
    r.days := 693595;  -- 1900-01-01
    rest := t;
  ELSE
    y := g[1]::int; mo := g[2]::int; d := g[3]::int; rest := coalesce(g[4], '');
    IF y < 1 OR mo NOT BETWEEN 1 AND 12 OR d < 1
       OR d > extract(day FROM make_date(y, mo, 1) + interval '1 month' - interval '1 day') THEN RETURN NULL; END IF;
    r.days := make_date(y, mo, d) - date '0001-01-01';
  END IF;
  r.off := 0;
  z := regexp_match(rest, '^(.*?)\s*(?:Z|([+-])([0-9]{2}):([0-9]{2}))$');
  IF z IS NOT NULL THEN
    rest := z[1];
    IF z[2] IS NOT NULL THEN
      r.off := (z[3]::int * 60 + z[4]::int) * CASE z[2] WHEN '-' THEN -1 ELSE 1 END;
      IF z[4]::int > 59 OR abs(r.off) > 840 THEN RETURN NULL; END IF;
    END IF;
  END IF;
  IF rest = '' AND g IS NOT NULL THEN r.ticks := 0; ELSE r.ticks := mssql.parse_clock(rest); END IF;
  IF r.ticks IS NULL THEN RETURN NULL; END IF;
  RETURN r;
END $$;

-- string -> date, time, point, datetimeoffset
CREATE OR REPLACE FUNCTION mssql.s_moment(v text, attempt boolean) RETURNS mssql.moment LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE r mssql.moment := mssql.parse_moment(v);
BEGIN
  IF r.days IS NULL AND NOT attempt THEN
    PERFORM mssql.fail(241, 'Conversion failed when converting date and/or time from character string.');
  END IF;
  RETURN r;
END $$;
CREATE OR REPLACE FUNCTION mssql.s_date(v text, attempt boolean) RETURNS date LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT date '0001-01-01' + (mssql.s_moment(v, attempt)).days $$;
CREATE OR REPLACE FUNCTION mssql.s_time(v text, scale int, attempt boolean) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT mssql.rnd((mssql.s_moment(v, attempt)).ticks, scale) % 864000000000 $$;
CREATE OR REPLACE FUNCTION mssql.s_point(v text, scale int, dst text, src text, attempt boolean) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE r mssql.moment; t bigint;
BEGIN
  -- A date that is written well and does not exist: datetime says that it is out of range, datetime2 that it is no date.
  IF dst IN ('datetime', 'smalldatetime') AND NOT attempt AND (v COLLATE "C") ~ '^\s*\d{4}-?\d{2}-?\d{2}' THEN
    BEGIN
      r := mssql.s_moment(v, false);
    EXCEPTION WHEN SQLSTATE 'MSSQL' THEN
      PERFORM mssql.fail(242, format('The conversion of a %s data type to a %s data type resulted in an out-of-range value.', src, dst));
    END;
  ELSE
    r := mssql.s_moment(v, attempt);
  END IF;
  t := r.days * 864000000000 + r.ticks;
  IF dst = 'datetime2' THEN t := mssql.rnd(t, scale); END IF;
  RETURN mssql.check_point(t, dst, src, attempt);
END $$;
CREATE OR REPLACE FUNCTION mssql.o_make(local bigint, off int) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT (local - off * 600000000::bigint)::numeric * 10000 + (off + 840) $$;
CREATE OR REPLACE FUNCTION mssql.s_offset(v text, scale int, attempt boolean) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE r mssql.moment := mssql.s_moment(v, attempt);
BEGIN
  RETURN mssql.o_make(mssql.rnd(r.days * 864000000000 + r.ticks, scale), r.off);
END $$;
CREATE OR REPLACE FUNCTION mssql.o_utc(v numeric) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT div(v, 10000)::bigint $$;
CREATE OR REPLACE FUNCTION mssql.o_off(v numeric) RETURNS int LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT mod(v, 10000)::int - 840 $$;
CREATE OR REPLACE FUNCTION mssql.o_local(v numeric) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT div(v, 10000)::bigint + (mod(v, 10000)::bigint - 840) * 600000000 $$;
CREATE OR REPLACE FUNCTION mssql.o_round(v numeric, scale int) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT mssql.o_make(mssql.rnd(mssql.o_local(v), scale), mssql.o_off(v)) $$;

CREATE OR REPLACE FUNCTION mssql.clock_text(t bigint, scale int) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT lpad((t / 36000000000)::text, 2, '0') || ':' || lpad((t / 600000000 % 60)::text, 2, '0') || ':'
    || lpad((t / 10000000 % 60)::text, 2, '0')
    || CASE WHEN scale > 0 THEN '.' || left(lpad((t % 10000000)::text, 7, '0'), scale) ELSE '' END $$;
CREATE OR REPLACE FUNCTION mssql.offset_text(off int) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE WHEN off < 0 THEN '-' ELSE '+' END || lpad((abs(off) / 60)::text, 2, '0') || ':' || lpad((abs(off) % 60)::text, 2, '0') $$;
CREATE OR REPLACE FUNCTION mssql.clock12(t bigint) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT lpad(((t / 36000000000 + 11) % 12 + 1)::text, 2, ' ') || ':' || lpad((t / 600000000 % 60)::text, 2, '0')
    || CASE WHEN t >= 432000000000 THEN 'PM' ELSE 'AM' END $$;

-- A moment as text in one of CONVERT's styles. kind: date, time, point, offset. NULL days for time.
CREATE OR REPLACE FUNCTION mssql.moment_text(days int, t bigint, off int, kind text, scale int, style int) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE d date; day text; zone text; parts text;
BEGIN
  IF days IS NULL AND t IS NULL THEN RETURN NULL; END IF;
  d := date '0001-01-01' + days;
  zone := CASE WHEN kind = 'offset' THEN ' ' || mssql.offset_text(off) ELSE '' END;
  day := CASE
    WHEN style IN (0, 100, 9, 109) THEN to_char(d, 'Mon') || ' ' || lpad(extract(day FROM d)::text, 2, ' ') || ' ' || to_char(d, 'YYYY')
    WHEN style = 101 THEN to_char(d, 'MM/DD/YYYY') WHEN style = 102 THEN to_char(d, 'YYYY.MM.DD')
    WHEN style = 103 THEN to_char(d, 'DD/MM/YYYY') WHEN style = 104 THEN to_char(d, 'DD.MM.YYYY')
    WHEN style = 105 THEN to_char(d, 'DD-MM-YYYY') WHEN style = 106 THEN to_char(d, 'DD Mon YYYY')
    WHEN style = 107 THEN to_char(d, 'Mon DD, YYYY') WHEN style = 110 THEN to_char(d, 'MM-DD-YYYY')
    WHEN style = 111 THEN to_char(d, 'YYYY/MM/DD') WHEN style = 112 THEN to_char(d, 'YYYYMMDD')
    WHEN style IN (20, 21, 23, 25, 120, 121, 126, 127) THEN to_char(d, 'YYYY-MM-DD')
    WHEN style IN (8, 24, 108, 14, 114) THEN '' ELSE NULL END;
  IF day IS NULL AND kind <> 'time' THEN
    PERFORM mssql.fail(281, format('%s is not a valid style number when converting from %s to a character string.', style, kind));
  END IF;
  IF kind = 'date' OR style IN (23, 101, 102, 103, 104, 105, 106, 107, 110, 111, 112) THEN RETURN day; END IF;
  parts := CASE
    WHEN style IN (0, 100) THEN mssql.clock12(t)
    WHEN style IN (20, 120, 8, 24, 108) THEN mssql.clock_text(t, 0)
    WHEN style IN (126, 127) AND t % 10000000 = 0 AND scale = 3 THEN mssql.clock_text(t, 0)
    WHEN style IN (14, 114) AND scale = 3 THEN overlay(mssql.clock_text(t, 3) PLACING ':' FROM 9 FOR 1)
    ELSE mssql.clock_text(t, scale) END;
  IF kind = 'time' OR day = '' THEN RETURN parts; END IF;
  IF style = 127 AND kind = 'offset' THEN
    t := t - off * 600000000::bigint;
    d := d + CASE WHEN t < 0 THEN -1 WHEN t >= 864000000000 THEN 1 ELSE 0 END;
    t := (t + 864000000000) % 864000000000;
    RETURN to_char(d, 'YYYY-MM-DD') || 'T' || mssql.clock_text(t, scale) || 'Z';
  END IF;
  IF style IN (126, 127) THEN RETURN day || 'T' || parts || ltrim(zone); END IF;
  RETURN day || ' ' || parts || zone;
END $$;

CREATE OR REPLACE FUNCTION mssql.part(kind text, v bigint) RETURNS int LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE d date := mssql.p_date(v); t bigint := v % 864000000000;
BEGIN
  RETURN CASE kind
    WHEN 'year' THEN extract(year FROM d) WHEN 'quarter' THEN extract(quarter FROM d)
    WHEN 'month' THEN extract(month FROM d) WHEN 'dayofyear' THEN extract(doy FROM d)
    WHEN 'day' THEN extract(day FROM d) WHEN 'weekday' THEN extract(dow FROM d) + 1
    WHEN 'week' THEN (extract(doy FROM d)::int + extract(dow FROM date_trunc('year', d::timestamp))::int + 6) / 7
    WHEN 'iso_week' THEN extract(week FROM d)
    WHEN 'hour' THEN t / 36000000000 WHEN 'minute' THEN t / 600000000 % 60 WHEN 'second' THEN t / 10000000 % 60
    WHEN 'millisecond' THEN t % 10000000 / 10000 WHEN 'microsecond' THEN t % 10000000 / 10
    WHEN 'nanosecond' THEN t % 10000000 * 100 END;
END $$;

CREATE OR REPLACE FUNCTION mssql.date_add(kind text, n bigint, v bigint) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE d date; months bigint; r bigint;
BEGIN
  months := CASE kind WHEN 'year' THEN 12 * n WHEN 'quarter' THEN 3 * n WHEN 'month' THEN n END;
  IF months IS NOT NULL THEN
    d := (mssql.p_date(v) + make_interval(months => months::int))::date;
    r := mssql.d_days(d) * 864000000000 + v % 864000000000;
  ELSE
    r := v + n * CASE kind WHEN 'week' THEN 6048000000000 WHEN 'day' THEN 864000000000 WHEN 'dayofyear' THEN 864000000000
      WHEN 'weekday' THEN 864000000000 WHEN 'hour' THEN 36000000000 WHEN 'minute' THEN 600000000
      WHEN 'second' THEN 10000000 WHEN 'millisecond' THEN 10000 WHEN 'microsecond' THEN 10 END;
    IF kind = 'nanosecond' THEN r := v + round(n / 100.0)::bigint; END IF;
  END IF;
  IF r < 0 OR r > 3155378975999999999 THEN
    PERFORM mssql.fail(517, 'Adding a value to a ''datetime2'' column caused an overflow.');
  END IF;
  RETURN r;
END $$;

CREATE OR REPLACE FUNCTION mssql.date_diff(kind text, a bigint, b bigint, big boolean) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE r numeric; unit bigint; da date := mssql.p_date(a); db date := mssql.p_date(b); months int;
BEGIN
  months := (extract(year FROM db)::int - extract(year FROM da)::int) * 12 + extract(month FROM db)::int - extract(month FROM da)::int;
  IF kind = 'year' THEN r := extract(year FROM db) - extract(year FROM da);
  ELSIF kind = 'quarter' THEN
    r := (extract(year FROM db) - extract(year FROM da)) * 4 + extract(quarter FROM db) - extract(quarter FROM da);
  ELSIF kind = 'month' THEN r := months;
  ELSIF kind = 'week' THEN r := (mssql.d_days(db) + 1) / 7 - (mssql.d_days(da) + 1) / 7;
  ELSIF kind = 'nanosecond' THEN r := (b - a)::numeric * 100;
  ELSE
    unit := CASE kind WHEN 'day' THEN 864000000000 WHEN 'dayofyear' THEN 864000000000 WHEN 'weekday' THEN 864000000000
      WHEN 'hour' THEN 36000000000 WHEN 'minute' THEN 600000000 WHEN 'second' THEN 10000000
      WHEN 'millisecond' THEN 10000 WHEN 'microsecond' THEN 10 END;
    r := b / unit - a / unit;
  END IF;
  IF NOT big AND r NOT BETWEEN -2147483648 AND 2147483647 THEN
    PERFORM mssql.fail(535, 'The datediff function resulted in an overflow. The number of dateparts separating two date/time '
      'instances is too large. Try to use datediff with a less precise datepart.');
  END IF;
  RETURN r::bigint;
END $$;

CREATE OR REPLACE FUNCTION mssql.utc_ticks() RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT ((extract(epoch FROM clock_timestamp()) * 10000000)::numeric + 621355968000000000)::bigint $$;

-- Styles 121 and 126, where every argument being there makes a value; native.sql.in has it in C.
CREATE OR REPLACE FUNCTION mssql.moment_iso(days int, t bigint, off int, kind int, scale int, style int) RETURNS text
LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT mssql.moment_text(days, t, off, (ARRAY['date', 'time', 'point', 'offset'])[kind + 1], scale, style) $$;

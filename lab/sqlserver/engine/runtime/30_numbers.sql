-- Conversions to numbers, with SQL Server's errors; attempt = TRY_CAST.
CREATE OR REPLACE FUNCTION mssql.s_int(v text, dst text, src text, attempt boolean) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE t text := btrim(v); n numeric; lo numeric; hi numeric;
BEGIN
  IF t = '' THEN RETURN 0; END IF;
  IF (t COLLATE "C") !~ '^[+-]?[0-9]+$' THEN
    IF attempt THEN RETURN NULL; END IF;
    IF dst = 'bigint' THEN PERFORM mssql.fail(8114, format('Error converting data type %s to bigint.', src)); END IF;
    PERFORM mssql.fail(245, format('Conversion failed when converting the %s value ''%s'' to data type %s.', src, v, dst));
  END IF;
  n := t::numeric;
  lo := CASE dst WHEN 'tinyint' THEN 0 WHEN 'smallint' THEN -32768 WHEN 'int' THEN -2147483648 ELSE -9223372036854775808 END;
  hi := CASE dst WHEN 'tinyint' THEN 255 WHEN 'smallint' THEN 32767 WHEN 'int' THEN 2147483647 ELSE 9223372036854775807 END;
  IF n NOT BETWEEN lo AND hi THEN
    IF attempt THEN RETURN NULL; END IF;
    IF dst = 'bigint' THEN
      PERFORM mssql.fail(8115, format('Arithmetic overflow error converting expression to data type %s.', dst));
    ELSIF dst = 'int' THEN
      PERFORM mssql.fail(248, format('The conversion of the %s value ''%s'' overflowed an int column.', src, v));
    END IF;
    PERFORM mssql.fail(244, format('The conversion of the %s value ''%s'' overflowed an %s column. Use a larger integer column.',
      src, v, CASE dst WHEN 'tinyint' THEN 'INT1' ELSE 'INT2' END));
  END IF;
  RETURN n::bigint;
END $$;

CREATE OR REPLACE FUNCTION mssql.s_bit(v text, src text, attempt boolean) RETURNS smallint
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE t text := lower(btrim(v) COLLATE "default");
BEGIN
  IF t = 'true' THEN RETURN 1; ELSIF t = 'false' OR t = '' THEN RETURN 0; END IF;
  IF (t COLLATE "C") ~ '^[+-]?[0-9]+$' THEN RETURN CASE WHEN t::numeric = 0 THEN 0 ELSE 1 END; END IF;
  IF attempt THEN RETURN NULL; END IF;
  PERFORM mssql.fail(245, format('Conversion failed when converting the %s value ''%s'' to data type bit.', src, v));
END $$;

-- number -> integer of a range; the fraction is cut off, as SQL Server does.
CREATE OR REPLACE FUNCTION mssql.n_int(v numeric, dst text, src text, attempt boolean) RETURNS bigint
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE lo numeric; hi numeric; t numeric := trunc(v);
BEGIN
  lo := CASE dst WHEN 'tinyint' THEN 0 WHEN 'smallint' THEN -32768 WHEN 'int' THEN -2147483648 ELSE -9223372036854775808 END;
  hi := CASE dst WHEN 'tinyint' THEN 255 WHEN 'smallint' THEN 32767 WHEN 'int' THEN 2147483647 ELSE 9223372036854775807 END;
  IF t BETWEEN lo AND hi THEN RETURN t::bigint; END IF;
  IF attempt THEN RETURN NULL; END IF;
  IF src IN ('int', 'bigint', 'smallint') AND dst IN ('tinyint', 'smallint') THEN
    PERFORM mssql.fail(220, format('Arithmetic overflow error for data type %s, value = %s.', dst, t));
  END IF;
  PERFORM mssql.fail(8115, format('Arithmetic overflow error converting %s to data type %s.',
    CASE WHEN src IN ('decimal', 'numeric') THEN 'numeric' WHEN src IN ('int', 'bigint') THEN 'expression' ELSE src END, dst));
END $$;

CREATE OR REPLACE FUNCTION mssql.f_exact(v float8) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT v::text::numeric $$;

CREATE OR REPLACE FUNCTION mssql.n_dec(v numeric, p int, s int, src text, attempt boolean) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  IF abs(round(v, s)) < 10::numeric ^ (p - s) THEN RETURN round(v, s); END IF;
  IF attempt THEN RETURN NULL; END IF;
  PERFORM mssql.fail(8115, format('Arithmetic overflow error converting %s to data type numeric.',
    CASE WHEN src IN ('decimal', 'numeric') THEN 'numeric' ELSE src END));
END $$;
CREATE OR REPLACE FUNCTION mssql.s_dec(v text, p int, s int, src text, attempt boolean) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE t text := btrim(v);
BEGIN
  IF (t COLLATE "C") !~ '^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$' THEN
    IF attempt THEN RETURN NULL; END IF;
    PERFORM mssql.fail(8114, format('Error converting data type %s to numeric.', src));
  END IF;
  RETURN mssql.n_dec(t::numeric, p, s, src, attempt);
END $$;
CREATE OR REPLACE FUNCTION mssql.n_money(v numeric, dst text, src text, attempt boolean) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE r numeric := round(v, 4);
BEGIN
  IF (r BETWEEN CASE dst WHEN 'money' THEN -922337203685477.5808 ELSE -214748.3648 END
       AND CASE dst WHEN 'money' THEN 922337203685477.5807 ELSE 214748.3647 END) THEN RETURN r; END IF;
  IF attempt THEN RETURN NULL; END IF;
  PERFORM mssql.fail(8115, format('Arithmetic overflow error converting %s to data type %s.', src, dst));
END $$;
CREATE OR REPLACE FUNCTION mssql.s_money(v text, dst text, src text, attempt boolean) RETURNS numeric
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE t text := replace(regexp_replace(btrim(v) COLLATE "C", '^([+-]?)[$]', '\1'), ',', '');
BEGIN
  IF t = '' THEN RETURN 0; END IF;
  IF t !~ '^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)$' THEN
    IF attempt THEN RETURN NULL; END IF;
    PERFORM mssql.fail(235, 'Cannot convert a char value to money. The char value has incorrect syntax.');
  END IF;
  RETURN mssql.n_money(t::numeric, dst, src, attempt);
END $$;
CREATE OR REPLACE FUNCTION mssql.s_float(v text, dst text, src text, attempt boolean) RETURNS float8
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE t text := btrim(v);
BEGIN
  IF t = '' THEN RETURN 0; END IF;
  IF (t COLLATE "C") !~ '^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]*)?$' THEN
    IF attempt THEN RETURN NULL; END IF;
    PERFORM mssql.fail(8114, format('Error converting data type %s to %s.', src, dst));
  END IF;
  BEGIN
    RETURN CASE dst WHEN 'real' THEN (t::real)::float8 ELSE t::float8 END;
  EXCEPTION WHEN numeric_value_out_of_range THEN
    IF attempt THEN RETURN NULL; END IF;
    PERFORM mssql.fail(8115, format('Arithmetic overflow error converting %s to data type %s.', src, dst));
  END;
END $$;
-- float -> text: style 0 six digits, 1 eight, 2 sixteen, 3 seventeen.
CREATE OR REPLACE FUNCTION mssql.f_digits(v float8, digits int) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE n numeric; e int; m text; bits bit(64); frac bigint; ex int;
BEGIN
  IF v = 0 THEN RETURN '0.' || repeat('0', digits - 1) || 'e+000'; END IF;
  -- The exact value: fraction * 2^exponent.
  bits := ('x' || encode(float8send(v), 'hex'))::bit(64);
  ex := (substring(bits FROM 2 FOR 11))::int;
  frac := (substring(bits FROM 13 FOR 52))::bigint;
  IF ex > 0 THEN frac := frac + 4503599627370496; ELSE ex := 1; END IF;
  ex := ex - 1075;
  n := CASE WHEN ex >= 0 THEN frac::numeric * 2::numeric ^ ex
       ELSE frac::numeric * 5::numeric ^ (-ex) * ('1e' || ex)::numeric END;
  e := floor(log(n))::int;
  IF n >= ('1e' || (e + 1))::numeric THEN e := e + 1; ELSIF n < ('1e' || e)::numeric THEN e := e - 1; END IF;
  n := round(n * ('1e' || (-e))::numeric, digits - 1);
  IF n >= 10 THEN n := round(n / 10, digits - 1); e := e + 1; END IF;
  m := n::text;
  RETURN CASE WHEN v < 0 THEN '-' ELSE '' END || m || 'e' || CASE WHEN e < 0 THEN '-' ELSE '+' END || lpad(abs(e)::text, 3, '0');
END $$;
CREATE OR REPLACE FUNCTION mssql.f_text(v float8, style int) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE r text; m text; e int; n numeric;
BEGIN
  IF style IN (1, 2, 3) THEN
    RETURN mssql.f_digits(v, CASE style WHEN 1 THEN 8 WHEN 2 THEN 16 ELSE 17 END);
  END IF;
  IF v = 0 THEN RETURN '0'; END IF;
  r := mssql.f_digits(v, 6);
  m := split_part(r, 'e', 1);
  e := split_part(r, 'e', 2)::int;
  IF e < -5 OR e >= 6 THEN
    m := trim_scale(m::numeric)::text;
    RETURN m || 'e' || CASE WHEN e < 0 THEN '-' ELSE '+' END || lpad(abs(e)::text, 3, '0');
  END IF;
  RETURN trim_scale(m::numeric * ('1e' || e)::numeric)::text;
END $$;
CREATE OR REPLACE FUNCTION mssql.s_uuid(v text, attempt boolean) RETURNS uuid LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE t text := left(btrim(v, '{ '), 36);
BEGIN
  IF (t COLLATE "C") ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' THEN RETURN t::uuid; END IF;
  IF attempt THEN RETURN NULL; END IF;
  PERFORM mssql.fail(8169, 'Conversion failed when converting from a character string to uniqueidentifier.');
END $$;
-- uniqueidentifier <-> binary(16): the first three groups are little-endian.
CREATE OR REPLACE FUNCTION mssql.uuid_swap(v bytea) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT substring(v, 4, 1) || substring(v, 3, 1) || substring(v, 2, 1) || substring(v, 1, 1)
    || substring(v, 6, 1) || substring(v, 5, 1) || substring(v, 8, 1) || substring(v, 7, 1) || substring(v, 9, 8) $$;
CREATE OR REPLACE FUNCTION mssql.int_bytes(v bigint, size int) RETURNS bytea LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT substring(int8send(v) FROM 9 - size FOR size) $$;
CREATE OR REPLACE FUNCTION mssql.bytes_int(v bytea, size int) RETURNS bigint LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE result bigint := 0; at int; total int := octet_length(v);
BEGIN
  FOR at IN greatest(total - size, 0) .. total - 1 LOOP result := (result << 8) | get_byte(v, at); END LOOP;
  IF size < 8 AND size > 1 AND total >= size AND result >= (1::bigint << (8 * size - 1)) THEN
    result := result - (1::bigint << (8 * size));
  END IF;
  RETURN result;
END $$;
CREATE OR REPLACE FUNCTION mssql.s_bytes(v text, style int, attempt boolean) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE t text := v COLLATE "C";
BEGIN
  IF style = 1 THEN
    IF t !~ '^0[xX]([0-9a-fA-F]{2})*$' THEN t := NULL; ELSE t := substr(t, 3); END IF;
  ELSIF t !~ '^([0-9a-fA-F]{2})*$' THEN t := NULL;
  END IF;
  IF t IS NOT NULL THEN RETURN decode(t, 'hex'); END IF;
  IF attempt THEN RETURN NULL; END IF;
  PERFORM mssql.fail(8114, 'Error converting data type varchar to varbinary.');
END $$;

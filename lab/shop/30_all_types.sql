-- One table with every type that PostgreSQL and its bundled extensions have; each value has a representation in SQL Server.
CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE EXTENSION ltree;

CREATE TYPE mood AS ENUM ('sad', 'ok', 'happy 😀');
CREATE DOMAIN positive AS integer CHECK (value > 0);
CREATE TYPE address AS (street text, zip integer);

CREATE TABLE all_types (
    id              integer PRIMARY KEY,
    c_boolean       boolean,
    c_smallint      smallint,
    c_integer       integer,
    c_bigint        bigint,
    c_oid           oid,
    c_xid           xid,
    c_real          real,
    c_double        double precision,
    c_numeric_38_10 numeric(38, 10),
    c_numeric_5_0   numeric(5),
    c_numeric_neg   numeric(5, -2),
    c_numeric_small numeric(3, 6),
    c_numeric_wide  numeric(50, 10),
    c_numeric       numeric,
    c_money         money,
    c_char          char(10),
    c_varchar       varchar(20),
    c_varchar_long  varchar(5000),
    c_text          text,
    c_citext        citext,
    c_name          name,
    c_bytea         bytea,
    c_date          date,
    c_timestamp     timestamp,
    c_timestamp_3   timestamp(3),
    c_timestamptz   timestamptz,
    c_time          time,
    c_timetz        timetz,
    c_interval      interval,
    c_uuid          uuid,
    c_json          json,
    c_jsonb         jsonb,
    c_xml           xml,
    c_enum          mood,
    c_domain        positive,
    c_int_array     integer[],
    c_text_array    text[],
    c_composite     address,
    c_int4range     int4range,
    c_tstzrange     tstzrange,
    c_multirange    nummultirange,
    c_tsvector      tsvector,
    c_tsquery       tsquery,
    c_bit1          bit(1),
    c_bit8          bit(8),
    c_varbit        varbit(16),
    c_point         point,
    c_line          line,
    c_lseg          lseg,
    c_box           box,
    c_path          path,
    c_polygon       polygon,
    c_circle        circle,
    c_pg_lsn        pg_lsn,
    c_ltree         ltree,
    c_inet          inet,
    c_cidr          cidr,
    c_macaddr       macaddr,
    c_macaddr8      macaddr8,
    c_hstore        hstore,
    c_generated     integer GENERATED ALWAYS AS (c_smallint * 2) STORED,
    c_serial        serial
);

INSERT INTO all_types (id) VALUES (1);

INSERT INTO all_types (
    id, c_boolean, c_smallint, c_integer, c_bigint, c_oid, c_xid, c_real, c_double,
    c_numeric_38_10, c_numeric_5_0, c_numeric_neg, c_numeric_small, c_numeric_wide, c_numeric, c_money,
    c_char, c_varchar, c_varchar_long, c_text, c_citext, c_name, c_bytea,
    c_date, c_timestamp, c_timestamp_3, c_timestamptz, c_time, c_timetz, c_interval,
    c_uuid, c_json, c_jsonb, c_xml, c_enum, c_domain, c_int_array, c_text_array, c_composite,
    c_int4range, c_tstzrange, c_multirange, c_tsvector, c_tsquery, c_bit1, c_bit8, c_varbit,
    c_point, c_line, c_lseg, c_box, c_path, c_polygon, c_circle, c_pg_lsn, c_ltree,
    c_inet, c_cidr, c_macaddr, c_macaddr8, c_hstore
) VALUES
(
    2, true, 16383, 2147483647, 9223372036854775807, 4294967295, '4294967295', 3.4028235e38, 1.7976931348623157e308,
    9999999999999999999999999999.9999999999, 99999, 9999900, 0.000999, 1234567890123456789012345678901234567890.0123456789, 12345678901234567890.123456789, '$922,337,203,685,477.58',
    'emoji 😀 x', 'zwanzig 🎉🎉 Zeichen!', repeat('🦊', 2500) || repeat('ü', 2500), E'line\nbreak\ttab 漢字 עברית 🏴‍☠️', 'MiXeD', 'a_name', '\x00ff10deadbeef'::bytea || decode(repeat('00ff', 5000), 'hex'),
    '9999-12-31', '9999-12-31 23:59:59.999999', '2024-06-30 12:34:56.789', '2024-06-30 23:59:59.123456+05:45', '23:59:59.999999', '12:00:00.5+15:59', '1 year -2 months 3 days -04:05:06.789012',
    'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '{ "spaced" :  1.50, "dup": 1, "dup": 2 }', '{"b": [1, null, {"ü": "😀"}], "a": 1e2}', '<root a="1"><!-- c --><x/>text</root>', 'happy 😀', 7, '{{1,NULL},{3,4}}', '[0:2]={"a,b",NULL,"q\"uote"}', ROW('Main "St"', 12345),
    '[1,10)', '["2024-01-01 00:00:00+00",)', '{[1.5,2.5),[4,5]}', 'a:1A fat:2B,4C cat:5', 'fat & (rat | !cat)', B'1', B'10101010', B'1010',
    '(1.5,-2)', '{1,2,3}', '[(0,0),(1,1)]', '(2,2),(0,0)', '((0,0),(1,1),(2,0))', '((0,0),(0,1),(1,1))', '<(1,2),3>', '16/B374D848', 'Top.Science.Astronomy',
    '2001:db8::ff00:42:8329/64', '10.1.0.0/16', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', 'a=>1, "b c"=>NULL, "q"=>"\"x\""'
),
(
    3, false, -16384, -2147483648, -9223372036854775808, 0, '3', -1.1754944e-38, 4.9e-324,
    -9999999999999999999999999999.9999999999, -99999, -100, -0.000999, -0.0000000001, -0.000000001, '-$0.01',
    '', '', '', '', '', '', '',
    '0001-01-01', '0001-01-01 00:00:00', '0001-01-01 00:00:00', '0001-01-01 00:00:00+00', '00:00:00', '00:00:00-15:59', '-178000000 years',
    '00000000-0000-0000-0000-000000000000', 'null', 'null', '', 'sad', 1, '{}', '{}', ROW(NULL, NULL),
    'empty', '(,)', '{}', '', '', B'0', B'00000000', B'',
    '(0,0)', '{0,1,0}', '[(1,1),(1,1)]', '(0,0),(0,0)', '[(0,0)]', '((0,0))', '<(0,0),0>', '0/0', '',
    '0.0.0.0', '::/0', '00:00:00:00:00:00', '00:00:00:00:00:00:00:00', ''
),
(
    4, true, 0, 0, 0, 1, '1', '-0', '-0',
    0.0000000001, 0, 0, 0, 0, 1e10, 0,
    'trail   ', 'trail   ', 'x', repeat('0123456789', 2000), 'ÄÖÜ', 'pg_type', '\x00',
    '2000-02-29', '1969-12-31 23:59:59.999999', '1582-10-15 00:00:00', '1970-01-01 00:00:00-12', '12:00:00', '12:00:00+00', '0',
    'ffffffff-ffff-ffff-ffff-ffffffffffff', '[]', '"\"\\\u00e9"', '<?xml version="1.0"?><a/>', 'ok', 2147483647, '{1}', '{"NULL",""}', ROW('', 0),
    '(,5]', '[2024-01-01,2024-01-01]', '{(,)}', 'simple', 'a <-> b', B'1', B'11111111', B'1111111111111111',
    '(1e-300,1e300)', '{-1,0,5}', '[(0.1,0.2),(0.3,0.4)]', '(1,1),(-1,-1)', '[(0,0),(1,0)]', '((1,1),(2,2),(3,1))', '<(0.1,0.1),0.5>', 'FFFFFFFF/FFFFFFFF', 'a',
    '127.0.0.1', '192.168.0.0/24', 'ff:ff:ff:ff:ff:ff', 'ff:ff:ff:ff:ff:ff:ff:ff', 'x=>y'
);

-- Values that SQL Server's types cannot hold: what the policy for them is tried on.
CREATE TABLE unrepresentable (
    id          integer PRIMARY KEY,
    c_real      real,
    c_double    double precision,
    c_numeric   numeric,
    c_date      date,
    c_timestamp timestamp,
    c_timestamptz timestamptz,
    c_time      time
);

INSERT INTO unrepresentable VALUES
(1, 'NaN', 'NaN', 'NaN', 'infinity', 'infinity', 'infinity', '24:00:00'),
(2, 'Infinity', 'Infinity', 'Infinity', '-infinity', '-infinity', '-infinity', NULL),
(3, '-Infinity', '-Infinity', '-Infinity', '0044-03-15 BC', '0044-03-15 12:00 BC', '0044-03-15 12:00+00 BC', NULL),
(4, 1, 1, 1e40, '10000-01-01', '10000-01-01 00:00', '10000-01-01 00:00+00', '23:59:59.999999');

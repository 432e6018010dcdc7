-- Tables whose names, keys or lack of one ask for care.

-- No key at all: nothing tells one row from its twin.
CREATE TABLE page_views (
    seen_at timestamptz NOT NULL,
    path    text NOT NULL,
    visitor integer
);
INSERT INTO page_views
SELECT timestamptz '2025-03-01 00:00:00+00' + n / 2 * interval '1 second', '/p/' || n / 2 % 7, nullif(n / 2 % 5, 0)
FROM generate_series(1, 40) AS n;

-- No key, but the whole old row is logged.
CREATE TABLE stock_movements (
    product_id bigint NOT NULL,
    amount     integer NOT NULL,
    reason     text
);
ALTER TABLE stock_movements REPLICA IDENTITY FULL;
INSERT INTO stock_movements
SELECT 1 + n % 120, n % 13 - 6, CASE WHEN n % 3 = 0 THEN 'Inventur' END FROM generate_series(1, 60) AS n;

-- A text key: cases, scripts, accents and emoji stay apart.
CREATE TABLE translations (
    phrase  text PRIMARY KEY,
    meaning text
);
INSERT INTO translations VALUES
('a', 'lower'), ('A', 'upper'), ('ä', 'umlaut, composed'), (U&'a\0308', 'umlaut, combining'), ('ß', 'sharp s'), ('ss', 'two s'),
('привет', 'hello'), ('こんにちは', 'hello, hiragana'), ('コンニチハ', 'hello, katakana'), ('مرحبا', 'hello'), ('שלום', 'peace'),
('😀', 'grinning'), ('😁', 'beaming'), ('👩‍👩‍👧', 'family, joined'), ('''quoted''', 'quotes'), ('[bracket]]', 'brackets'), ('', 'empty key');

CREATE TABLE "Mixed Case" (
    "Id"           integer PRIMARY KEY,
    "Größe in cm"  numeric(6, 2),
    "select"       text,
    "quote""inside" text,
    "a]b"          text
);
INSERT INTO "Mixed Case" VALUES (1, 182.50, 'a keyword', 'a "quote"', 'a ] bracket'), (2, NULL, NULL, NULL, NULL);

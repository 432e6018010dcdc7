-- The same rows in every lab. Descriptions over 8 kB of hash digits cannot be compressed, so they are TOASTed.
INSERT INTO customers (id, name, email, country, credit, preferences, active, created_at)
SELECT n,
       (ARRAY['Ada Lovelace', 'Łukasz Żółć', '山田太郎', 'Ольга Петрова', 'محمد علي', 'Zoë 🦊 Fox', 'O''Brien; --', 'नेहा शर्मा'])[1 + n % 8] || ' ' || n,
       'customer' || n || '@example.com',
       (ARRAY['DE', 'PL', 'JP', 'RU', 'EG', 'US', 'IE', 'IN'])[1 + n % 8],
       (n * 7919 % 1000000) / 100.0,
       jsonb_build_object('newsletter', n % 2 = 0, 'note', CASE WHEN n % 8 = 5 THEN 'likes 🍕' END, 'limits', jsonb_build_array(n, n / 3.0)),
       n % 11 <> 0,
       timestamptz '2024-02-29 23:59:59.999999+00' + n * interval '1 hour 1 microsecond'
FROM generate_series(1, 500) AS n;

INSERT INTO products (id, sku, name, price, weight_kg, tags, description, changed_at)
SELECT n,
       'SKU-' || lpad(n::text, 6, '0'),
       (ARRAY['Teapot', 'Kaffeemühle', '急須', 'Самовар', '🫖 Pot'])[1 + n % 5] || ' ' || n,
       n * 1.2345,
       CASE WHEN n % 7 = 0 THEN NULL ELSE n / 3.0 END,
       CASE WHEN n % 4 = 0 THEN '[]' ELSE jsonb_build_array('tag ' || n, NULL, 'quoted "tag"') END,
       CASE WHEN n % 3 = 0 THEN (SELECT string_agg(md5(n || '/' || part), '') FROM generate_series(1, 300) AS part)
            WHEN n % 3 = 1 THEN 'A short description of product ' || n END,
       timestamp '2024-01-01 00:00:00.000001' + n * interval '1 minute'
FROM generate_series(1, 120) AS n;

INSERT INTO orders (customer_id, status, note, placed_at, shipped_on)
SELECT 1 + n * 37 % 500,
       (ARRAY['new', 'paid', 'shipped', 'cancelled'])[1 + n % 4],
       CASE WHEN n % 5 = 0 THEN 'Bitte klingeln 🔔 #' || n WHEN n % 9 = 0 THEN '' END,
       timestamptz '2025-01-01 00:00:00+00' + n * interval '13 minutes 7 seconds 123456 microseconds',
       CASE WHEN n % 4 = 2 THEN date '2025-01-02' + n / 100 END
FROM generate_series(1, 1500) AS n;

INSERT INTO order_items (order_id, line_no, product_id, quantity, unit_price, discount)
SELECT o.id, line, product.id, 1 + (o.id + line) % 9, product.price, CASE WHEN line = 2 THEN 0.1 END
FROM orders AS o
CROSS JOIN LATERAL generate_series(1, 1 + (o.id % 3)::int) AS line
JOIN products AS product ON product.id = 1 + (o.id * 13 + line * 29) % 120;

UPDATE orders SET total = sums.total
FROM (SELECT order_id, sum(quantity * unit_price) AS total FROM order_items GROUP BY order_id) AS sums
WHERE sums.order_id = orders.id;

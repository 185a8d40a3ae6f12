INSERT INTO users (email, name, nickname, phone, age, balance, role, settings, created_at, seen_at)
SELECT 'user' || n || '@example.org', 'Name ' || n, CASE WHEN n % 2 = 0 THEN 'nick' || n END,
    '+49 30 ' || n, 18 + n % 60, n % 1000 + 0.25,
    (CASE WHEN n % 50 = 0 THEN 'admin' ELSE 'member' END)::user_role,
    '{"theme": ' || n % 5 || '}', timestamp '2024-01-01' + n * interval '1 minute',
    timestamptz '2024-01-01 08:30+00' + n * interval '1 minute'
FROM generate_series(1, 4000) AS n;
INSERT INTO teams (name) SELECT 'Team ' || n FROM generate_series(1, 40) AS n;
INSERT INTO orders (user_id, number, state, total, note, placed_at)
SELECT 1 + n % 4000, 'N' || n, CASE WHEN n % 3 = 0 THEN 'paid' ELSE 'open' END, n % 500 + 0.5,
    'Note ' || n, timestamptz '2024-02-01 12:00+00' + n * interval '1 minute'
FROM generate_series(1, 6000) AS n;
INSERT INTO items (order_id, sku, quantity, price)
SELECT 1 + n % 6000, 'SKU-' || n % 900, 1 + n % 4, n % 70 + 0.75 FROM generate_series(1, 8000) AS n;
INSERT INTO payments (order_id, amount, code)
SELECT n, 100 + n, 'C' || n FROM generate_series(1, 1500) AS n;
INSERT INTO countries (code, name)
SELECT chr(65 + n / 26) || chr(65 + n % 26), 'Country ' || n FROM generate_series(0, 199) AS n;
INSERT INTO measures SELECT n, timestamptz '2024-03-01' + n * interval '1 hour', n
FROM generate_series(1, 2000) AS n;
INSERT INTO measures_2025 SELECT n, timestamptz '2025-03-01' + n * interval '1 hour', n
FROM generate_series(1, 2000) AS n;
REFRESH MATERIALIZED VIEW order_values;
ANALYZE;

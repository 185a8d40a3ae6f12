WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 300)
INSERT INTO users (id, name) SELECT n, 'Name ' || n FROM numbers;
WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 300)
INSERT INTO notes (id, title, text, slug, user_id)
SELECT n, 'Title ' || n, CASE WHEN n % 2 = 0 THEN 'Text ' || n END, 'slug-' || n, n FROM numbers;
INSERT INTO tags (id, name) VALUES (1, 'red'), (2, 'green'), (3, 'blue');
INSERT INTO amounts (value) VALUES (10), (20), (30);
INSERT INTO pages (id, text) VALUES (1, 'one'), (2, 'two');
INSERT INTO marks (id, name) VALUES (1, 'a'), (2, 'b');

"""The tables of a database as the API describes them, read from the real server's catalog."""

from typing import Any

import psycopg
from psycopg.rows import dict_row

COLUMNS = """
SELECT n.nspname AS schema, c.relname AS table, a.attname AS name,
       format_type(a.atttypid, a.atttypmod) AS type,
       NOT a.attnotnull AS nullable, a.attgenerated <> '' AS generated
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind IN ('r', 'p') AND n.nspname !~ '^(pg_|information_schema$)'
ORDER BY 1, 2, a.attnum
"""
NAMES = """
(SELECT array_agg(attname::text ORDER BY place)
 FROM unnest({keys}) WITH ORDINALITY AS k (attnum, place)
 JOIN pg_attribute a ON a.attnum = k.attnum AND a.attrelid = {table})
"""
CONSTRAINTS = f"""
SELECT n.nspname AS schema, c.relname AS table, o.conname AS name, o.contype::text AS type,
       {NAMES.format(keys="o.conkey", table="o.conrelid")} AS columns,
       fn.nspname AS far_schema, f.relname AS far_table,
       {NAMES.format(keys="o.confkey", table="o.confrelid")} AS far_columns
FROM pg_constraint o
JOIN pg_class c ON c.oid = o.conrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_class f ON f.oid = o.confrelid
LEFT JOIN pg_namespace fn ON fn.oid = f.relnamespace
WHERE o.contype IN ('p', 'u', 'f') AND n.nspname !~ '^(pg_|information_schema$)'
ORDER BY 1, 2, 3
"""
KINDS = {"p": "primary_key", "u": "unique", "f": "foreign_key"}


def tables(url: str) -> list[dict[str, Any]]:
    """Every table with its columns and its keys."""
    with psycopg.connect(url, row_factory=dict_row, connect_timeout=10) as connection:
        columns = connection.execute(COLUMNS).fetchall()
        constraints = connection.execute(CONSTRAINTS).fetchall()
    names = dict.fromkeys((row["schema"], row["table"]) for row in columns)
    return [
        {
            "schema": schema,
            "name": name,
            "columns": [_column(row) for row in _of(columns, schema, name)],
            "constraints": [_constraint(row) for row in _of(constraints, schema, name)],
        }
        for schema, name in names
    ]


def _of(rows: list[dict[str, Any]], schema: str, name: str) -> list[dict[str, Any]]:
    return [row for row in rows if (row["schema"], row["table"]) == (schema, name)]


def _column(row: dict[str, Any]) -> dict[str, Any]:
    return {key: row[key] for key in ("name", "type", "nullable", "generated")}


def _constraint(row: dict[str, Any]) -> dict[str, Any]:
    body = {"name": row["name"], "type": KINDS[row["type"]], "columns": row["columns"]}
    if row["type"] != "f":
        return body
    far = {key: row[f"far_{key}"] for key in ("schema", "table", "columns")}
    return body | {"referenced_table": far}

"""A schema as a set of facts, so that two of them can be compared: one question to the catalog.

Columns with types, nullability and defaults, keys, checks, indexes, views, triggers, functions,
enums. The order of columns is none of it, nor is anything that stands in dbctl's own tables.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection

from dbctl.database import own, sqltext


class Fact(NamedTuple):
    """One thing in a schema: its kind, its name (table.column), and what it is like."""

    kind: str
    object: str
    detail: str


def facts(connection: Connection, version_table: str) -> frozenset[Fact]:
    """Everything in the schema but the version table (`name` or `schema.name`).

    The connection is left as it was found: outside a transaction when it was outside.
    """
    outside = not connection.in_transaction()
    dialect = connection.dialect.name
    rows = connection.exec_driver_sql(QUERIES[dialect]).all()
    if outside:
        connection.rollback()
    return made(dialect, rows, version_table)


def made(dialect: str, rows: Iterable[Sequence[Any]], version_table: str) -> frozenset[Fact]:
    """The facts in the rows that a dialect's query of `QUERIES` gave."""
    reading = _READINGS[dialect]
    return frozenset(
        fact
        for table, *row in rows
        if table != version_table and not own.is_own(table)
        for fact in reading(*row)
    )


# No percent sign: psycopg would read a placeholder into it.
_POSTGRES = """
WITH r AS (
  SELECT c.oid, c.relkind, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END
         || c.relname AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
   WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'dbctl')
     AND NOT c.relispartition
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')),
t AS (SELECT oid, name FROM r WHERE relkind IN ('r', 'p')),
y AS (
  SELECT y.oid, y.typtype, y.typbasetype, y.typtypmod,
         CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || y.typname AS name
    FROM pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace
   WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'dbctl')
     AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = y.oid AND d.deptype = 'e'))
SELECT t.name, 'table', t.name,
       concat_ws(', ', 'partitioned by ' || pg_get_partkeydef(c.oid),
                 CASE c.relpersistence WHEN 'u' THEN 'unlogged' END,
                 CASE WHEN c.relrowsecurity THEN 'row security' END)
  FROM t JOIN pg_class c USING (oid)
UNION ALL
SELECT p.relname, 'partition', c.oid::regclass::text,
       'of ' || p.oid::regclass || ' ' || pg_get_expr(c.relpartbound, c.oid)
  FROM pg_class c JOIN pg_inherits i ON i.inhrelid = c.oid JOIN pg_class p ON p.oid = i.inhparent
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relispartition AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_'
UNION ALL
SELECT t.name, 'column', t.name || '.' || a.attname,
       format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END
       || CASE a.attidentity WHEN 'a' THEN ' identity' WHEN 'd' THEN ' identity by default'
                             ELSE '' END
       || coalesce(CASE WHEN a.attgenerated <> '' THEN ' generated ' ELSE ' default ' END
                   || pg_get_expr(d.adbin, d.adrelid), '')
  FROM t JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped
  LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
UNION ALL
SELECT t.name, 'constraint', t.name || '.' || k.conname, pg_get_constraintdef(k.oid)
  FROM t JOIN pg_constraint k ON k.conrelid = t.oid AND k.contype IN ('p', 'u', 'f', 'c', 'x')
UNION ALL
SELECT t.name, 'index', t.name || '.' || c.relname,
       pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END
  FROM t JOIN pg_index i ON i.indrelid = t.oid JOIN pg_class c ON c.oid = i.indexrelid
 WHERE NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid
                      AND k.conrelid = t.oid)
UNION ALL
SELECT t.name, 'trigger', t.name || '.' || g.tgname, pg_get_triggerdef(g.oid)
  FROM t JOIN pg_trigger g ON g.tgrelid = t.oid AND NOT g.tgisinternal
UNION ALL
SELECT t.name, 'policy', t.name || '.' || k.polname,
       concat_ws(' ', k.polcmd, CASE WHEN k.polpermissive THEN '' ELSE 'restrictive' END,
                 'using ' || pg_get_expr(k.polqual, k.polrelid),
                 'with check ' || pg_get_expr(k.polwithcheck, k.polrelid))
  FROM t JOIN pg_policy k ON k.polrelid = t.oid
UNION ALL
SELECT r.name, CASE r.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, r.name,
       pg_get_viewdef(r.oid)
  FROM r WHERE r.relkind IN ('v', 'm')
UNION ALL
SELECT r.name, 'sequence', r.name,
       concat_ws(' ', format_type(s.seqtypid, NULL), 'from', s.seqstart, 'by', s.seqincrement,
                 'in', s.seqmin, 'to', s.seqmax, CASE WHEN s.seqcycle THEN 'cycle' END)
  FROM r JOIN pg_sequence s ON s.seqrelid = r.oid
 WHERE r.relkind = 'S' AND NOT EXISTS (
       SELECT FROM pg_depend d WHERE d.objid = r.oid AND d.deptype IN ('a', 'i'))
UNION ALL
SELECT y.name, 'enum', y.name, (SELECT string_agg(quote_literal(e.enumlabel), ', '
                                       ORDER BY e.enumsortorder)
                                  FROM pg_enum e WHERE e.enumtypid = y.oid)
  FROM y WHERE y.typtype = 'e'
UNION ALL
SELECT y.name, 'domain', y.name,
       concat_ws(' ', format_type(y.typbasetype, y.typtypmod),
                 CASE WHEN o.typnotnull THEN 'not null' END, 'default ' || o.typdefault,
                 (SELECT string_agg(pg_get_constraintdef(k.oid), ' ' ORDER BY k.conname)
                    FROM pg_constraint k WHERE k.contypid = y.oid AND k.contype = 'c'))
  FROM y JOIN pg_type o USING (oid) WHERE y.typtype = 'd'
UNION ALL
SELECT p.proname, CASE p.prokind WHEN 'a' THEN 'aggregate' ELSE 'function' END,
       p.oid::regprocedure::text,
       CASE p.prokind WHEN 'a' THEN format_type(p.prorettype, NULL)
                      ELSE pg_get_functiondef(p.oid) END
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'dbctl')
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
"""
_SQLITE = """
WITH t AS (SELECT name, sql FROM sqlite_master
            WHERE type = 'table' AND name NOT GLOB 'sqlite_*')
SELECT t.name, 'table', t.name, t.sql FROM t
UNION ALL
SELECT t.name, 'column', t.name || '.' || c.name,
       upper(c.type) || CASE WHEN c."notnull" THEN ' not null' ELSE '' END
       || CASE WHEN c.pk THEN ' primary key ' || c.pk ELSE '' END
       || CASE WHEN c.hidden THEN ' generated' ELSE '' END
       || coalesce(' default ' || c.dflt_value, '')
  FROM t, pragma_table_xinfo(t.name) c
UNION ALL
SELECT name, 'foreign key', name || '.' || group_concat(source, '+'),
       parent || ' (' || group_concat(target, ', ') || ') on update ' || lower(changed)
       || ' on delete ' || lower(gone)
  FROM (SELECT t.name, f.id, f."table" AS parent, f."from" AS source,
               coalesce(f."to", 'its key') AS target, f.on_update AS changed, f.on_delete AS gone
          FROM t, pragma_foreign_key_list(t.name) f ORDER BY t.name, f.id, f.seq)
 GROUP BY name, id
UNION ALL
SELECT name, 'unique', name || '.' || group_concat(part, '+'), ''
  FROM (SELECT t.name, l.name AS made, p.name AS part
          FROM t, pragma_index_list(t.name) l, pragma_index_info(l.name) p
         WHERE l.origin = 'u' ORDER BY t.name, l.name, p.seqno)
 GROUP BY name, made
UNION ALL
SELECT tbl_name, type, tbl_name || '.' || name, sql FROM sqlite_master
 WHERE type <> 'table' AND sql IS NOT NULL
"""
_WORD_IN_QUOTES = re.compile(r'["`\[]([A-Za-z_]\w*)["`\]]')


def _as_it_is(*row: Any) -> list[Fact]:  # noqa: ANN401 - a row
    return [Fact(*(str(part or "") for part in row))]


def _sqlite(kind: str, name: str, detail: str | None) -> list[Fact]:
    """SQLite keeps the text of a statement: layout and needless quotes are no difference."""
    if kind == "table":
        checks = sqltext.checks(detail or "")
        return [
            Fact("table", name, ""),
            *(Fact("check", f"{name} {_tidy(condition)}", "") for _, condition in checks),
        ]
    return [Fact(kind, name, _tidy(detail or ""))]


def _tidy(text: str) -> str:
    return " ".join(_WORD_IN_QUOTES.sub(r"\1", text).split())


QUERIES = {"postgresql": _POSTGRES, "sqlite": _SQLITE}
_READINGS = {"postgresql": _as_it_is, "sqlite": _sqlite}

"""What PostgreSQL's catalog is asked, and what its answers are called in short."""

import re

# The tables that are neither the system's, an extension's, dbctl's nor parts of another.
_USERS = """c.relkind IN ('r', 'p') AND NOT c.relispartition
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'dbctl')
   AND n.nspname NOT LIKE 'pg_toast%' AND n.nspname NOT LIKE 'pg_temp%'
   AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')"""
_NAME = "CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE n.nspname || '.' END || c.relname"

# Whether dbctl's mark may be read; NULL where there is none, or another thing of that name.
_MARK = """
SELECT has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE n.nspname = 'dbctl' AND c.relname = 'mark' AND c.relkind = 'r'
   AND 2 = (SELECT count(*) FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attname IN ('key', 'value') AND NOT a.attisdropped)
"""
LOOK = f"""
SELECT current_setting('server_version'),
       current_database(),
       current_database() || ' ' || (SELECT oid FROM pg_database WHERE datname = current_database())
           || ' ' || extract(epoch FROM pg_postmaster_start_time()),
       to_regclass($1) IS NOT NULL,
       (SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE {_USERS} AND c.oid IS DISTINCT FROM to_regclass($1)),
       ({_MARK})
"""
# Both tables in one go: which of them is NULL in a row tells whose it is.
VERSIONS = "SELECT version_num::text, NULL, NULL FROM {relation}"
MARK = "SELECT NULL::text, key, value FROM dbctl.mark"
# Names as a person and the models have them; the relation is what may stand in a statement.
TABLES = f"""
SELECT {_NAME} AS name, c.oid::regclass::text AS relation, pg_total_relation_size(c.oid) AS bytes
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE {_USERS} ORDER BY 1
"""
MATERIALIZED = """
SELECT c.oid::regclass::text FROM pg_class c WHERE c.relkind = 'm' AND c.relispopulated ORDER BY 1
"""
RELATIONS = f"""
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE {_USERS} AND {_NAME} = ANY ($1::text[])
"""
DETAIL = """
SELECT oid::regclass::text, pg_total_relation_size(oid) FROM pg_class
 WHERE oid = coalesce(to_regclass($1), to_regclass(quote_ident($1))) AND relkind IN ('r', 'p')
"""
COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type,
       NOT a.attnotnull AS nullable, pg_get_expr(d.adbin, d.adrelid) AS default,
       CASE WHEN EXISTS (SELECT FROM pg_constraint p WHERE p.conrelid = a.attrelid
                            AND p.contype = 'p' AND a.attnum = ANY (p.conkey)) THEN 'primary'
            ELSE coalesce(f.parent, '') END AS key,
       coalesce(f.parent || '.' || f.parent_column, '') AS references,
       coalesce(f.on_delete, '') AS on_delete, a.attidentity <> '' AS identity,
       a.attgenerated <> '' AS generated, coalesce(col_description(a.attrelid, a.attnum), '')
           AS comment
  FROM pg_attribute a LEFT JOIN pg_attrdef d ON (d.adrelid, d.adnum) = (a.attrelid, a.attnum)
  LEFT JOIN LATERAL (
       SELECT k.confrelid::regclass::text AS parent, quote_ident(p.attname) AS parent_column,
              CASE k.confdeltype WHEN 'c' THEN 'cascade' WHEN 'n' THEN 'set null'
                                 WHEN 'd' THEN 'set default' WHEN 'r' THEN 'restrict' END
                  AS on_delete
         FROM pg_constraint k JOIN pg_attribute p ON p.attrelid = k.confrelid
              AND p.attnum = k.confkey[array_position(k.conkey, a.attnum)]
        WHERE k.conrelid = a.attrelid AND k.contype = 'f' AND a.attnum = ANY (k.conkey)
        ORDER BY k.oid LIMIT 1) f ON true
 WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY a.attnum
"""
INDEXES = """
SELECT i.indexrelid::regclass::text,
       ARRAY(SELECT pg_get_indexdef(i.indexrelid, k, true)
               FROM generate_series(1, i.indnkeyatts) k),
       i.indisunique, pg_get_indexdef(i.indexrelid),
       coalesce(pg_get_expr(i.indpred, i.indrelid, true), ''), i.indisvalid
  FROM pg_index i WHERE i.indrelid = $1::regclass ORDER BY 1
"""
CHECKS = """
SELECT conname, pg_get_expr(conbin, conrelid, true) FROM pg_constraint
 WHERE conrelid = $1::regclass AND contype = 'c' ORDER BY conname
"""
# Of other roles' sessions an ordinary role is not told the kind and the address.
USE = """
SELECT pg_database_size(current_database()) AS bytes, coalesce(application, '') AS application,
       coalesce(role, '') AS role, coalesce(address, '') AS address, sessions
  FROM (SELECT) here LEFT JOIN (
       SELECT application_name AS application, usename::text AS role,
              host(client_addr) AS address, count(*)::int AS sessions
         FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()
          AND coalesce(backend_type, 'client backend') = 'client backend'
        GROUP BY 1, 2, 3) others ON true
 ORDER BY sessions DESC NULLS LAST, 2, 3, 4
"""
TLS = "SELECT version || ', ' || cipher FROM pg_stat_ssl WHERE pid = pg_backend_pid() AND ssl"
LEFTOVERS = """
SELECT c.oid::regclass::text,
       CASE WHEN pg_table_is_visible(c.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END
           || quote_ident(substr(c.relname, 14)),
       EXISTS (SELECT FROM pg_class o WHERE o.relnamespace = c.relnamespace
                  AND o.relname = substr(c.relname, 14))
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'r' AND c.relname ~ '^_alembic_tmp_.' ORDER BY 1
"""
# An index that is being built just now is not valid yet, and nothing is wrong with it.
INVALID_INDEXES = """
SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
 WHERE NOT i.indisvalid AND c.relkind = 'i' AND NOT EXISTS (
       SELECT FROM pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)
 ORDER BY 1
"""
TRY_LOCK = "SELECT pg_try_advisory_lock($1)"
_BACKEND = """a.pid, a.application_name, coalesce(host(a.client_addr), 'local'),
       extract(epoch FROM now() - coalesce(a.xact_start, a.backend_start)), a.query"""
# The number of an advisory lock is kept in two halves.
LOCK_HOLDER = f"""
SELECT {_BACKEND.replace("a.query", "''")} FROM pg_locks l JOIN pg_stat_activity a USING (pid)
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND (l.classid::bigint << 32) | l.objid::bigint = $1
"""
BLOCKERS = f"""
SELECT DISTINCT {_BACKEND}
  FROM unnest($1::int[]) w, unnest(pg_blocking_pids(w)) b JOIN pg_stat_activity a ON a.pid = b
"""
_SHORT = (
    (re.compile(r"\bcharacter varying\b"), "varchar"),
    (re.compile(r"\bcharacter\b"), "char"),
    (re.compile(r"\bbit varying\b"), "varbit"),
    (re.compile(r"\b(time|timestamp)((?:\(\d\))?) with time zone\b"), r"\1tz\2"),
    (re.compile(r"\b(time|timestamp)((?:\(\d\))?) without time zone\b"), r"\1\2"),
)
_CAST = re.compile(r"""::("[^"]+"|[a-z_.][\w. ]*)(\([\d,]+\))?(\[\])*$""")


def short_type(name: str) -> str:
    """The usual name of a type: `timestamp with time zone` is timestamptz."""
    if '"' in name:
        return name
    for pattern, short in _SHORT:
        name = pattern.sub(short, name)
    return name


def short_default(default: str | None, *, identity: bool, generated: bool) -> str:
    """A default for a person: counters are `auto`, and the cast at the end is left out."""
    if identity:
        return "identity"
    if default is None:
        return ""
    if generated:
        return f"= {default}"
    return "auto" if default.startswith("nextval(") else _CAST.sub("", default)

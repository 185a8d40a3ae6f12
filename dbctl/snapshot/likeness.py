"""What a dump does not hold of a PostgreSQL database: encoding, owner, settings, privileges."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import asyncpg

from dbctl.database.postgres import quoted

# Columns differ from version to version: a row as JSON has those that there are.
_PROPERTIES = """
SELECT key, value FROM pg_database d,
       jsonb_each_text(to_jsonb(d) || jsonb_build_object(
           'encoding', pg_encoding_to_char(d.encoding), 'owner', pg_get_userbyid(d.datdba),
           'tablespace', (SELECT spcname FROM pg_tablespace t WHERE t.oid = d.dattablespace)))
 WHERE d.datname = $1 AND value IS NOT NULL AND key IN ('encoding', 'owner', 'tablespace',
       'datcollate', 'datctype', 'datlocprovider', 'datlocale', 'daticulocale', 'daticurules')
"""
# A list is stored as it is written after TO, anything else as a bare value.
_STATEMENTS = """
WITH d AS (SELECT * FROM pg_database WHERE datname = $1)
SELECT format('ALTER %s SET %I TO %s',
              CASE setrole WHEN 0 THEN format('DATABASE %I', $2::text)
              ELSE format('ROLE %I IN DATABASE %I', pg_get_userbyid(setrole), $2::text) END,
              split_part(one, '=', 1),
              CASE WHEN split_part(one, '=', 1) IN ('search_path', 'temp_tablespaces',
                        'local_preload_libraries', 'session_preload_libraries')
              THEN coalesce(nullif(substr(one, strpos(one, '=') + 1), ''), $$''$$)
              ELSE quote_literal(substr(one, strpos(one, '=') + 1)) END)
  FROM d JOIN pg_db_role_setting s ON s.setdatabase = d.oid, unnest(setconfig) one
UNION ALL
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $2::text) FROM d WHERE datacl IS NOT NULL
UNION ALL
SELECT format('GRANT %s ON DATABASE %I TO %s%s', privilege_type, $2::text,
              CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
              CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM d, aclexplode(datacl)
UNION ALL
SELECT format('COMMENT ON DATABASE %I IS %L', $2::text, shobj_description(oid, 'pg_database'))
  FROM d WHERE shobj_description(oid, 'pg_database') IS NOT NULL
UNION ALL
SELECT format('ALTER DATABASE %I CONNECTION LIMIT %s', $2::text, datconnlimit)
  FROM d WHERE datconnlimit >= 0
"""
DEFAULT = "pg_default"
_LOCALE = {"i": ("icu", "ICU_LOCALE"), "b": ("builtin", "BUILTIN_LOCALE")}

log = logging.getLogger("dbctl.snapshot")


class Asked(Protocol):
    """A connection or a session."""

    async def fetch(self, statement: str, /, *parameters: Any) -> Sequence[Any]:  # noqa: ANN401
        """Run one statement."""
        ...


async def properties(connection: Asked, name: str) -> dict[str, str]:
    """What a database was created with; {} when there is none of that name."""
    return {row[0]: row[1] for row in await connection.fetch(_PROPERTIES, name)}


def creation(name: str, there: Mapping[str, str], kept: Mapping[str, str]) -> str:
    """The statement that makes a database like the one that is `there`, else like the `kept` one.

    Owner and tablespace are the server's: only of one that is there they can be taken.
    """
    like, parts = there or kept, [f"CREATE DATABASE {quoted(name)} TEMPLATE template0"]
    words = {"ENCODING": "encoding", "LC_COLLATE": "datcollate", "LC_CTYPE": "datctype"}
    parts += [f"{word} {_literal(like[key])}" for word, key in words.items() if key in like]
    parts += _locale(like)
    if there:
        parts.append(f"OWNER {quoted(there['owner'])}")
    # Who names the default one must be allowed to.
    if there and there["tablespace"] != DEFAULT:
        parts.append(f"TABLESPACE {quoted(there['tablespace'])}")
    return " ".join(parts)


def _locale(like: Mapping[str, str]) -> list[str]:
    """Who sorts, where that is not the C library."""
    found = _LOCALE.get(like.get("datlocprovider", ""))
    if found is None:
        return []
    provider, word = found
    locale = like.get("datlocale") or like.get("daticulocale") or ""
    rules = [f"ICU_RULES {_literal(like['daticurules'])}"] if "daticurules" in like else []
    return [f"LOCALE_PROVIDER {provider}", f"{word} {_literal(locale)}", *rules]


async def copy(connection: "asyncpg.Connection[asyncpg.Record]", of: str, to: str) -> None:
    """Give `to` the settings, privileges, comment and limit of the database `of`.

    What this role may not set is a line in the log: the rows are there without it.
    """
    for (statement,) in await connection.fetch(_STATEMENTS, of, to):
        try:
            await connection.execute(statement)
        except asyncpg.InsufficientPrivilegeError as error:
            log.warning("not taken over from %s: %s", of, error)


def _literal(text: str) -> str:
    """`text` as an SQL string."""
    return "'" + text.replace("'", "''") + "'"

"""Whether an expression gives the same value for every row of one statement."""

import re

from dbctl.lint.catalogue import Catalogue

# pg_proc's provolatile of what people write into defaults (PostgreSQL 14 to 18).
_VOLATILE = {
    "random",
    "gen_random_uuid",
    "uuid_generate_v1",
    "uuid_generate_v1mc",
    "uuid_generate_v4",
    "uuidv4",
    "uuidv7",
    "clock_timestamp",
    "timeofday",
    "nextval",
    "currval",
    "lastval",
    "setval",
    "setseed",
    "gen_random_bytes",
    "gen_salt",
    "random_normal",
}
_STABLE = {
    "now",
    "statement_timestamp",
    "transaction_timestamp",
    "current_setting",
    "current_database",
    "current_schema",
    "timezone",
    "date_trunc",
    "to_char",
    "to_date",
    "to_timestamp",
    "age",
    "txid_current",
    "pg_current_xact_id",
}
_IMMUTABLE = {
    "lower",
    "upper",
    "coalesce",
    "concat",
    "nullif",
    "md5",
    "length",
    "round",
    "floor",
    "ceil",
    "abs",
    "array",
    "jsonb_build_object",
    "json_build_object",
    "jsonb_build_array",
    "json_build_array",
    "to_jsonb",
    "to_json",
    "make_interval",
    "make_date",
    "cast",
    "date",
    "date_part",
    "extract",
    "substring",
    "trim",
    "replace",
    "encode",
    "decode",
    "greatest",
    "least",
    "interval",
    "uuid_nil",
    "uuid_ns_dns",
    "row",
    "in",
    "and",
    "or",
    "not",
    "case",
    "when",
    "then",
    "else",
    "varchar",
    "char",
    "numeric",
    "decimal",
    "bit",
    "timestamp",
    "timestamptz",
    "time",
    "float",
    "character",
    "varying",
    "current_timestamp",
    "localtimestamp",
    "current_time",
    "localtime",
    "zone",
    "precision",
    "int4range",
    "daterange",
    "tstzrange",
    "st_geomfromtext",
    "to_tsvector",
}
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_CALL = re.compile(r"([a-z_][\w$]*)\s*\(", re.IGNORECASE)


def volatility(expression: str, known: Catalogue) -> tuple[str, str]:
    """volatile, unknown or stable, and the function that makes it so ("" for stable)."""
    names = [name.lower() for name in _CALL.findall(_LITERAL.sub("''", expression))]
    for name in names:
        if name in _VOLATILE or known.functions.get(name) == "volatile":
            return "volatile", name
    known_names = {*_STABLE, *_IMMUTABLE, *known.functions}
    for name in names:
        if name not in known_names:
            return "unknown", name
    return "stable", ""

"""SARIF 2.1.0, which code scanning reads.

Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

import hashlib
import inspect
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import dbctl
from dbctl.lint.model import Flaw, Linted
from dbctl.lint.registry import RULES, name_of

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS = {"error": "error", "warning": "warning", "hint": "note"}


def text(found: Linted) -> str:
    """The whole document."""
    driver = {"name": "dbctl lint", "version": dbctl.__version__, "rules": _rules(found)}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one) for one in found.findings],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _rules(found: Linted) -> list[dict[str, Any]]:
    """The rules that found something; those of another program have no documentation here."""
    docs = {name_of(rule): inspect.cleandoc(rule.__doc__ or "") for rule in RULES}
    names = sorted({one.rule for one in found.findings})
    return [_rule(name, docs.get(name, name)) for name in names]


def _rule(name: str, doc: str) -> dict[str, Any]:
    return {
        "id": name,
        "shortDescription": {"text": doc.partition("\n")[0]},
        "fullDescription": {"text": doc},
    }


def _result(one: Flaw) -> dict[str, Any]:
    region = {"startLine": max(one.line, 1), "startColumn": max(one.column, 1)}
    message = one.message + (f"\n\nfix: {one.fix}" if one.fix else "")
    return {
        "ruleId": one.rule,
        "level": _LEVELS[one.level],
        "message": {"text": message},
        "locations": [
            {"physicalLocation": {"artifactLocation": {"uri": _uri(one.file)}, "region": region}}
        ],
        "partialFingerprints": {"dbctl/v1": _fingerprint(one)},
    }


def _uri(file: str) -> str:
    path = Path(file)
    return path.as_uri() if path.is_absolute() else quote(path.as_posix())


def _fingerprint(one: Flaw) -> str:
    """The same finding in a file whose lines have moved."""
    said = "\0".join((one.rule, one.revision, one.table, one.message))
    return hashlib.sha256(said.encode()).hexdigest()[:32]

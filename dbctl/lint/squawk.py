"""What `squawk` finds in the SQL of the revisions, where it is on the path.

Where a rule here judges the same, it knows more (the schema, the transaction): its word counts, and
squawk's is left out. The rest are hints.
"""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dbctl.lint import facts as f
from dbctl.lint.configuration import Configuration
from dbctl.lint.model import Flaw
from dbctl.lint.seen import Seen

SECONDS = 30
# Judged here, with more knowledge or on purpose not at all.
JUDGED = (
    "adding-field-with-default",
    "adding-foreign-key-constraint",
    "adding-not-nullable-field",
    "adding-primary-key-constraint",
    "adding-required-field",
    "adding-serial-primary-key-field",
    "assume-in-transaction",
    "ban-concurrent-index-creation-in-transaction",
    "ban-drop-column",
    "ban-drop-not-null",
    "ban-drop-table",
    "ban-truncate-cascade",
    "changing-column-type",
    "constraint-missing-not-valid",
    "disallowed-unique-constraint",
    "ban-char-field",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "prefer-big-int",
    "prefer-identity",
    "prefer-robust-stmts",
    "prefer-text-field",
    "prefer-timestamptz",
    "renaming-column",
    "renaming-table",
    "require-concurrent-index-creation",
    "require-concurrent-index-deletion",
    "require-lock-timeout",
    "require-statement-timeout",
    "require-timeout-settings",
    "require-table-schema",
    "transaction-nesting",
    "ban-uncommitted-transaction",
    "syntax-error",
    "identifier-too-long",
    "require-enum-value-ordering",
)


def flaws(revisions: Sequence[Seen], told: Configuration) -> tuple[Flaw, ...]:
    """Squawk's findings in the revisions; none where it is not installed or says nothing usable."""
    program = shutil.which("squawk")
    if program is None or not revisions:
        return ()
    with tempfile.TemporaryDirectory() as folder:
        written = {f"{number}.sql": _lines(one) for number, one in enumerate(revisions)}
        for name, lines in written.items():
            text = "".join(f"{fact.sql_line};\n" for fact in lines)
            (Path(folder) / name).write_text(text, encoding="utf-8")
        said = _asked(program, Path(folder), sorted(written), told)
    by_name = {f"{number}.sql": one for number, one in enumerate(revisions)}
    return tuple(_placed(said, by_name, written, told))


def _lines(seen: Seen) -> list[f.Fact]:
    """The facts whose SQL is a line of the file: the first of each statement."""
    done: set[tuple[int, str]] = set()
    lines: list[f.Fact] = []
    for one in seen.up:
        key = (one.fact.at.line, one.fact.sql_line)
        if one.fact.sql_line and key not in done and not isinstance(one.fact, f.Several):
            done.add(key)
            lines.append(one.fact)
    return lines


def _asked(program: str, folder: Path, names: list[str], told: Configuration) -> list[Any]:
    version = f"--pg-version={told.version[0]}.0"
    try:
        done = subprocess.run(  # noqa: S603 - words, no shell
            [program, "--reporter", "json", version, "--assume-in-transaction", *names],
            cwd=folder,
            capture_output=True,
            check=False,
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
        found = json.loads(done.stdout or b"[]")
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return []
    return found if isinstance(found, list) else []


def _placed(
    said: list[Any],
    revisions: dict[str, Seen],
    written: dict[str, list[f.Fact]],
    told: Configuration,
) -> Iterator[Flaw]:
    for one in said:
        name, rule = one["file"], str(one["rule_name"])
        lines = written.get(name, [])
        # Its lines begin at 0.
        fact = lines[one["line"]] if one["line"] < len(lines) else None
        wanted = rule not in JUDGED and f"squawk/{rule}" not in told.disabled
        if fact is not None and wanted:
            yield _flaw(revisions[name], fact, rule, one, told)


def _flaw(seen: Seen, fact: f.Fact, rule: str, one: Any, told: Configuration) -> Flaw:  # noqa: ANN401
    name = f"squawk/{rule}"
    return Flaw(
        rule=name,
        level=told.levels.get(name, "hint"),
        revision=seen.header.revision,
        file=str(seen.source.file),
        line=fact.at.line,
        column=fact.at.column,
        table=fact.table,
        message=" ".join(str(one["message"]).split()),
        fix=" ".join(str(one.get("help") or "").split()),
    )

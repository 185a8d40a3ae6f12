"""Writes docs/lint.md from the rules' docstrings; a test holds the page against them.

`python -m tests.docs.lint_page` writes it anew.
"""

import inspect
from collections.abc import Iterator
from pathlib import Path

from dbctl.lint.registry import RULES, name_of
from dbctl.lint.seen import Rule

PAGE = Path(__file__).parents[2] / "docs" / "lint.md"
DIALECTS = {"postgresql": "PostgreSQL", "sqlite": "SQLite"}
INTRODUCTION = """\
# Lint: danger in revisions, found without a database

```text
dbctl lint                        every revision
dbctl lint HEAD_OR_ID             one revision
dbctl lint FROM:TO                after FROM, up to TO: what one deployment runs
dbctl lint --since origin/main    what this branch adds or changes
dbctl lint --format github        annotations in a pull request; sarif, markdown, json
dbctl lint --explain create-index what a rule is about
```

Exit 1 if a finding is an error; warnings and hints alone are exit 0. An error is surely dangerous
on a table with rows: somebody waits until it is read or written, values are lost, the statement
fails, or code that is running does. A warning depends on what lint cannot know. A hint is no
danger.

## How it looks at revisions

The functions `upgrade()` and `downgrade()` of every revision are run, the first one first, with a
connection that leads nowhere. It writes down each operation and each statement with its file and
line, and answers questions about the schema (`sa.inspect`, `has_table`, autoload) from what the
revisions before have made. Nothing is asked of a real database, and `time.sleep` does not sleep.

- A table made by the same revision, or by one of the same RANGE or `--since`, has no rows: it is
  never a danger. A range that begins at `base` is taken as the whole history, which nobody
  deploys at once.
- A `SELECT` gives one made-up row the first time, then none, so that loops end. A line that
  cannot go on without real rows is left out, the rest is followed (`not-run`).
- SQL in `op.execute` is read by PostgreSQL's own grammar, from the extra: `pip install
  'dbctl-lifecycle[lint]'`. Without it Alembic's operations are judged all the same, and a note
  says in how many revisions SQL was not looked at. DO blocks are read too; SQL that is put
  together inside of them is not.
- Where env.py cannot be run without a database, lint says so and works without its models.

What lint does not know is how many rows there are; [`dbctl rehearse`](commands.md#rehearse)
measures on a copy.

## Answering for a finding

Behind a statement, or alone above it, with a reason:

```python
op.drop_column("users", "fax")  # dbctl: ignore drop-column -- out of the models since 4.2
```

Several rules are named with commas. Without a reason nothing is silenced
(`ignore-without-reason`).

## Configuration

```toml
[tool.dbctl.lint]
disabled = ["int-primary-key"]
levels = { "drop-index" = "hint", "timestamp-without-zone" = "warning" }
server_version = 16    # what revisions will run on; 15 when nobody says
dialect = "postgresql" # or "sqlite"; otherwise the URL's, env.py's, or what the revisions speak of
squawk = false         # do not ask it, though it is installed
```

Where [squawk](https://squawkhq.com) is on the path, its findings come as hints with its own names
(`squawk/RULE`), except for those on which a rule here has a word: that one knows the schema.
"""


def page() -> str:
    """The whole page."""
    lines = [
        INTRODUCTION,
        f"## The {len(RULES)} rules\n",
        "| rule | level | on | |",
        "|---|---|---|---|",
    ]
    lines += [_row(rule) for rule in RULES]
    for rule in RULES:
        lines += _section(rule)
    return "\n".join(lines) + "\n"


def _row(rule: Rule) -> str:
    name, title = name_of(rule), _doc(rule)[0]
    return f"| [`{name}`](#{name}) | {rule.LEVEL} | {_where(rule)} | {_escaped(title)} |"


def _section(rule: Rule) -> Iterator[str]:
    title, *rest = _doc(rule)
    yield f"\n### {name_of(rule)}\n"
    yield f"*{rule.LEVEL}, {_where(rule)}.* {_escaped(title)}"
    yield from _body(rest)


def _body(lines: list[str]) -> Iterator[str]:
    """The rest of a docstring: indented lines are code."""
    code = False
    for number, line in enumerate(lines):
        indented = line.startswith("    ") or (code and not line and _goes_on(lines[number:]))
        if indented != code:
            yield "```python" if indented else "```"
        code = indented
        yield line[4:] if code else _escaped(line)
    if code:
        yield "```"


def _goes_on(lines: list[str]) -> bool:
    return next((line for line in lines if line), "").startswith("    ")


def _where(rule: Rule) -> str:
    return ", ".join(DIALECTS[one] for one in rule.DIALECTS) or "everywhere"


def _doc(rule: Rule) -> list[str]:
    return inspect.cleandoc(rule.__doc__ or "").splitlines()


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("_", "\\_") if "http" not in text else text


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")

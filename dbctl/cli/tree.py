"""The words of the command line, known without importing what is behind them.

A command's module is imported when its word is used; root help is printed from here alone. A test
holds each summary against the command's own docstring.
"""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Word:
    """One word at the root: a command, or a noun with verbs of its own."""

    name: str
    module: str
    section: str
    summary: str
    noun: bool = False


DAILY, MIGRATIONS, DATA, SETUP = "Every day", "Migrations", "Data", "Configuration"

WORDS = (
    Word("up", "dbctl.cli.pipeline", DAILY, "Bring a database up: wait, create, upgrade, seed."),
    Word("status", "dbctl.cli.migrate", DAILY, "Show where the database is and what is pending."),
    Word("reset", "dbctl.cli.pipeline", DAILY, "Drop the database and bring it up again."),
    Word("wait", "dbctl.cli.pipeline", DAILY, "Wait until the database server answers."),
    Word("doctor", "dbctl.cli.pipeline", DAILY, "Find what is wrong, and what to do about it."),
    Word("serve", "dbctl.cli.serve", DAILY, "Serve the project's web application."),
    Word("migrate", "dbctl.cli.revisions", MIGRATIONS, "Write a revision from changed models."),
    Word("upgrade", "dbctl.cli.migrate", MIGRATIONS, "Run pending revisions, up to TARGET."),
    Word("downgrade", "dbctl.cli.migrate", MIGRATIONS, "Undo revisions, down to TARGET."),
    Word("plan", "dbctl.cli.migrate", MIGRATIONS, "Show what would run, with its SQL."),
    Word("lint", "dbctl.cli.lint", MIGRATIONS, "Find danger in revisions; no database is needed."),
    Word(
        "rehearse",
        "dbctl.cli.rehearse",
        MIGRATIONS,
        "Run pending revisions on a copy: locks, rewrites, losses.",
    ),
    Word("check", "dbctl.cli.migrate", MIGRATIONS, "Compare the models with the database."),
    Word("current", "dbctl.cli.migrate", MIGRATIONS, "Show the database's revision."),
    Word("history", "dbctl.cli.revisions", MIGRATIONS, "List the revisions, the newest first."),
    Word("heads", "dbctl.cli.revisions", MIGRATIONS, "List the revisions that nothing follows."),
    Word(
        "branches",
        "dbctl.cli.revisions",
        MIGRATIONS,
        "List the revisions where branches begin.",
    ),
    Word("show", "dbctl.cli.revisions", MIGRATIONS, "Show a revision."),
    Word(
        "edit",
        "dbctl.cli.revisions",
        MIGRATIONS,
        "Open a revision's file in your editor.",
    ),
    Word("merge", "dbctl.cli.revisions", MIGRATIONS, "Write a revision that joins several heads."),
    Word(
        "stamp",
        "dbctl.cli.migrate",
        MIGRATIONS,
        "Set the version; run no revision.",
    ),
    Word("adopt", "dbctl.cli.repair", MIGRATIONS, "Find the version of tables that have none."),
    Word("repair", "dbctl.cli.repair", MIGRATIONS, "Mend what an accident left."),
    Word(
        "ensure-version",
        "dbctl.cli.migrate",
        MIGRATIONS,
        "Make the version table if missing.",
    ),
    Word("database", "dbctl.cli.database", DATA, "Create, drop and list databases.", noun=True),
    Word("tables", "dbctl.cli.tables", DATA, "List, show, create, drop, empty tables.", noun=True),
    Word("shell", "dbctl.cli.shell", DATA, "Open an SQL shell on the database."),
    Word("seed", "dbctl.cli.seed", DATA, "Load the project's seed files.", noun=True),
    Word("branch", "dbctl.cli.branch", DATA, "A copy of the database for every task.", noun=True),
    Word("snapshot", "dbctl.cli.snapshot", DATA, "Keep the database, bring it back.", noun=True),
    Word("neon", "dbctl.cli.neon", DATA, "Branches and all else at Neon.", noun=True),
    Word("ci", "dbctl.cli.ci", DATA, "The steps of a pipeline.", noun=True),
    Word(
        "init", "dbctl.cli.pipeline", SETUP, "Start a project: configuration and migrations folder."
    ),
    Word("config", "dbctl.cli.config", SETUP, "Show and check the settings.", noun=True),
    Word("completion", "dbctl.cli.completion", SETUP, "Print the script that completes words."),
)
BY_NAME = {word.name: word for word in WORDS}

OPTIONS = (
    ("--env NAME", "local, dev, tst, prd, or one the project defines"),
    ("--url URL", "the database, instead of the configured one"),
    ("--config FILE", "pyproject.toml or alembic.ini of the project"),
    ("-n, --name NAME", "the section of alembic.ini, when it is not [alembic]"),
    ("-x KEY=VALUE", "passed on to the project's env.py"),
    ("--json", "one JSON document on stdout"),
    ("-y, --yes", "answer every question with yes"),
    ("-q, --quiet", "no progress on stderr"),
    ("-v, --verbose", "Alembic's log and SQL's time as well; -vv the SQL"),
    ("--debug", "tracebacks, and every log"),
    ("--log-format F", "text, or json: a document a line (DBCTL_LOG_FORMAT)"),
    ("--no-color", "no colour (NO_COLOR works too)"),
    ("--version", "the version of dbctl and what it runs on"),
)


def help_text(more: Iterable[str] = ()) -> str:
    """What `dbctl --help` prints, with the lines about a project's own words; 80 columns."""
    from textwrap import wrap

    from dbctl.errors import EXIT_CODES

    lines = ["usage: dbctl [OPTIONS] COMMAND ...", ""]
    lines += ["The database lifecycle in one command, for any SQLAlchemy project.", ""]
    for section in (DAILY, MIGRATIONS, DATA, SETUP):
        lines.append(f"{section}:")
        lines += [f"  {w.name:<15} {w.summary}" for w in WORDS if w.section == section]
        lines.append("")
    lines += more
    lines.append("Options, anywhere on the line:")
    lines += [f"  {name:<15} {text}" for name, text in OPTIONS]
    lines += ["", "Exit codes:"]
    for code, meaning in EXIT_CODES.items():
        first, *more = wrap(meaning, 80 - 7)
        lines += [f"  {code:>3}  {first}", *(f"{'':7}{line}" for line in more)]
    lines += ["", "next: dbctl up, or dbctl COMMAND --help"]
    return "\n".join(lines)

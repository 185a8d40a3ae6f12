"""The command line as shell completion knows it. Written by `python -m tests.docs.words_module`.

A command: its summary, the kinds of its arguments (a star: any number), its options with their kind
and meaning. Kinds: env, files, revision, table, text, or the choices between bars; "" is a flag.
"""

# fmt: off
ENVIRONMENTS = ("local", "dev", "tst", "prd")
Options = dict[str, tuple[str, str]]
ROOT: Options = {
    "--env": ("env", "local, dev, tst, prd, or one the project defines"),
    "--url": ("text", "the database, instead of the configured one"),
    "--config": ("files", "pyproject.toml or alembic.ini of the project"),
    "--name": ("text", "the section of alembic.ini, when it is not [alembic]"),
    "-n": ("text", "the section of alembic.ini, when it is not [alembic]"),
    "-x": ("text", "passed on to the project's env.py"),
    "--json": ("", "one JSON document on stdout"),
    "--yes": ("", "answer every question with yes"),
    "-y": ("", "answer every question with yes"),
    "--quiet": ("", "no progress on stderr"),
    "-q": ("", "no progress on stderr"),
    "--verbose": ("", "Alembic's log and SQL's time as well; -vv the SQL"),
    "-v": ("", "Alembic's log and SQL's time as well; -vv the SQL"),
    "--debug": ("", "tracebacks, and every log"),
    "--no-color": ("", "no colour (NO_COLOR works too)"),
    "--log-format": ("text|json", "text, or json: a document a line (DBCTL_LOG_FORMAT)"),
    "--version": ("", "the version of dbctl and what it runs on"),
    "--help": ("", "show the help of a command"),
}
COMMANDS: dict[str, tuple[str, tuple[str, ...], Options]] = {
    "branches": ("List the revisions where branches begin.", (), {
    }),
    "check": ("Compare the models with the database.", (), {
    }),
    "completion": ("Print the script that completes words.", ("bash|zsh|fish",), {
    }),
    "config": ("Show and check the settings.", (), {
    }),
    "config check": ("Find out whether the settings work, connection included", (), {
    }),
    "config show": ("Show every setting, its value and where it came from; sec...", (), {
    }),
    "config url": ("Print the database URL", (), {
        "--reveal": ("", "with the password"),
        "--format": ("plain|asyncpg|psycopg|libpq", "as it is written, for a driver, or for psql"),
    }),
    "current": ("Show the database's revision.", (), {
    }),
    "database": ("Create, drop and list databases.", (), {
    }),
    "database create": ("Create the database that the settings name; nothing happe...", (), {
    }),
    "database drop": ("Drop the database that the settings name, ending its sess...", (), {
        "--confirm-name": ("text", "the database's name, which a protected one demands"),
        "--no-snapshot": ("", "destroy a protected database without a snapshot"),
    }),
    "database list": ("List the databases of the server", (), {
    }),
    "doctor": ("Find what is wrong, and what to do about it.", (), {
    }),
    "downgrade": ("Undo revisions, down to TARGET.", ("revision",), {
        "--sql": ("", "print the SQL instead; the target may be FROM:TO"),
        "--scratch": ("", "write down what cannot be known otherwise on an empty dat..."),
        "--no-scratch": ("", "write down what cannot be known otherwise on an empty dat..."),
        "--confirm-name": ("text", "the database's name, which a protected one demands"),
        "--no-snapshot": ("", "destroy a protected database without a snapshot"),
    }),
    "edit": ("Open a revision's file in your editor.", ("revision",), {
    }),
    "ensure-version": ("Make the version table if missing.", (), {
    }),
    "heads": ("List the revisions that nothing follows.", (), {
        "--verbose": ("", "files, parents, labels as well"),
        "-v": ("", "files, parents, labels as well"),
    }),
    "history": ("List the revisions, the newest first.", (), {
        "--rev-range": ("text", "START:END, as base:head, -3:current"),
        "-r": ("text", "START:END, as base:head, -3:current"),
        "--verbose": ("", "files, parents, labels as well"),
        "-v": ("", "files, parents, labels as well"),
        "--indicate-current": ("", "mark what the database has"),
        "-i": ("", "mark what the database has"),
    }),
    "init": ("Start a project: configuration and migrations folder.", ("files",), {
        "--metadata": ("text", "package.module:Base, when it is not found"),
        "--migrations": ("text", "the folder for revisions"),
    }),
    "merge": ("Write a revision that joins several heads.", ("revision*",), {
        "--message": ("text", "what changes, in a few words"),
        "-m": ("text", "what changes, in a few words"),
        "--rev-id": ("text", "instead of a random id"),
    }),
    "migrate": ("Write a revision from changed models.", (), {
        "--message": ("text", "what changes, in a few words"),
        "-m": ("text", "what changes, in a few words"),
        "--empty": ("", "a file for you to fill"),
        "--head": ("revision", "what it follows: an id, label@head, base"),
        "--splice": ("", "it may follow a non-head"),
        "--branch-label": ("text", "a name for a new branch"),
        "--version-path": ("text", "the folder for the file"),
        "--depends-on": ("revision", "a revision of another branch; repeatable"),
        "--rev-id": ("text", "instead of a random id"),
    }),
    "plan": ("Show what would run, with its SQL.", ("revision",), {
        "--scratch": ("", "write down what cannot be known otherwise on an empty dat..."),
        "--no-scratch": ("", "write down what cannot be known otherwise on an empty dat..."),
    }),
    "reset": ("Drop the database and bring it up again.", (), {
        "--seed": ("", "default: on this machine, or where --env is said"),
        "--no-seed": ("", "default: on this machine, or where --env is said"),
        "--confirm-name": ("text", "the database's name, which a protected one demands"),
        "--no-snapshot": ("", "destroy a protected database without a snapshot"),
    }),
    "seed": ("Load the project's seed files.", (), {
        "--only": ("text", "this file or table alone; may be repeated"),
        "--dry-run": ("", "do everything, roll it back, say what it was"),
        "--replace": ("", "empty the files' tables first; asks"),
        "--confirm-name": ("text", "the database's name, which a protected one demands"),
        "--no-snapshot": ("", "destroy a protected database without a snapshot"),
    }),
    "seed status": ("Show which seed files were loaded, and which changed since", (), {
    }),
    "shell": ("Open an SQL shell on the database.", (), {
        "--command": ("text", "run this SQL and leave"),
        "-c": ("text", "run this SQL and leave"),
    }),
    "show": ("Show a revision.", ("revision",), {
    }),
    "stamp": ("Set the version; run no revision.", ("revision*",), {
        "--purge": ("", "empty the version table first"),
    }),
    "status": ("Show where the database is and what is pending.", (), {
    }),
    "tables": ("List, show, create, drop, empty tables.", (), {
    }),
    "tables create": ("Create the models' tables that are missing, without migra...", (), {
    }),
    "tables drop": ("Drop the models' tables and forget the revision", (), {
        "--confirm-name": ("text", "the database's name, which a protected one demands"),
        "--no-snapshot": ("", "destroy a protected database without a snapshot"),
    }),
    "tables list": ("List the tables with their rows and bytes", (), {
    }),
    "tables show": ("Show one table: columns, keys, indexes, rows, bytes", ("table",), {
    }),
    "tables sql": ("Print the models as CREATE statements", (), {
    }),
    "tables truncate": ("Empty tables", ("table*",), {
        "--confirm-name": ("text", "the database's name, which a protected one demands"),
        "--no-snapshot": ("", "destroy a protected database without a snapshot"),
    }),
    "up": ("Bring a database up: wait, create, upgrade, seed.", (), {
        "--seed": ("", "default: on this machine, or where --env is said"),
        "--no-seed": ("", "default: on this machine, or where --env is said"),
        "--timeout": ("text", "seconds to wait for the server"),
    }),
    "upgrade": ("Run pending revisions, up to TARGET.", ("revision",), {
        "--sql": ("", "print the SQL instead; the target may be FROM:TO"),
        "--scratch": ("", "write down what cannot be known otherwise on an empty dat..."),
        "--no-scratch": ("", "write down what cannot be known otherwise on an empty dat..."),
    }),
    "wait": ("Wait until the database server answers.", (), {
        "--timeout": ("text", "seconds to wait for the server"),
    }),
}

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
    "adopt": ("Find the version of tables that have none.", ("revision",), {
        "--scratch": ("", "make an empty database on the server, dropped again; defa..."),
        "--no-scratch": ("", "make an empty database on the server, dropped again; defa..."),
    }),
    "branch": ("A copy of the database for every task.", (), {
    }),
    "branch create": ("Create a branch: a copy of the database that nobody else ...", ("text",), {
        "--from": ("text", "a branch; default: the main database"),
        "--schema-only": ("", "without rows"),
        "--ttl": ("text", "nobody needs it after 12h, 2d, 1w"),
        "--if-exists": ("reuse|reset|recreate|fail", "what to do with one of that name"),
        "--copy": ("auto|template|dump", "PostgreSQL: how, when somebody is connected"),
        "--end-sessions": ("", "PostgreSQL: of who is connected to the parent"),
        "--reveal": ("", "with the password"),
        "--format": ("libpq|asyncpg|psycopg|env|json|github", "for a driver, a file or GitHub Actions, instead of a report"),
    }),
    "branch delete": ("Delete a branch with everything in it; asks", ("text",), {
        "--if-exists": ("", "nothing happens when it is gone"),
    }),
    "branch diff": ("Show what differs from one branch to another; of one alon...", ("text", "text"), {
        "--data": ("", "compare the rows too"),
    }),
    "branch hook": ("Let the database follow git's branch", (), {
    }),
    "branch hook install": ("Let `git checkout` end with `dbctl branch use --auto`", (), {
    }),
    "branch hook remove": ("Take that out of git's hook again", (), {
    }),
    "branch list": ("List the main database and its branches", (), {
    }),
    "branch prune": ("Delete expired branches and unfinished ones; asks", (), {
        "--match": ("text", "a pattern: 'pr-*'"),
        "--older-than": ("text", "made before: 12h, 7d"),
        "--merged": ("", "its git branch or pull request is merged here"),
        "--dry-run": ("", "only show them"),
    }),
    "branch reset": ("Make a branch what its parent is now; asks", ("text",), {
    }),
    "branch run": ("Run a command on a branch, and end with its exit code", ("text", "text*"), {
        "--from": ("text", "a branch; default: the main database"),
        "--schema-only": ("", "without rows"),
        "--ttl": ("text", "nobody needs it after 12h, 2d, 1w"),
        "--rm": ("", "delete the branch afterwards"),
    }),
    "branch show": ("Show one branch", ("text",), {
    }),
    "branch url": ("Print how to reach a branch", ("text",), {
        "--reveal": ("", "with the password"),
        "--format": ("libpq|asyncpg|psycopg|env|json|github", "for a driver, a file or GitHub Actions, instead of a report"),
    }),
    "branch use": ("Let the project's commands act on a branch from now on", ("text",), {
        "--auto": ("", "git's branch; it is made if missing"),
        "--off": ("", "the main database again"),
    }),
    "branches": ("List the revisions where branches begin.", (), {
    }),
    "check": ("Compare the models with the database.", (), {
    }),
    "ci": ("The steps of a pipeline.", (), {
    }),
    "ci check": ("Check the revisions of a change: heads, models, round tri...", (), {
        "--against": ("text", "git ref it is to be merged into; default: the request's"),
        "--rehearse": ("text", "environment whose database is copied for a rehearsal"),
    }),
    "ci prune": ("Remove the branches pr-NUMBER of requests that are closed", (), {
        "--open": ("text", "the numbers of open requests, with commas between"),
        "--neon": ("", "a branch at Neon, named after the request"),
        "--branch": ("", "a branch of the settings' database, as `dbctl branch`"),
        "--project-id": ("text", "at Neon: else NEON_PROJECT_ID or .neon"),
    }),
    "ci report": ("Write a page about a change: its plan, lint, rehearsal, a...", (), {
        "--against": ("text", "git ref it is to be merged into; default: the request's"),
        "--rehearse": ("text", "environment whose database is copied for a rehearsal"),
        "--body": ("files", "write the page there as well, for a comment"),
    }),
    "ci setup": ("Make a job's database ready, and hand its URL on to the n...", (), {
        "--embedded": ("", "a PostgreSQL from the wheel"),
        "--neon": ("", "a branch at Neon, named after the request"),
        "--branch": ("", "a branch of the settings' database, as `dbctl branch`"),
        "--name": ("text", "the branch; default: pr-NUMBER"),
        "--ttl": ("text", "delete the branch after 12h, 14d"),
        "--seed": ("", "default: on this machine"),
        "--no-seed": ("", "default: on this machine"),
        "--timeout": ("text", "seconds for the server to answer"),
        "--variable": ("text", "one more name for DATABASE_URL"),
        "--env-file": ("files", "where variables go outside of GitHub; default dbctl.env"),
        "--project-id": ("text", "at Neon: else NEON_PROJECT_ID or .neon"),
    }),
    "ci teardown": ("Remove what `ci setup` made for this request; what is gon...", (), {
        "--embedded": ("", "a PostgreSQL from the wheel"),
        "--neon": ("", "a branch at Neon, named after the request"),
        "--branch": ("", "a branch of the settings' database, as `dbctl branch`"),
        "--name": ("text", "the branch; default: pr-NUMBER"),
        "--project-id": ("text", "at Neon: else NEON_PROJECT_ID or .neon"),
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
        "--lock-wait": ("text", "how long to wait for other migrations and for locks; defa..."),
        "--no-lock": ("", "do not keep other migrations out: nothing else may run"),
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
        "--lock-wait": ("text", "how long to wait for other migrations and for locks; defa..."),
        "--no-lock": ("", "do not keep other migrations out: nothing else may run"),
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
        "--one": ("", "exit 1 if there are several"),
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
        "--template": ("plain|sqlmodel|fastapi", "where there are no models yet: write the first ones"),
    }),
    "lint": ("Find danger in revisions; no database is needed.", ("revision",), {
        "--since": ("text", "only revisions that are new or changed since a git reference"),
        "--format": ("text|json|github|sarif|markdown", "for a person, or for another program"),
        "--explain": ("text", "print what a rule is about"),
        "--dialect": ("postgresql|sqlite", "instead of the URL's, env.py's or the configured one"),
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
    "neon": ("Branches and all else at Neon.", (), {
    }),
    "neon api": ("Send any request to Neon's API and print the answer, pass...", ("text", "text"), {
        "--field": ("text", "name=value of the body, of the query with GET; a.b=value"),
        "--input": ("files", "a file with the body's JSON, - for stdin"),
        "--reveal": ("", "with the password"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon branch": ("The branches of a project", (), {
    }),
    "neon branch create": ("Create a branch, and wait until a connection to it answers", ("text",), {
        "--parent": ("text", "NAME, an id, NAME@TIME, NAME@LSN, NAME@-2h"),
        "--schema-only": ("", "without rows"),
        "--ttl": ("text", "delete it after 12h, 2d, 30d at most"),
        "--expires-at": ("text", "2026-01-31T12:00:00Z"),
        "--protected": ("", "nobody deletes it"),
        "--no-compute": ("", "nothing to connect to"),
        "--cu": ("text", "size: 1, or 0.25-2"),
        "--suspend-timeout": ("text", "300, 5m, never or default"),
        "--if-exists": ("reuse|reset|recreate|fail", "what to do with one of that name"),
        "--database": ("text", "default: DATABASE_URL's, else neondb"),
        "--role": ("text", "default: DATABASE_URL's, else neondb_owner"),
        "--reveal": ("", "with the password"),
        "--format": ("libpq|asyncpg|psycopg|env|json|github", "for a driver, a file or GitHub Actions, instead of a report"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon branch delete": ("Delete a branch with everything in it; asks", ("text",), {
        "--if-exists": ("", "nothing happens when it is gone"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon branch diff": ("Show how the schema changes from one branch to another; o...", ("text", "text"), {
        "--database": ("text", "default: all of them"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon branch expire": ("Set when a branch deletes itself, or that it never does", ("text",), {
        "--ttl": ("text", "delete it after 12h, 2d, 30d at most"),
        "--expires-at": ("text", "2026-01-31T12:00:00Z"),
        "--never": ("", "keep it until it is deleted"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon branch get": ("Show one branch", ("text",), {
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon branch list": ("List every branch of the project", (), {
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon branch prune": ("Delete the branches that nobody needs any more; asks", (), {
        "--match": ("text", "a pattern: 'pr-*'"),
        "--older-than": ("text", "made before: 12h, 7d"),
        "--merged": ("", "its git branch or pull request is merged here"),
        "--dry-run": ("", "only show them"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon branch rename": ("Give a branch another name", ("text", "text"), {
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon branch reset": ("Make a branch what its parent is now; asks", ("text",), {
        "--preserve-under-name": ("text", "keep what was there as a branch of this name"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon branch restore": ("Make a branch what another is, or was, or what it was its...", ("text", "text"), {
        "--preserve-under-name": ("text", "keep what was there as a branch of this name"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon branch set-default": ("Make a branch the project's default", ("text",), {
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon branch url": ("Print how to reach a branch: direct for migrations, poole...", ("text",), {
        "--pooled": ("", "through Neon's pooler"),
        "--database": ("text", "default: DATABASE_URL's, else neondb"),
        "--role": ("text", "default: DATABASE_URL's, else neondb_owner"),
        "--reveal": ("", "with the password"),
        "--format": ("libpq|asyncpg|psycopg|env|json|github", "for a driver, a file or GitHub Actions, instead of a report"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon compute": ("What a branch runs on", (), {
    }),
    "neon compute add": ("Give a branch a compute; nothing happens when it has one ...", ("text",), {
        "--read-only": ("", "a replica for reading"),
        "--cu": ("text", "size: 1, or 0.25-2"),
        "--suspend-timeout": ("text", "300, 5m, never or default"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon compute list": ("List computes with their size and state", ("text",), {
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon compute restart": ("Restart a compute: its connections end", ("text",), {
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon compute start": ("Start a compute", ("text",), {
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon compute suspend": ("Suspend a compute: its connections end, the next one wake...", ("text",), {
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon databases": ("The databases of a branch", (), {
    }),
    "neon databases create": ("Create a database; nothing happens when it is there", ("text",), {
        "--branch": ("text", "its name or id; else NEON_BRANCH or .neon"),
        "--owner": ("text", "default: the owner of the others"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon databases delete": ("Delete a database with everything in it; asks", ("text",), {
        "--branch": ("text", "its name or id; else NEON_BRANCH or .neon"),
        "--if-exists": ("", "nothing happens when it is gone"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon databases list": ("List the databases of a branch", (), {
        "--branch": ("text", "its name or id; else NEON_BRANCH or .neon"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon operations": ("What Neon does in the background", (), {
    }),
    "neon operations get": ("Show one operation", ("text",), {
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon operations list": ("List operations, the newest first", (), {
        "--limit": ("text", "only the newest"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon operations wait": ("Wait until operations have ended", ("text*",), {
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon projects": ("The projects of the account", (), {
    }),
    "neon projects list": ("List the projects that the key may see", (), {
    }),
    "neon roles": ("The roles of a branch", (), {
    }),
    "neon roles create": ("Create a role that logs in; nothing happens when it is there", ("text",), {
        "--branch": ("text", "its name or id; else NEON_BRANCH or .neon"),
        "--reveal": ("", "with the password"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon roles delete": ("Delete a role; asks", ("text",), {
        "--branch": ("text", "its name or id; else NEON_BRANCH or .neon"),
        "--if-exists": ("", "nothing happens when it is gone"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon roles list": ("List the roles of a branch", (), {
        "--branch": ("text", "its name or id; else NEON_BRANCH or .neon"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon roles reset-password": ("Give a role a new password; asks, as the old one works no...", ("text",), {
        "--branch": ("text", "its name or id; else NEON_BRANCH or .neon"),
        "--reveal": ("", "with the password"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon snapshots": ("Kept states of branches", (), {
    }),
    "neon snapshots create": ("Keep a branch as it is, or as it was", ("text",), {
        "--name": ("text", "default: the branch and the time"),
        "--ttl": ("text", "delete it after 12h, 7d"),
        "--expires-at": ("text", "2026-01-31T12:00:00Z"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon snapshots delete": ("Delete a snapshot; asks", ("text",), {
        "--if-exists": ("", "nothing happens when it is gone"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon snapshots list": ("List the snapshots, the newest first", (), {
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "neon snapshots restore": ("Make a branch from a snapshot; the branch it was taken of...", ("text",), {
        "--branch-name": ("text", "of the branch that is made"),
        "--wait": ("", "until Neon has done it"),
        "--no-wait": ("", "until Neon has done it"),
        "--timeout": ("text", "seconds to wait"),
        "--project-id": ("text", "else NEON_PROJECT_ID, .neon, or the only project"),
    }),
    "plan": ("Show what would run, with its SQL.", ("revision",), {
        "--scratch": ("", "write down what cannot be known otherwise on an empty dat..."),
        "--no-scratch": ("", "write down what cannot be known otherwise on an empty dat..."),
    }),
    "rehearse": ("Run pending revisions on a copy: locks, rewrites, losses.", ("revision",), {
        "--from": ("text", "branch:NAME, snapshot:ID, or a database URL"),
        "--schema-only": ("", "copy no rows: where they may not be copied"),
        "--generate": ("text", "fill the copy, users=1000; may be repeated"),
        "--load": ("", "let readers and writers work meanwhile; the worst wait"),
        "--app-at": ("text", "try the models of that code afterwards"),
        "--round-trip": ("", "down and up again afterwards"),
        "--no-round-trip": ("", "down and up again afterwards"),
        "--keep": ("", "keep the copy and say its name"),
        "--report": ("files", "write it as .md, .html or .json"),
    }),
    "repair": ("Mend what an accident left.", (), {
        "--finish": ("text", "a revision that never ended: all of it is done"),
        "--undo": ("text", "a revision that never ended: none of it is there"),
        "--remove-ancestor": ("", "version rows that another row follows"),
        "--apply": ("text", "a revision that was slipped in: run it"),
        "--mark-applied": ("text", "a revision that was slipped in: the database has it"),
        "--accept": ("text", "a revision whose file was edited: take it as it is"),
        "--drop-index": ("text", "an index that is invalid"),
        "--leftover": ("text", "a table that an interrupted rebuild left"),
        "--mark": ("text", "the environment that this database is, from now on"),
        "--confirm-name": ("text", "the database's name, which a protected one demands"),
    }),
    "reset": ("Drop the database and bring it up again.", (), {
        "--seed": ("", "default: on this machine, or where --env is said"),
        "--no-seed": ("", "default: on this machine, or where --env is said"),
        "--lock-wait": ("text", "how long to wait for other migrations and for locks; defa..."),
        "--no-lock": ("", "do not keep other migrations out: nothing else may run"),
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
    "seed dump": ("Write tables as seed files, which `dbctl seed` reads back", ("text*",), {
        "--to": ("files", "the folder; made when it is not there"),
        "--format": ("csv|jsonl|yaml", "the format of the files"),
        "--force": ("", "write over files that are there"),
        "--secrets": ("", "password hashes and tokens, too"),
    }),
    "seed generate": ("Generate believable rows for any table", ("text*",), {
        "--seed": ("text", "another number makes other rows"),
        "--fake": ("", "names and texts from mimesis (extra: fake)"),
        "--deleted": ("text", "the share of soft-deleted rows"),
    }),
    "seed status": ("Show which seed files were loaded, and which changed since", (), {
    }),
    "serve": ("Serve the project's web application.", (), {
        "--host": ("text", "the address to listen on"),
        "--port": ("text", "0 takes a free one, and says which"),
        "--workers": ("text", "processes that serve"),
        "--reload": ("", "start anew when a file of the project changes"),
        "--upgrade": ("", "run what is pending first, once, under the lock"),
        "--write": ("", "let the admin change rows; it only reads otherwise"),
        "--certificate": ("files", "serve over TLS with this PEM file"),
        "--key": ("files", "its private key, when that is another file"),
        "--lock-wait": ("text", "how long to wait for other migrations and for locks; defa..."),
    }),
    "shell": ("Open an SQL shell on the database.", (), {
        "--command": ("text", "run this SQL and leave"),
        "-c": ("text", "run this SQL and leave"),
    }),
    "show": ("Show a revision.", ("revision",), {
    }),
    "snapshot": ("Keep the database, bring it back.", (), {
    }),
    "snapshot create": ("Take a snapshot of the database", ("text",), {
        "--jobs": ("text", "how many at once; 0: as many as fit"),
        "-j": ("text", "how many at once; 0: as many as fit"),
        "--keep": ("text", "the newest so many of this database stay"),
        "--older-than": ("text", "only those older than 12h, 30d, 8w go"),
    }),
    "snapshot delete": ("Delete a snapshot, or a leftover; asks", ("text",), {
        "--if-exists": ("", "nothing happens when it is gone"),
    }),
    "snapshot drop-old": ("Drop the databases that restores replaced", ("text",), {
        "--confirm-name": ("text", "the database's name, which a protected one demands"),
    }),
    "snapshot list": ("List the snapshots, and what restores and killed commands...", (), {
    }),
    "snapshot prune": ("Delete old snapshots of this database, and leftovers; asks", (), {
        "--keep": ("text", "the newest so many of this database stay"),
        "--older-than": ("text", "only those older than 12h, 30d, 8w go"),
        "--dry-run": ("", "say what would be deleted"),
    }),
    "snapshot restore": ("Let a snapshot take the database's place", ("text",), {
        "--drop-old": ("", "do not keep the database that is replaced"),
        "--end-sessions": ("", "cut off who is connected to the database"),
        "--jobs": ("text", "how many at once; 0: as many as fit"),
        "-j": ("text", "how many at once; 0: as many as fit"),
        "--lock-wait": ("text", "how long to wait for other migrations and for locks; defa..."),
        "--confirm-name": ("text", "the database's name, which a protected one demands"),
        "--no-snapshot": ("", "destroy a protected database without a snapshot"),
    }),
    "snapshot verify": ("Restore a snapshot into a throwaway database and compare", ("text",), {
        "--jobs": ("text", "how many at once; 0: as many as fit"),
        "-j": ("text", "how many at once; 0: as many as fit"),
    }),
    "stamp": ("Set the version; run no revision.", ("revision*",), {
        "--purge": ("", "empty the version table first"),
        "--lock-wait": ("text", "how long to wait for other migrations and for locks; defa..."),
        "--no-lock": ("", "do not keep other migrations out: nothing else may run"),
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
        "--lock-wait": ("text", "how long to wait for other migrations and for locks; defa..."),
        "--no-lock": ("", "do not keep other migrations out: nothing else may run"),
        "--from-models": ("", "an empty database: make the models' tables, stamp"),
        "--snapshot": ("", "take one first; default: where protected"),
        "--no-snapshot": ("", "take one first; default: where protected"),
    }),
    "upgrade": ("Run pending revisions, up to TARGET.", ("revision",), {
        "--sql": ("", "print the SQL instead; the target may be FROM:TO"),
        "--scratch": ("", "write down what cannot be known otherwise on an empty dat..."),
        "--no-scratch": ("", "write down what cannot be known otherwise on an empty dat..."),
        "--lock-wait": ("text", "how long to wait for other migrations and for locks; defa..."),
        "--no-lock": ("", "do not keep other migrations out: nothing else may run"),
        "--snapshot": ("", "take one first; default: where protected"),
        "--no-snapshot": ("", "take one first; default: where protected"),
    }),
    "wait": ("Wait until the database server answers.", (), {
        "--timeout": ("text", "seconds to wait for the server"),
    }),
}

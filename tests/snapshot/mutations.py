"""What makes a snapshot safe, taken away one by one; see tests/mutations.py."""

HERE = "tests/snapshot"
ROOM = "dbctl/snapshot"
PIPELINE = "dbctl/pipeline/snapshots.py"
# Name, file, what stands there, what stands there instead, the test that must fail.
SNAPSHOT = (
    (
        "the files of a snapshot are not compared",
        f"{ROOM}/store.py",
        "if there.get(one.name) != one",
        "if False",
        f"{HERE}/test_story.py -k flipped_bit",
    ),
    (
        "the manifest is believed",
        f"{ROOM}/store.py",
        "    if not genuine:",
        "    if False:",
        f"{HERE}/test_story.py -k flipped_bit",
    ),
    (
        "what was restored is not compared",
        PIPELINE,
        "_require_undamaged(found.name, differing(found.content, built.content))",
        "pass",
        f"{HERE}/test_story.py -k never_swapped_in",
    ),
    (
        "nobody has to agree to a restore",
        PIPELINE,
        "    guard.settle(demand, consent)\n    _require_undamaged",
        "    _require_undamaged",
        f"{HERE}/test_story.py -k relies_on_more",
    ),
    (
        "a snapshot of another environment is restored",
        PIPELINE,
        "    if of != here:\n",
        "    if False:\n",
        f"{HERE}/test_story.py -k snapshot_of_another",
    ),
    (
        "sessions are cut off unasked",
        f"{ROOM}/postgres.py",
        "self._ending(other if end_sessions else None)",
        "self._ending(other)",
        f"{HERE}/test_postgres.py -k comes_late",
    ),
    (
        "nobody looks who is connected before the work",
        f"{ROOM}/postgres.py",
        "                if not end_sessions:\n",
        "                if False:\n",
        f"{HERE}/test_postgres.py -k in_use",
    ),
    (
        "two renames in two transactions",
        f"{ROOM}/postgres.py",
        "            async with connection.transaction():\n",
        "            if True:\n",
        f"{HERE}/test_killed.py -k between_the_renames",
    ),
    (
        "rows and dump are of two moments",
        f"{ROOM}/postgres.py",
        '            f"--snapshot={moment}",\n',
        "",
        f"{HERE}/test_postgres.py -k one_moment",
    ),
    (
        "an old pg_dump will do",
        "dbctl/database/clients.py",
        "if program.major >= least]",
        "]",
        f"{HERE}/test_postgres.py -k older_than",
    ),
    (
        "writers are not locked out of the file",
        f"{ROOM}/sqlite.py",
        'connection.execute("BEGIN EXCLUSIVE")',
        "None",
        f"{HERE}/test_sqlite.py -k writer_is_waited_for",
    ),
    (
        "the log beside the file stays",
        f"{ROOM}/sqlite.py",
        '        connection.execute("PRAGMA journal_mode = DELETE")\n',
        "        pass\n",
        f"{HERE}/test_sqlite.py -k with_its_log",
    ),
    (
        "the file's own name is free for a moment",
        f"{ROOM}/sqlite.py",
        "        os.link(file, old)\n",
        "        raise OSError\n",
        f"{HERE}/test_killed.py -k before_the_new_name",
    ),
    (
        "a draft that was cut short is a snapshot",
        f"{ROOM}/store.py",
        'PARTIAL, LOCK = ".partial", "lock"',
        'PARTIAL, LOCK = "", "lock"',
        f"{HERE}/test_killed.py -k test_create_killed",
    ),
    (
        "what a running command works on is removed",
        "dbctl/pipeline/retention.py",
        "    if found.running:\n",
        "    if False:\n",
        f"{HERE}/test_killed.py -k running_command",
    ),
    (
        "an upgrade in production takes no snapshot",
        "dbctl/pipeline/precaution.py",
        "if wanted or (guard.protection(settings, look) and (look.tables or look.at)):",
        "if wanted:",
        f"{HERE}/test_before.py -k takes_a_snapshot_first",
    ),
    (
        "everybody may read a dump",
        "dbctl/database/clients.py",
        '"umask": 0o077, ',
        "",
        f"{HERE}/test_postgres.py -k users_alone",
    ),
)

"""Many commands at one moment: a process that has imported everything forks them.

    python -m tests.migrate.safety.swarm COUNT dbctl|alembic ARGUMENT...

prints the exit codes as JSON. A child's output goes to the file OUT.NUMBER when OUT is set.
"""

import json
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path


def dbctl(words: list[str]) -> int:
    """Run one command as the console script does; its exit code."""
    from dbctl.cli.main import main

    try:
        main(words)
    except SystemExit as ended:
        return int(ended.code or 0)


def alembic(words: list[str]) -> int:
    """The same for plain Alembic."""
    from alembic.config import main

    main(prog="alembic", argv=words)
    return 0


TOOLS: dict[str, Callable[[list[str]], int]] = {"dbctl": dbctl, "alembic": alembic}


def preload() -> None:
    """Import what every child would, so that they reach the database together."""
    import alembic.command
    import alembic.config
    import psycopg

    import dbctl.cli.migrate
    import dbctl.database.postgres_watch
    import dbctl.database.sqlite_watch
    import dbctl.migrate.run
    import dbctl.pipeline.up

    del alembic, psycopg, dbctl


def forked(work: Callable[[], int], out: str = os.devnull) -> int:
    """Run `work` in a child with its output in the file `out`; the child's process id."""
    pid = os.fork()
    if pid:
        return pid
    code = 99
    try:
        target = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(target, 1)
        os.dup2(target, 2)
        code = work()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else 98
    except BaseException:  # noqa: BLE001 - a child must not go on as its parent
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def at_once(count: int, tool: str, words: list[str]) -> list[int]:
    """Exit codes of `count` commands that start together."""
    out = os.environ.get("OUT", "")
    start, ready = os.pipe()

    def work() -> int:
        os.close(ready)
        os.read(start, 1)  # ends when the parent closes its end
        return TOOLS[tool](words)

    outs = (f"{out}.{number}" if out else os.devnull for number in range(count))
    children = [forked(work, one) for one in outs]
    os.close(ready)
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]


if __name__ == "__main__":
    preload()
    sys.path.insert(0, str(Path.cwd()))
    print(json.dumps(at_once(int(sys.argv[1]), sys.argv[2], sys.argv[3:])))  # noqa: T201

"""PgBouncer (Debian's package) in front of a server, as a user that is not root."""

import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from tests.servers import ports
from tests.servers.server import Server

INI = """\
[databases]
* = host={host} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
auth_type = plain
auth_file = {users}
pool_mode = {mode}
default_pool_size = {size}
unix_socket_dir =
logfile = {folder}/log
ignore_startup_parameters = extra_float_digits
"""


def installed() -> str | None:
    """The program, None where there is none; Debian keeps it where only root looks."""
    return shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


@contextmanager
def pooling(
    server: Server, folder: Path, mode: Literal["transaction", "session"], size: int = 1
) -> Iterator[int]:
    """PgBouncer's port while the block runs."""
    program = installed()
    assert program is not None
    own = ports.free()
    users = folder / "users.txt"
    users.write_text(f'"{server.user}" "{server.password}"\n')
    ini = folder / "pgbouncer.ini"
    values = {"host": server.host, "port": server.port, "own": own, "users": users, "mode": mode}
    ini.write_text(INI.format(**values, size=size, folder=folder))
    for path in (folder, *folder.iterdir()):
        path.chmod(0o777)
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    process = subprocess.Popen([program, "-q", *as_nobody, str(ini)], stderr=subprocess.DEVNULL)
    try:
        _wait(own)
        yield own
    finally:
        process.terminate()
        process.wait()


def _wait(port: int) -> None:
    import socket

    for _ in range(100):
        try:
            socket.create_connection((ports.LOOPBACK, port)).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("PgBouncer does not answer")

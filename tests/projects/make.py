"""Small Alembic projects of one's own, written into a folder; plain `alembic` works in them too."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from alembic.config import Config

from tests.projects import envs

MODELS = """\
import sqlalchemy as sa
from sqlalchemy import orm


class Base(orm.DeclarativeBase):
    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Author(Base):
    __tablename__ = "authors"
    id = orm.mapped_column(sa.Integer, primary_key=True)
    name = orm.mapped_column(sa.String(50), nullable=False)
"""
EMPTY_MODELS = MODELS.split("\n\nclass Author", maxsplit=1)[0] + "\n"
AUTHORS = """\
op.create_table(
    "authors",
    sa.Column("id", sa.Integer(), nullable=False),
    sa.Column("name", sa.String(length=50), nullable=False),
    sa.PrimaryKeyConstraint("id", name="pk_authors"),
)
"""
REVISION = '''\
"""{message}

Revision ID: {revision}
"""

import sqlalchemy as sa
from alembic import op

revision = {revision!r}
down_revision = {down!r}
branch_labels = {labels!r}
depends_on = {depends_on!r}


def upgrade():
{up}


def downgrade():
{undo}
'''
MAKO = '''\
"""${message}

Revision ID: ${up_revision}
"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade():
    ${upgrades if upgrades else "pass"}


def downgrade():
    ${downgrades if downgrades else "pass"}
'''
INI = """\
[alembic]
script_location = %(here)s/migrations
prepend_sys_path = .
path_separator = os
"""
LOGGING = """
[loggers]
keys = root,alembic
[handlers]
keys = console
[formatters]
keys = plain
[logger_root]
level = WARNING
handlers = console
[logger_alembic]
level = INFO
handlers =
qualname = alembic
[handler_console]
class = StreamHandler
args = (sys.stderr,)
formatter = plain
[formatter_plain]
format = INI %(message)s
"""
# From 1.16 on Alembic reads [tool.alembic] of a pyproject.toml.
KNOWS_PYPROJECT = hasattr(Config(), "toml_file_name")
Down = str | Sequence[str] | None


@dataclass(frozen=True)
class Project:
    """A folder with alembic.ini, models.py and a migrations folder."""

    root: Path

    @property
    def migrations(self) -> Path:
        """The migrations folder."""
        return self.root / "migrations"

    @property
    def versions(self) -> Path:
        """The folder of the revisions."""
        return self.migrations / "versions"

    @property
    def files(self) -> list[str]:
        """The names of the revision files."""
        return sorted(path.name for path in self.versions.glob("*.py"))

    def write(self, name: str, text: str) -> Path:
        """Write the file `name`; its folders are made."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def models(self, text: str) -> None:
        """Put `text` behind the models."""
        path = self.root / "models.py"
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    def options(self, *lines: str) -> None:
        """Add lines to the section [alembic]; how paths are separated is theirs to say."""
        path = self.root / "alembic.ini"
        text = path.read_text(encoding="utf-8").replace("path_separator = os\n", "")
        path.write_text("\n".join([text.rstrip(), *lines, ""]), encoding="utf-8")

    def revision(
        self,
        revision: str,
        down: Down = None,
        *,
        up: str = "pass",
        undo: str = "pass",
        message: str = "",
        labels: Down = None,
        depends_on: Down = None,
        folder: str = "migrations/versions",
    ) -> Path:
        """Write one revision file."""
        text = REVISION.format(
            message=message or f"about {revision}",
            revision=revision,
            down=down,
            labels=labels,
            depends_on=depends_on,
            up=textwrap.indent(up, "    "),
            undo=textwrap.indent(undo, "    "),
        )
        return self.write(f"{folder}/{revision}_.py", text)

    def chain(self, count: int = 3) -> None:
        """Revisions r1, r2, ... that make (and drop) the tables t1, t2, ..., one row in each."""
        for number in range(1, count + 1):
            self.revision(
                f"r{number}",
                f"r{number - 1}" if number > 1 else None,
                up=table(f"t{number}"),
                undo=f'op.drop_table("t{number}")',
            )


def table(name: str) -> str:
    """Python that makes the table `name` with a row in it."""
    return (
        f'op.create_table("{name}", sa.Column("id", sa.Integer(), primary_key=True))\n'
        f'op.execute("INSERT INTO {name} VALUES (1)")'
    )


def make(root: Path, *, env: str = envs.SYNC, url: str = "", models: str = MODELS) -> Project:
    """A project in the new folder `root`; `url` is written into its alembic.ini."""
    project = Project(root)
    (root / ".git").mkdir(parents=True)
    project.versions.mkdir(parents=True)
    project.write("models.py", models)
    project.write("migrations/env.py", env)
    project.write("migrations/script.py.mako", MAKO)
    line = f"sqlalchemy.url = {url.replace('%', '%%')}\n" if url else ""
    project.write("alembic.ini", INI + line)
    return project


def driven(url: str, *, asynchronous: bool = False) -> str:
    """`url` with the driver that plain Alembic needs."""
    drivers = ("aiosqlite", "asyncpg") if asynchronous else ("pysqlite", "psycopg")
    sqlite, postgresql = drivers
    url = re.sub(r"^sqlite:", f"sqlite+{sqlite}:", url)
    return re.sub(r"^postgresql:", f"postgresql+{postgresql}:", url)

"""Revisions written for a test, and what lint finds in the last of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dbctl.lint import check, replay
from dbctl.lint.configuration import Configuration
from dbctl.lint.model import Flaw
from dbctl.lint.record import Target
from dbctl.lint.seen import Revision, World

HEAD = '''"""{name}"""
import sqlalchemy as sa
from alembic import context, op
from sqlalchemy.dialects import postgresql

revision = "{name}"
down_revision = {down!r}
branch_labels = None
depends_on = None

'''
BEFORE = """
def upgrade():
    op.create_table(
        "users",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("email", sa.String(50), nullable=False),
        sa.Column("plan", sa.Text()),
        sa.Column("points", sa.Integer(), server_default="0", nullable=False),
        sa.Column("price", sa.Numeric(10, 2)),
        sa.Column("seen", sa.DateTime()),
        sa.Column("mood", sa.Enum("good", "bad", name="mood")),
        sa.Column("made", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "posts",
        sa.Column("id", sa.BigInteger(), sa.Identity(), primary_key=True),
        sa.Column("user_id", sa.BigInteger()),
        sa.Column("title", sa.Text()),
    )
    op.create_index("ix_users_email", "users", ["email"])
    op.create_check_constraint("plan_set", "users", "plan IS NOT NULL")


def downgrade():
    op.drop_table("posts")
    op.drop_table("users")
    op.execute("DROP TYPE mood")
"""


def indented(body: str) -> str:
    """The body of a function."""
    return "".join(f"    {line}\n" for line in body.strip().splitlines()) or "    pass\n"


def functions(up: str, down: str | None = "") -> str:
    """upgrade() and downgrade() with these bodies; None for no downgrade()."""
    made = f"def upgrade():\n{indented(up)}\n\n"
    return made if down is None else f"{made}def downgrade():\n{indented(down)}"


def written(folder: Path, name: str, text: str, down: str | None) -> Revision:
    """A revision file."""
    file = folder / f"{name}.py"
    file.write_text(HEAD.format(name=name, down=down) + text)
    return Revision(name, (down,) if down else (), (), file)


def found(
    folder: Path,
    texts: Sequence[str],
    *,
    dialect: str = "postgresql",
    version: tuple[int, ...] = (15,),
    **world: Any,
) -> tuple[Flaw, ...]:
    """What is found in the last of several revisions, each the text of two functions."""
    names = [f"r{number}" for number in range(len(texts))]
    headers = [
        written(folder, name, text, names[number - 1] if number else None)
        for number, (name, text) in enumerate(zip(names, texts, strict=True))
    ]
    history = replay.ordered(headers)
    files = {one.revision: (one.file,) for one in headers}
    around = World(dialect, version, files, history.heads, **world)
    target = Target(dialect, version)
    wanted = frozenset(names[-1:])
    return check.lint(history, target, around, wanted, Configuration()).findings


def rules(flaws: Sequence[Flaw]) -> set[str]:
    """The rules that found something, hints left out."""
    return {one.rule for one in flaws if one.level != "hint"}

"""Slugs for posts, made from their titles

Revision ID: b4f5eb5c7406
Revises: 48db73002fcc
Create Date: 2026-11-09 08:57:36
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b4f5eb5c7406"
down_revision: str | Sequence[str] | None = "48db73002fcc"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BATCH = 5_000
LARGEST_ID = 2**31 - 1
# Every letter that stays in a slug, behind what it becomes there; anything else is a hyphen.
LETTERS = {
    **{letter: letter + letter.upper() for letter in "bdfghjkmpqrtvwx0123456789"},
    "a": "aàáâãåāăąAÀÁÂÃÅĀĂĄ",
    "ae": "äæÄÆ",
    "c": "cçćčCÇĆČ",
    "e": "eèéêëēęěEÈÉÊËĒĘĚ",
    "i": "iìíîïīıIÌÍÎÏĪİ",  # noqa: RUF001 - a Turkish title has it
    "l": "lłLŁ",
    "n": "nñńňNÑŃŇ",
    "o": "oòóôõøōőOÒÓÔÕØŌŐ",
    "oe": "öœÖŒ",
    "s": "sśšşSŚŠŞ",
    "ss": "ß",
    "u": "uùúûūůűUÙÚÛŪŮŰ",
    "ue": "üÜ",  # codespell:ignore ue
    "y": "yýÿYÝŸ",
    "z": "zźżžZŹŻŽ",
    "": "'’",  # noqa: RUF001 - what typographers write
}
FOLDED = ", ".join(
    "('{}', '{}')".format(letter.replace("'", "''"), plain)
    for plain, letters in LETTERS.items()
    for letter in dict.fromkeys(letters)
)
# One letter a step, because SQLite has no regular expressions. The same text runs on both, and
# in an offline script. 230 characters leave room for a suffix.
FILL = f"""
WITH RECURSIVE folded(letter, plain) AS (VALUES {FOLDED}),
walk(id, title, place, slug) AS (
    SELECT id, CAST(title AS TEXT), 0, CAST('' AS TEXT)
    FROM posts WHERE id BETWEEN :low AND :high AND slug IS NULL
    UNION ALL
    SELECT walk.id, walk.title, walk.place + 1,
        CASE
            WHEN folded.plain IS NOT NULL THEN walk.slug || folded.plain
            WHEN walk.slug <> rtrim(walk.slug, '-') THEN walk.slug
            ELSE walk.slug || '-'
        END
    FROM walk
    LEFT JOIN folded ON folded.letter = substr(walk.title, walk.place + 1, 1)
    WHERE walk.place < length(walk.title)
)
UPDATE posts
SET slug = coalesce(nullif(trim(substr(walk.slug, 1, 230), '-'), ''), 'post')
FROM walk
WHERE walk.id = posts.id AND walk.place = length(walk.title)
"""  # noqa: S608 - letters from the table above
# No slug made above holds two hyphens in a row, so a suffix of this form can meet none of them.
SUFFIX = """
UPDATE posts
SET slug = posts.slug || '--' || CAST(posts.id AS TEXT)
FROM (
    SELECT id, row_number() OVER (PARTITION BY slug ORDER BY id) AS place FROM posts
) AS numbered
WHERE numbered.id = posts.id AND numbered.place > 1
"""


def batches() -> list[tuple[int, int]]:
    """Return the first and last id of each batch; a script that runs later takes all at once."""
    if op.get_context().as_sql:
        return [(1, LARGEST_ID)]
    largest = op.get_bind().scalar(sa.text("SELECT max(id) FROM posts")) or 0
    return [(low, low + BATCH - 1) for low in range(1, largest + 1, BATCH)]


def posts_before() -> sa.Table:
    """Return posts as they are when the slug is filled: no need to read them from the database."""
    now = sa.func.now()
    return sa.Table(
        "posts",
        sa.MetaData(),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), server_default=now, nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slug", sa.String(255), nullable=True),
        sa.ForeignKeyConstraint(
            ["author_id"], ["users.id"], name="fk_posts_author_id_users", ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_posts"),
        sa.Index("ix_posts_title", "title"),
        sa.Index("ix_posts_author_id", "author_id"),
    )


def upgrade() -> None:
    """Add posts.slug, fill it, then demand it and make it unique among posts that are kept."""
    op.add_column("posts", sa.Column("slug", sa.String(255), nullable=True))
    for low, high in batches():
        op.execute(sa.text(FILL).bindparams(low=low, high=high))
    op.execute(sa.text(SUFFIX))
    # SQLite builds `posts` anew here: nothing refers to it, so no row can be lost with it.
    with op.batch_alter_table("posts", copy_from=posts_before()) as posts:
        posts.alter_column("slug", existing_type=sa.String(255), nullable=False)
    kept = sa.text("deleted_at IS NULL")
    op.create_index(
        op.f("uq_posts_slug"),
        "posts",
        ["slug"],
        unique=True,
        postgresql_where=kept,
        sqlite_where=kept,
    )


def downgrade() -> None:
    """Drop posts.slug; upgrading again makes the same slugs from the same titles."""
    op.drop_index(op.f("uq_posts_slug"), table_name="posts")
    op.drop_column("posts", "slug")

"""For each rule a body of upgrade() that it must find, and a look-alike that it must not."""

from typing import NamedTuple


class Danger(NamedTuple):
    """`rule` must find `bad` and not `good`; both are bodies of upgrade() (or of downgrade())."""

    rule: str
    bad: str
    good: str
    dialect: str = "postgresql"


AUTO = "with op.get_context().autocommit_block():\n    "


def sql(*texts: str) -> str:
    """op.execute for each text."""
    return "\n".join(f"op.execute({text!r})" for text in texts)


def auto(*texts: str) -> str:
    """The same in an autocommit block."""
    inside = sql(*texts).replace("\n", "\n    ")
    return AUTO + inside


CONCURRENT = 'op.create_index("ix", "users", ["plan"], postgresql_concurrently=True)'
REBUILD = 'with op.batch_alter_table("users") as b:\n    b.alter_column("plan", type_=sa.String(9))'
NEW_TABLE = 'op.create_table("fresh", sa.Column("id", sa.BigInteger(), primary_key=True))\n'
FK = '"fk", "posts", "users", ["user_id"], ["id"]'
DANGERS = (
    Danger("create-index", 'op.create_index("ix", "users", ["plan"])', AUTO + CONCURRENT),
    Danger(
        "create-index",
        sql("CREATE INDEX ix ON users (plan)"),
        NEW_TABLE + 'op.create_index("ix", "fresh", ["id"])',
    ),
    Danger(
        "create-index",
        'op.add_column("users", sa.Column("tag", sa.Text(), index=True))',
        'op.add_column("users", sa.Column("tag", sa.Text()))',
    ),
    Danger(
        "drop-index",
        'op.drop_index("ix_users_email", "users")',
        AUTO + 'op.drop_index("ix_users_email", "users", postgresql_concurrently=True)',
    ),
    Danger(
        "drop-index",
        sql("DROP INDEX ix_users_email"),
        auto("DROP INDEX CONCURRENTLY ix_users_email"),
    ),
    Danger("concurrently-in-transaction", CONCURRENT, AUTO + CONCURRENT),
    Danger(
        "concurrently-in-transaction",
        sql("CREATE INDEX CONCURRENTLY ix ON users (plan)"),
        sql("COMMIT", "CREATE INDEX CONCURRENTLY ix ON users (plan)"),
    ),
    Danger(
        "concurrently-in-transaction",
        sql("REINDEX TABLE CONCURRENTLY users"),
        sql("REFRESH MATERIALIZED VIEW CONCURRENTLY totals"),
    ),
    Danger(
        "constraint-index",
        'op.create_unique_constraint("uq", "users", ["email"])',
        sql("ALTER TABLE users ADD CONSTRAINT uq UNIQUE USING INDEX uq"),
    ),
    Danger(
        "constraint-index",
        sql("ALTER TABLE users ADD COLUMN code text UNIQUE"),
        sql("ALTER TABLE users ADD COLUMN code text"),
    ),
    Danger(
        "foreign-key",
        f"op.create_foreign_key({FK})",
        f"op.create_foreign_key({FK}, postgresql_not_valid=True)",
    ),
    Danger(
        "foreign-key",
        'op.add_column("posts", sa.Column("by", sa.BigInteger(), sa.ForeignKey("users.id")))',
        sql("ALTER TABLE posts ADD COLUMN by bigint REFERENCES users (id)"),
    ),
    Danger(
        "check-constraint",
        'op.create_check_constraint("ck", "users", "points >= 0")',
        'op.create_check_constraint("ck", "users", "points >= 0", postgresql_not_valid=True)',
    ),
    Danger(
        "check-constraint",
        sql("ALTER TABLE users ADD CHECK (points >= 0)"),
        NEW_TABLE + 'op.create_check_constraint("ck", "fresh", "id > 0")',
    ),
    Danger(
        "exclusion-constraint",
        sql("ALTER TABLE users ADD EXCLUDE USING gist (plan WITH =)"),
        sql("CREATE TABLE fresh (a int, EXCLUDE USING gist (a WITH =))"),
    ),
    Danger(
        "validated-at-once",
        sql(
            "ALTER TABLE users ADD CONSTRAINT ck CHECK (points > 0) NOT VALID",
            "ALTER TABLE users VALIDATE CONSTRAINT ck",
        ),
        auto(
            "ALTER TABLE users ADD CONSTRAINT ck CHECK (points > 0) NOT VALID",
            "ALTER TABLE users VALIDATE CONSTRAINT ck",
        ),
    ),
    Danger(
        "type-change",
        'op.alter_column("users", "points", type_=sa.BigInteger())',
        'op.alter_column("users", "email", type_=sa.Text())',
    ),
    Danger(
        "type-change",
        'op.alter_column("users", "email", type_=sa.String(20))',
        'op.alter_column("users", "email", type_=sa.String(200))',
    ),
    Danger(
        "type-change",
        sql("ALTER TABLE users ALTER price TYPE numeric(12, 4)"),
        sql("ALTER TABLE users ALTER price TYPE numeric(14, 2)"),
    ),
    Danger(
        "type-change",
        sql("ALTER TABLE users ALTER seen TYPE timestamptz"),
        sql("SET TIME ZONE 'UTC'", "ALTER TABLE users ALTER seen TYPE timestamptz"),
    ),
    Danger(
        "type-change",
        sql("ALTER TABLE users ALTER plan TYPE text USING lower(plan)"),
        sql("ALTER TABLE users ALTER plan TYPE text USING plan::text"),
    ),
    Danger(
        "column-rewrites",
        'op.add_column("users", sa.Column("t", sa.Uuid(), server_default=sa.func.gen_random_uuid()))',
        'op.add_column("users", sa.Column("t", sa.DateTime(), server_default=sa.func.now()))',
    ),
    Danger(
        "column-rewrites",
        'op.add_column("users", sa.Column("t", sa.DateTime(), server_default=sa.text("clock_timestamp()")))',
        'op.add_column("users", sa.Column("t", sa.Text(), server_default="random()"))',
    ),
    Danger(
        "column-rewrites",
        sql("ALTER TABLE users ADD n bigserial"),
        sql("ALTER TABLE users ADD n bigint DEFAULT 7"),
    ),
    Danger(
        "column-rewrites",
        'op.add_column("users", sa.Column("d", sa.Integer(), sa.Computed("points * 2")))',
        'op.add_column("users", sa.Column("d", sa.Integer(), sa.Computed("points * 2", persisted=False)))',
    ),
    Danger(
        "not-null-column",
        'op.add_column("users", sa.Column("a", sa.Text(), nullable=False))',
        'op.add_column("users", sa.Column("a", sa.Text(), nullable=False, server_default=""))',
    ),
    Danger(
        "set-not-null",
        'op.alter_column("users", "price", nullable=False)',
        'op.alter_column("users", "plan", nullable=False)',
    ),
    Danger(
        "set-not-null",
        sql("ALTER TABLE users ALTER made SET NOT NULL"),
        sql("ALTER TABLE users ALTER email SET NOT NULL"),
    ),
    Danger("table-rewrite", auto("VACUUM FULL users"), auto("VACUUM users")),
    Danger(
        "table-rewrite",
        auto("REINDEX INDEX ix_users_email"),
        auto("REINDEX INDEX CONCURRENTLY ix_users_email"),
    ),
    Danger(
        "table-rewrite",
        sql("ALTER TABLE users SET UNLOGGED"),
        sql("ALTER TABLE users SET (fillfactor = 70)"),
    ),
    Danger("explicit-lock", sql("LOCK TABLE users"), sql("LOCK TABLE users IN ROW EXCLUSIVE MODE")),
    Danger(
        "partition-lock",
        sql("ALTER TABLE events DETACH PARTITION old"),
        auto("ALTER TABLE events DETACH PARTITION old CONCURRENTLY"),
    ),
    Danger(
        "many-tables-locked",
        'op.add_column("users", sa.Column("a", sa.Text()))\nop.add_column("posts", sa.Column("a", sa.Text()))',
        AUTO
        + 'op.add_column("users", sa.Column("a", sa.Text()))\n    op.add_column("posts", sa.Column("a", sa.Text()))',
    ),
    Danger("drop-table", 'op.drop_table("posts")', NEW_TABLE + 'op.drop_table("fresh")'),
    Danger(
        "drop-column",
        'op.drop_column("users", "plan")',
        'op.add_column("users", sa.Column("a", sa.Text()))\nop.drop_column("users", "a")',
    ),
    Danger(
        "drop-column",
        'with op.batch_alter_table("users") as b:\n    b.drop_column("plan")',
        'with op.batch_alter_table("users") as b:\n    b.add_column(sa.Column("a", sa.Text()))',
        "sqlite",
    ),
    Danger("rows-removed", sql("TRUNCATE users"), NEW_TABLE + sql("TRUNCATE fresh")),
    Danger(
        "rows-removed",
        sql("DELETE FROM users"),
        sql("CREATE TEMP TABLE t AS SELECT 1", "DELETE FROM t"),
    ),
    Danger(
        "rename-table",
        'op.rename_table("users", "people")',
        'op.rename_table("users", "people")\n' + sql("CREATE VIEW users AS SELECT * FROM people"),
    ),
    Danger(
        "rename-column",
        'op.alter_column("users", "plan", new_column_name="tier")',
        'op.alter_column("users", "plan", comment="tier")',
    ),
    Danger(
        "default-dropped",
        'op.alter_column("users", "points", server_default=None)',
        'op.alter_column("users", "plan", server_default=None)',
    ),
    Danger(
        "whole-table-update",
        sql("UPDATE users SET plan = 'free'"),
        sql("UPDATE users SET plan = 'free' WHERE id = 7"),
    ),
    Danger(
        "whole-table-update",
        'u = sa.table("users", sa.column("plan"))\nop.execute(u.update().values(plan="x"))',
        'u = sa.table("users", sa.column("id"), sa.column("plan"))\nop.execute(u.update().where(u.c.id == 1).values(plan="x"))',
    ),
    Danger(
        "whole-table-update",
        sql("UPDATE users SET plan = 'a' WHERE plan IS NULL"),
        sql(
            "UPDATE users SET plan = 'a' WHERE id IN (SELECT id FROM users WHERE plan IS NULL LIMIT 9)"
        ),
    ),
    Danger(
        "data-with-ddl",
        'op.add_column("users", sa.Column("a", sa.Text()))\n' + sql("UPDATE users SET a = plan"),
        AUTO
        + 'op.add_column("users", sa.Column("a", sa.Text()))\n'
        + sql("UPDATE users SET a = plan"),
    ),
    Danger(
        "row-by-row",
        'bind = op.get_bind()\nfor row in bind.execute(sa.text("SELECT id, plan FROM users")):\n    bind.execute(sa.text("UPDATE users SET plan = :p WHERE id = :i"), {"p": row.plan.lower(), "i": row.id})',
        'for name in ("a", "b"):\n    op.execute(f"INSERT INTO posts (title) VALUES (\'{name}\')")',
    ),
    Danger(
        "enum-value-used",
        sql("ALTER TYPE mood ADD VALUE 'fine'", "UPDATE users SET mood = 'fine' WHERE id = 1"),
        auto("ALTER TYPE mood ADD VALUE 'fine'")
        + "\n"
        + sql("UPDATE users SET mood = 'fine' WHERE id = 1"),
    ),
    Danger(
        "rename-enum-value",
        sql("ALTER TYPE mood RENAME VALUE 'good' TO 'fine'"),
        sql("ALTER TYPE mood ADD VALUE 'fine'"),
    ),
    Danger(
        "whole-table-update",
        "bind = op.get_bind()\nwhile bind.execute(sa.text(\"UPDATE users SET plan = 'a' WHERE id IN (SELECT id FROM users WHERE plan IS NULL LIMIT 9)\")).rowcount:\n    pass",
        AUTO
        + "bind = op.get_bind()\n    while bind.execute(sa.text(\"UPDATE users SET plan = 'a' WHERE id IN (SELECT id FROM users WHERE plan IS NULL LIMIT 9)\")).rowcount:\n        pass",
    ),
    Danger(
        "enum-type-missing",
        'op.add_column("users", sa.Column("k", sa.Enum("a", name="kind")))',
        'sa.Enum("a", name="kind").create(op.get_bind())\nop.add_column("users", sa.Column("k", sa.Enum("a", name="kind")))',
    ),
    Danger(
        "data-read",
        'op.get_bind().execute(sa.text("SELECT id FROM users")).fetchall()',
        sql("SELECT setval('users_id_seq', 10)"),
    ),
    Danger(
        "data-read",
        'op.get_bind().execute(sa.text("SELECT id FROM users")).fetchall()',
        'if not context.is_offline_mode():\n    op.get_bind().execute(sa.text("SELECT id FROM users")).fetchall()',
    ),
    Danger("models-imported", "from app.models import User", "from app.constants import LIMIT"),
    Danger(
        "unnamed-constraint",
        'op.drop_constraint(None, "posts", type_="foreignkey")',
        'op.drop_constraint("fk", "posts", type_="foreignkey")',
    ),
    Danger(
        "identifier-too-long",
        f'op.create_index("{"i" * 70}", "posts", ["id"])',
        f'op.create_index("{"i" * 63}", "posts", ["id"])',
    ),
    Danger(
        "sqlite-batch",
        'op.alter_column("users", "plan", nullable=False)',
        'with op.batch_alter_table("users") as b:\n    b.alter_column("plan", nullable=False)',
        "sqlite",
    ),
    Danger(
        "sqlite-batch",
        f"op.create_foreign_key({FK})",
        'with op.batch_alter_table("posts") as b:\n    b.create_foreign_key("fk", "users", ["user_id"], ["id"])',
        "sqlite",
    ),
    Danger(
        "sqlite-add-column",
        'op.add_column("users", sa.Column("a", sa.DateTime(), server_default=sa.func.now()))',
        'op.add_column("users", sa.Column("a", sa.DateTime(), server_default="2020-01-01"))',
        "sqlite",
    ),
    Danger(
        "sqlite-add-column",
        'op.add_column("users", sa.Column("a", sa.Text(), nullable=False))',
        'with op.batch_alter_table("users", recreate="always") as b:\n    b.add_column(sa.Column("a", sa.Text(), nullable=False, server_default=""))',
        "sqlite",
    ),
    Danger(
        "several-statements",
        sql("UPDATE users SET plan = 'a' WHERE id = 1; SELECT 1"),
        sql("SELECT 1"),
        "sqlite",
    ),
    Danger(
        "sqlite-not-null",
        'with op.batch_alter_table("users") as b:\n    b.alter_column("plan", nullable=False)',
        sql("UPDATE users SET plan = 'a' WHERE plan IS NULL")
        + '\nwith op.batch_alter_table("users") as b:\n    b.alter_column("plan", nullable=False)',
        "sqlite",
    ),
    Danger(
        "sqlite-unknown-constraint",
        'with op.batch_alter_table("users") as b:\n    b.drop_constraint("users_email_key")',
        'with op.batch_alter_table("users") as b:\n    b.create_unique_constraint("uq", ["email"])\nwith op.batch_alter_table("users") as b:\n    b.drop_constraint("uq")',
        "sqlite",
    ),
    Danger(
        "data-with-ddl",
        'op.create_table("totals", sa.Column("id", sa.BigInteger(), sa.ForeignKey("users.id")))\n'
        + sql("INSERT INTO totals SELECT user_id FROM posts"),
        'op.create_table("totals", sa.Column("id", sa.BigInteger()))\n'
        + sql("INSERT INTO totals SELECT user_id FROM posts"),
    ),
    Danger(
        "type-change",
        sql("SET timezone = 'Europe/Berlin'", "ALTER TABLE users ALTER seen TYPE timestamptz"),
        sql("SET timezone = 'UTC'", "ALTER TABLE users ALTER seen TYPE timestamptz"),
    ),
    Danger(
        "sqlite-rebuild-view",
        sql("CREATE VIEW v AS SELECT plan FROM users") + f"\n{REBUILD}",
        sql("CREATE VIEW v AS SELECT plan FROM users", "DROP VIEW v") + f"\n{REBUILD}",
        "sqlite",
    ),
    Danger(
        "sqlite-rebuild-loses",
        sql("CREATE TRIGGER t AFTER UPDATE ON users BEGIN DELETE FROM posts; END") + f"\n{REBUILD}",
        REBUILD + "\n" + sql("CREATE TRIGGER t AFTER UPDATE ON users BEGIN DELETE FROM posts; END"),
        "sqlite",
    ),
)

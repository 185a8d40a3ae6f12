"""Ten at once: one migrates, the others wait and find the work done."""

import pytest

from tests.migrate.safety.conftest import Swarm, pausing, psql
from tests.projects.make import Project, table
from tests.schema import rows_of

pytestmark = pytest.mark.soak

TEN, ROUNDS = 10, 5

BALANCE = """\
op.create_table("accounts", sa.Column("balance", sa.Integer()))
op.execute("INSERT INTO accounts VALUES (100)")
"""
DATA_STEP = """\
__import__("time").sleep(0.03)
with op.get_context().autocommit_block():
    op.execute("UPDATE accounts SET balance = balance + 1")
__import__("time").sleep(0.03)
"""
CONCURRENT = """\
with op.get_context().autocommit_block():
    op.create_index("ix_t1_id", "t1", ["id"], postgresql_concurrently=True)
"""


def emptied(url: str) -> None:
    """The PostgreSQL database as it was before the first revision."""
    psql(url, "DROP SCHEMA public CASCADE")
    psql(url, "DROP SCHEMA IF EXISTS dbctl CASCADE")
    psql(url, "CREATE SCHEMA public")


@pytest.mark.parametrize("number", range(ROUNDS))
def test_ten_upgrades_at_once_all_end_well(
    slow: Project, swarm: Swarm, database_url: str, number: int
) -> None:
    assert swarm(slow, TEN, "upgrade") == [0] * TEN
    assert rows_of(database_url) == {f"t{n}": 1 for n in range(1, 6)} | {"alembic_version": 1}


def test_without_the_lock_ten_at_once_fail(
    served: Project, swarm: Swarm, postgres_url: str
) -> None:
    pausing(served)
    for _ in range(ROUNDS):
        if any(swarm(served, TEN, "upgrade", "--no-lock")):
            return
        emptied(postgres_url)
    pytest.fail("ten upgrades without a lock ended well: the test above proves nothing")


def test_plain_alembic_fails_where_we_do_not(slow: Project, swarm: Swarm) -> None:
    assert any(swarm(slow, TEN, "upgrade", "head", tool="alembic"))


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_data_step_outside_of_transactions_runs_once(
    served: Project, swarm: Swarm, postgres_url: str, number: int
) -> None:
    served.revision("r1", up=BALANCE)
    served.revision("r2", "r1", up=DATA_STEP)
    assert swarm(served, TEN, "upgrade") == [0] * TEN
    assert psql(postgres_url, "SELECT balance FROM accounts") == "101"


@pytest.mark.parametrize("number", range(ROUNDS))
def test_an_index_is_built_concurrently_once_and_is_valid(
    served: Project, swarm: Swarm, postgres_url: str, number: int
) -> None:
    served.revision("r1", up=table("t1"))
    served.revision("r2", "r1", up=CONCURRENT)
    assert swarm(served, TEN, "upgrade") == [0] * TEN
    assert psql(postgres_url, "SELECT count(*) FROM pg_index WHERE NOT indisvalid") == "0"

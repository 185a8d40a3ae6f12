"""The fixture `place`: one main database with the sample in it, at each of the providers."""

from pathlib import Path

import pytest

from tests.branch.place import Place
from tests.neon.conftest import neon
from tests.neon.standin import StandIn

__all__ = ["neon"]

PLACES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres),
    pytest.param("neon", id="neon", marks=pytest.mark.postgres),
]


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Place:
    """The sample, filled, at one provider."""
    made: Place = request.getfixturevalue(f"{request.param}_place")
    return made


@pytest.fixture
def sqlite_place(sample_sqlite_url: str, tmp_path: Path) -> Place:
    """The sample in a file."""
    return Place("sqlite", "sample.db", tmp_path, {"DATABASE_URL": sample_sqlite_url})


@pytest.fixture
def postgresql_place(sample_postgres_url: str, tmp_path: Path) -> Place:
    """The sample on a server."""
    name = sample_postgres_url.rpartition("/")[2]
    return Place("postgresql", name, tmp_path, {"DATABASE_URL": sample_postgres_url})


@pytest.fixture
def neon_place(neon: StandIn, tmp_path: Path) -> Place:
    """The sample in the branch `main` of a project at the stand-in for Neon."""
    env = {**neon.env, "DATABASE_URL": neon.uri("main"), "DBCTL_ENV": "dev"}
    made = Place("neon", "main", tmp_path, env)
    made("up")
    return made

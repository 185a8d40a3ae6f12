"""The corpus and its labels: whole, and what a server says when it is asked again."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.lint import cases, effects, label
from tests.lint.label import LABELS
from tests.lint.on_postgres import Postgres
from tests.lint.on_sqlite import Sqlite
from tests.servers.server import Server

CASES = cases.all_cases()
LABELLED = json.loads(LABELS.read_text(encoding="utf-8"))
# One of each way to measure: a lock while rows are read, none, one that is only asked for, a loss
# with its broken code, a failure, and a way back that is none.
SOME = (
    "index_plain",
    "index_concurrently",
    "type_varchar_to_text",
    "vacuum_full",
    "drop_column",
    "enum_left_behind",
)


@pytest.fixture(scope="module")
def on_postgres(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """The databases from which those of the cases are copied."""
    with Postgres.filled(server, tmp_path_factory.mktemp("shop")) as made:
        yield made


def measured(name: str, place: Postgres | Sqlite, folder: Path) -> dict[str, Any]:
    """The label as it comes out now, as it would be read back."""
    found: dict[str, Any] = json.loads(json.dumps(label.label(CASES[name], place, folder)))
    return found


def test_every_case_has_a_label_and_every_label_a_case() -> None:
    folders = {path.parent.name for path in cases.CORPUS.glob("*/*/r*.py")} - {"before"}
    assert folders == set(CASES) == set(LABELLED)


def test_the_corpus_is_large_and_a_third_of_it_follows_published_histories() -> None:
    assert len(CASES) >= 60
    assert sum(bool(case.like) for case in CASES.values()) * 3 >= len(CASES)


def test_every_danger_and_every_advice_has_a_case() -> None:
    seen = {kind for one in LABELLED.values() for kind in (*one["kinds"], *one.get("advice", []))}
    assert seen == {*effects.DANGERS, *effects.ADVICE}


@pytest.mark.parametrize("dialect", ["postgresql", "sqlite"])
def test_harmless_revisions_are_as_much_a_part_as_dangerous_ones(dialect: str) -> None:
    here = [LABELLED[case.name]["dangerous"] for case in CASES.values() if case.dialect == dialect]
    assert 0.4 <= sum(here) / len(here) <= 0.7


@pytest.mark.parametrize("name", SOME)
def test_the_server_still_says_what_the_label_says(
    name: str, on_postgres: Postgres, tmp_path: Path
) -> None:
    assert measured(name, on_postgres, tmp_path / name) == LABELLED[name]


@pytest.mark.parametrize("name", ["lite_batch_cascade", "lite_batch_plain", "lite_drop_column"])
def test_sqlite_still_does_what_the_label_says(name: str, tmp_path: Path) -> None:
    assert measured(name, Sqlite(tmp_path), tmp_path / name) == LABELLED[name]


@pytest.mark.soak
@pytest.mark.parametrize("name", [name for name in CASES if name not in SOME])
def test_every_label_can_be_measured_again(
    name: str, on_postgres: Postgres, tmp_path: Path
) -> None:
    here = on_postgres if CASES[name].dialect == "postgresql" else Sqlite(tmp_path)
    assert measured(name, here, tmp_path / name) == LABELLED[name]

"""Names of branches: two different ones are two databases, and whatever they hold is only text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dbctl.branch.names import BYTES, Names, require
from dbctl.errors import UsageError
from tests.branch.place import Place

LONG = "feature/" + "x" * 70
HOSTILE = [
    'it\'s "quoted"',
    "../../etc/x",
    "Ünïcode — 数据",
    "a'; DROP DATABASE x; --",
    "%s {x} $1",
]


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest) -> Place:
    made: Place = request.getfixturevalue(f"{request.param}_place")
    return made


@given(st.text(min_size=1), st.text(min_size=1), st.text(min_size=1))
def test_an_id_fits_a_database_and_a_file(main: str, one: str, other: str) -> None:
    names = Names(main)
    made = names.id(one)
    assert len(made.encode()) <= BYTES
    assert made.replace("_", "").isalnum()
    assert made.isascii()
    assert (made == names.id(other)) == (one == other)
    assert names.owns(made)
    assert not Names(f"{main}x").owns(made)


def test_names_equal_in_63_letters_are_two_branches(place: Place) -> None:
    for last in "ab":
        place("branch", "create", f"{LONG}{last}")
    place.sql(f"{LONG}a", "DELETE FROM posts")
    place("branch", "delete", f"{LONG}a", "--yes")
    assert place.names() == [f"{LONG}b"]
    assert place.sql(f"{LONG}b", "SELECT count(*) FROM posts")[0][0] > 0


def test_a_name_is_only_text(place: Place) -> None:
    for name in HOSTILE:
        place("branch", "create", name)
        place("branch", "reset", name, "--yes")
    assert place.names() == sorted(HOSTILE)
    for name in HOSTILE:
        place("branch", "delete", name, "--yes")
    assert place.names() == []


@pytest.mark.parametrize(
    "name", ["", " x", "a\nb", "\x1b[31m", "-x", "x" * 201, "\udc80"], ids=ascii
)
def test_what_nobody_can_type_is_refused(name: str) -> None:
    with pytest.raises(UsageError):
        require(name)


def test_the_case_of_a_letter_makes_another_branch(place: Place) -> None:
    place("branch", "create", "Task")
    place("branch", "create", "task")
    assert place.names() == ["Task", "task"]

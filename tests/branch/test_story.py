"""The same twelve steps at every provider."""

import sys
from collections.abc import Callable

from tests.branch.place import Place

WRITE = "DELETE FROM posts"


def head(place: Place) -> list[str]:
    heads: list[str] = place.tried("--json", "status").json["heads"]
    return heads


def create(place: Place) -> None:
    made = place.json("branch", "create", "feature/login")
    assert (made["created"], made["parent"], made["provider"]) == (
        True,
        place.main,
        place.provider,
    )


def create_again(place: Place) -> None:
    assert place.tried("branch", "create", "feature/login").code == 1
    again = place.json("branch", "create", "feature/login", "--if-exists", "reuse")
    assert again["created"] is False


def read(place: Place) -> None:
    assert place.users("feature/login") == place.users(place.main) > 0


def write_isolated(place: Place) -> None:
    place.sql("feature/login", WRITE)
    assert place.sql("feature/login", "SELECT count(*) FROM posts")[0][0] == 0
    assert place.sql(place.main, "SELECT count(*) FROM posts")[0][0] > 0


def differ(place: Place) -> None:
    assert place("--json", "branch", "diff", "feature/login").json["same"]
    rows = place.tried("--json", "branch", "diff", "feature/login", "--data")
    (posts,) = rows.json["data"]
    assert (rows.code, posts["table"], posts["rows_after"], posts["removed"]) == (
        1,
        "posts",
        0,
        posts["rows_before"],
    )


def reset(place: Place) -> None:
    place("branch", "reset", "feature/login", "--yes")
    assert place("branch", "diff", "feature/login", "--data").code == 0


def use(place: Place) -> None:
    place("branch", "use", "feature/login")
    assert place.json("status")["branch"] == "feature/login"


def downgrade_there(place: Place) -> None:
    place("downgrade", "-1", "--yes")
    assert place.json("branch", "show", "feature/login")["revision"] != head(place)
    assert place.json("branch", "show", place.main)["revision"] == head(place)
    assert place.tried("branch", "diff", "feature/login").code == 1


def upgrade_there(place: Place) -> None:
    place("upgrade")
    assert place.json("branch", "show")["revision"] == head(place)
    assert place("branch", "use", "--off").code == 0
    assert place.json("status")["branch"] is None


def run(place: Place) -> None:
    code = "import os,sys; sys.exit(len(os.environ['DATABASE_URL']) > 9 and 7)"
    done = place.tried("branch", "run", "task", "--rm", "--", sys.executable, "-c", code)
    assert (done.code, place.names()) == (7, ["feature/login"])


def prune(place: Place) -> None:
    assert place.json("branch", "prune", "--match", "nothing*", "--yes")["branches"] == []
    would = place.json("branch", "prune", "--match", "feature/*", "--dry-run")
    assert ([one["name"] for one in would["branches"]], place.names()) == (
        ["feature/login"],
        ["feature/login"],
    )


def delete(place: Place) -> None:
    assert place.tried("branch", "delete", "feature/login").code == 5
    assert place.json("branch", "delete", "feature/login", "--yes")["changed"]
    assert not place.json("branch", "delete", "feature/login", "--if-exists", "--yes")["changed"]
    assert place.names() == []


STEPS: tuple[Callable[[Place], None], ...] = (
    create,
    create_again,
    read,
    write_isolated,
    differ,
    reset,
    use,
    downgrade_there,
    upgrade_there,
    run,
    prune,
    delete,
)


def test_a_branch_lives_through_twelve_steps(place: Place) -> None:
    for step in STEPS:
        step(place)
    assert place.users(place.main) > 0


def test_the_main_database_is_no_branch(place: Place) -> None:
    for verb in ("delete", "reset"):
        done = place.tried("branch", verb, place.main, "--yes")
        assert done.code == 5, str(done)
    assert place.tried("branch", "create", place.main).code == 1
    assert place.users(place.main) > 0

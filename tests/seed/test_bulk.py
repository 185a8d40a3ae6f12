"""Large files: the fast way in, indexes built after the rows, counters, memory, being killed."""

import csv
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from dbctl.seed import table as filling
from tests.runner import Finished, environment
from tests.schema import rows_of, schema_of
from tests.seed.store import Store

Make = Callable[[sa.MetaData], Store]
Run = Callable[..., Finished]
CHECKOUT = Path(__file__).parents[2]
HEAD = "username,email,full_name,hashed_password,is_active,balance\n"
PEOPLE = sa.MetaData()
sa.Table(
    "people",
    PEOPLE,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(40), nullable=False, unique=True),
    sa.Column("mail", sa.String(60), nullable=False),
    sa.Column("note", sa.Text),
    sa.Column("boss_id", sa.ForeignKey("people.id")),
    sa.Column("serial", sa.String(40)),
    sa.Index("ix_people_note", "note"),
    sa.Index("uq_people_mail", "mail", unique=True),
)
# What a foreign key points at needs its index.
sa.Table(
    "letters",
    PEOPLE,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("mail", sa.ForeignKey("people.serial")),
)
sa.Index("uq_people_serial", PEOPLE.tables["people"].c.serial, unique=True)


def users(count: int, *, first: int = 0) -> str:
    rows = (
        f'user{n},User{n}@example.com,"Name, {n}",x,{"true" if n % 3 else "false"},{n % 100}.50\n'
        for n in range(first, first + count)
    )
    return HEAD + "".join(rows)


def people(count: int) -> str:
    return "name,mail,note\n" + "".join(f"n{n},m{n}@x.y,{n % 7}\n" for n in range(count))


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every file is large enough to have the indexes built after its rows."""
    monkeypatch.setattr(filling, "LARGE_BYTES", 0)


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements about indexes, as they were run."""
    from dbctl.seed import postgres, sqlite

    said: list[str] = []
    for module in (postgres.Postgres, sqlite.Sqlite):

        def heard(self: object, statement: str, real: object = module.execute) -> object:
            if " INDEX " in statement:
                said.append(statement)
            return real(self, statement)  # type: ignore[operator]

        monkeypatch.setattr(module, "execute", heard)
    return said


TRICKY = [
    "a\tb",
    "a\\b",
    "\\N",
    "a\nb",
    "a\r\nb",
    "é🎉",
    "'",
    '"',
    "\\.",
    " a ",
    "{}",
    "NULL",
    "\x7f",
]


def test_every_text_arrives_as_it_is(store: Make) -> None:
    made = store(PEOPLE)
    rows = [{"name": f"n{n}", "mail": f"m{n}", "note": text} for n, text in enumerate(TRICKY)]
    assert made.counts({"people.json": rows}) == [(len(TRICKY), 0, 0)]
    assert [text for (text,) in made.rows("SELECT note FROM people ORDER BY id")] == TRICKY
    assert made.counts() == [(0, 0, len(TRICKY))]


def test_indexes_of_an_empty_table_are_built_after_the_rows(
    store: Make, large: None, statements: list[str]
) -> None:
    made = store(PEOPLE)
    before = schema_of(made.url)
    assert made.counts({"people.csv": people(50)}) == [(50, 0, 0)]
    assert [word for said in statements for word in said.split() if word in ("DROP", "CREATE")] == [
        *("DROP", "DROP", "CREATE", "CREATE")
    ]
    assert all("serial" not in said for said in statements)
    assert schema_of(made.url) == before


def test_indexes_of_a_table_with_rows_stay(store: Make, large: None, statements: list[str]) -> None:
    made = store(PEOPLE)
    made.run("INSERT INTO people (name, mail) VALUES ('n3', 'm')")
    assert made.counts({"people.csv": people(50)}) == [(49, 1, 0)]
    assert statements == []


def test_a_small_file_leaves_the_indexes_alone(store: Make, statements: list[str]) -> None:
    store(PEOPLE).seed({"people.csv": people(50)})
    assert statements == []


def test_what_an_index_refuses_when_it_is_built_is_named(store: Make, large: None) -> None:
    made = store(PEOPLE)
    before = schema_of(made.url)
    text = people(50) + "twice,m7@x.y,\n"
    with pytest.raises(Exception, match=r"people\.csv:52: the database refuses it: .*mail"):
        made.seed({"people.csv": text})
    assert (made.rows("SELECT * FROM people"), schema_of(made.url)) == ([], before)


def test_a_key_twice_in_a_large_file_is_one_row(store: Make, large: None) -> None:
    made = store(PEOPLE)
    assert made.counts({"people.csv": people(50) + "n7,m7@x.y,0\n"}) == [(50, 0, 1)]


@pytest.mark.parametrize("name", ["1_people.csv", "1_people.json"])
def test_counters_go_on_behind_given_numbers(store: Make, name: str) -> None:
    made = store(PEOPLE)
    text = "id,name,mail\n41,a,a\n7,b,b\n"
    rows = [{"id": 41, "name": "a", "mail": "a"}, {"id": 7, "name": "b", "mail": "b", "note": "x"}]
    made.seed({name: text if name.endswith("csv") else rows, "2_people.csv": "name,mail\nc,c\n"})
    assert made.rows("SELECT id FROM people WHERE name = 'c'") == [(42,)]


def test_a_counter_never_goes_back(store: Make) -> None:
    made = store(PEOPLE)
    made.seed({"1_people.csv": "id,name,mail\n90,a,a\n", "2_people.csv": "id,name,mail\n3,b,b\n"})
    made.seed({"3_people.csv": "name,mail\nc,c\n"})
    assert made.rows("SELECT id FROM people WHERE name = 'c'") == [(91,)]


@pytest.fixture
def empty_url(quick: Run, database_url: str) -> str:
    """The sample's tables without rows."""
    assert quick("--url", database_url, "up", "--no-seed", cwd=CHECKOUT).code == 0
    return database_url


def test_types_of_the_project_act_on_the_fast_way(
    quick: Run, empty_url: str, tmp_path: Path
) -> None:
    (tmp_path / "users.csv").write_text(users(3000))
    done = seed(quick, empty_url, tmp_path)
    assert done.json["rows"] == 3000, done
    made = Store(empty_url, tmp_path / "none", sa.MetaData())
    assert made.rows("SELECT email, balance FROM users WHERE username = 'user7'") == [
        ("user7@example.com", 750 if empty_url.startswith("sqlite") else pytest.approx(7.5))
    ]
    assert seed(quick, empty_url, tmp_path).json["rows"] == 0


def seed(run: Run, url: str, folder: Path) -> Finished:
    return run("--url", url, "--json", "seed", cwd=CHECKOUT, env={"DBCTL_SEEDS": str(folder)})


def peak_kib(url: str, folder: Path) -> int:
    """The most memory that `dbctl seed` held."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dbctl", "-q", "--url", url, "seed"],
        cwd=CHECKOUT,
        env=environment({"DBCTL_SEEDS": str(folder)}),
        stdout=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return usage.ru_maxrss


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_memory_does_not_grow_with_the_file(empty_url: str, tmp_path: Path, kind: str) -> None:
    peaks = []
    for count in (10_000, 60_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        text = users(count, first=count)
        (folder / f"users.{kind}").write_text(text if kind == "csv" else as_lines(text))
        peaks.append(peak_kib(empty_url, folder))
    assert peaks[1] < peaks[0] * 1.3


def as_lines(text: str) -> str:
    """CSV as JSON Lines."""
    return "".join(f"{json.dumps(row)}\n" for row in csv.DictReader(text.splitlines()))


def test_killed_at_any_moment_the_next_run_makes_it_whole(
    dbctl: Run, empty_url: str, tmp_path: Path
) -> None:
    (tmp_path / "users.csv").write_text(users(30_000))
    (tmp_path / "items.csv").write_text(
        "title,price,owner\n" + "".join(f"t{n},1.00,@user{n}\n" for n in range(500))
    )
    for _ in range(20):
        killed(empty_url, tmp_path, random.uniform(0.3, 2.5))
        assert rows_of(empty_url)["users"] in (0, 30_000)
    assert seed(dbctl, empty_url, tmp_path).code == 0
    found = rows_of(empty_url)
    assert (found["users"], found["items"]) == (30_000, 500)
    assert seed(dbctl, empty_url, tmp_path).json["rows"] == 0


def test_two_at_once_wait_for_each_other(empty_url: str, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text(users(20_000))
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "dbctl", "--json", "--url", empty_url, "seed"],
            cwd=CHECKOUT,
            env=environment({"DBCTL_SEEDS": str(tmp_path)}),
            stdout=subprocess.PIPE,
        )
        for _ in range(2)
    ]
    found = [json.loads(process.communicate()[0]) for process in both]
    assert sorted(one["rows"] for one in found) == [0, 20_000]
    assert rows_of(empty_url)["users"] == 20_000


def killed(url: str, folder: Path, after: float) -> None:
    """Start `dbctl seed` and end it without a warning."""
    process = subprocess.Popen(
        [sys.executable, "-m", "dbctl", "-q", "--url", url, "seed"],
        cwd=CHECKOUT,
        env=environment({"DBCTL_SEEDS": str(folder)}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    process.wait()

"""Whatever is wrong with a file: exit 1 with file and line, and not a row was written."""

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from tests.runner import Finished
from tests.schema import rows_of

CHECKOUT = Path(__file__).parents[2]
Run = Callable[..., Finished]
HEAD = "username,email,hashed_password,is_active,balance\n"
GOOD = "zed,zed@example.com,x,true,1.00\n"
JSON = '[{"username": "zed", "email": "zed@example.com",\n "hashed_password": "x", '
FILES: dict[str, tuple[str, str | bytes, str]] = {
    "too long": ("users.csv", HEAD + GOOD + "y" * 51 + ",a@b.c,x,true,1\n", ":3:username 'yyy"),
    "no number": ("users.csv", HEAD + "zed,a@b.c,x,true,NaN\n", ":2:balance 'NaN' "),
    "infinite": ("users.csv", HEAD + "zed,a@b.c,x,true,Infinity\n", ":2:balance 'Infinity' "),
    "too many places": ("users.csv", HEAD + "zed,a@b.c,x,true,0.001\n", ":2:balance '0.001' "),
    "too large": ("users.csv", HEAD + "zed,a@b.c,x,true,10000000000\n", ":2:balance '100000"),
    "no truth": ("users.csv", HEAD + "zed,a@b.c,x,no,1\n", ":2:is_active 'no' "),
    "nothing": ("users.csv", HEAD + ",a@b.c,x,true,1\n", ":2:username is empty"),
    "nul": ("users.csv", HEAD + "z\0d,a@b.c,x,true,1\n", ":2:username 'z\\x00d' "),
    "check": ("users.csv", HEAD + GOOD + "yan,yan@example.com,x,true,-1\n", ":3: the database"),
    "unique": ("users.csv", HEAD + GOOD + "yan,zed@example.com,x,true,1\n", ":3: the database"),
    "contradiction": ("users.csv", HEAD + GOOD + GOOD.replace("1.00", "2"), ":3: says otherwise"),
    "unknown column": ("users.csv", "username,nick\nzed,z\n", ":1: users has no column 'nick'"),
    "column twice": ("users.csv", "username,username\nzed,z\n", ":1: 'username' stands there"),
    "too few fields": ("users.csv", HEAD + "zed\n" + GOOD, ":2: 1 field, the first line has 5"),
    "too many fields": ("users.csv", HEAD + GOOD + "a,b,c,d,e,f\n", ":3: 6 fields, the first"),
    "unclosed quote": ("users.csv", HEAD + GOOD + 'zed,"a@b.c\n' + GOOD, ":3: unexpected end"),
    "broken quote": ("users.csv", HEAD + GOOD + '"z"d,a@b.c,x,true,1\n', ":3: "),
    "row over lines": ("users.csv", HEAD + '"z\n\n\ne",a@b.c,x,true,?\n', ":2:balance '?' "),
    "latin-1": ("users.csv", HEAD.encode() + b"z\xe9d,a@b.c,x,true,1\n", ":2:2 is not UTF-8"),
    "utf-16": ("users.csv", (HEAD + GOOD).encode("utf-16"), ":1:1 is not UTF-8"),
    "long field": (
        "users.csv",
        HEAD + GOOD + "y" * 140_000 + ",a@b.c,x,true,1\n",
        ":3:username 'yyyyyyy",
    ),
    "field without end": (
        "users.csv",
        HEAD + "y" * (16 * 1024 * 1024 + 1) + ",a@b.c,x,true,1\n",
        ":2: field larger than",
    ),
    "json twice": ("users.json", JSON + '"balance": 1, "balance": 2}]', ":1: the row has 'bal"),
    "json broken": ("users.json", JSON + '"balance" 1}]', ":2:36: Expecting ':'"),
    "json nan": ("users.json", JSON + '"balance": NaN}]', ":1:balance 'nan' "),
    "json deep": ("users.json", '[\n{"username": ' + "[" * 100_000, ":2: more than"),
    "json half": (
        "users.json",
        JSON.replace("zed", "\\ud800", 1) + '"balance": 1}]',
        ":1:username",
    ),
    "json no list": ("users.json", '{"username": "zed"}', ":1: a list of rows"),
    "json no row": ("users.json", '[{"username": "z"},\n 7]', ":2: a row is wanted"),
    "json no comma": ("users.json", '[{"username": "z"}\n{}]', ":2:1: another row"),
    "json comma": ("users.json", '[{"username": "z"},\n]', ":1:19: another row"),
    "json more": ("users.json", "[]\n[]", ":2:1: there is more"),
    "json number": ("users.json", JSON + f'"balance": {"9" * 5000}}}]', ":1: "),
    "json empty row": ("users.json", "[\n{}]", ":2: a row without any value"),
    "jsonl broken": ("users.jsonl", '{"username": "z"}\n{"username" "z"}\n', ":2:13: "),
    "jsonl no row": ("users.jsonl", '{"username": "z"}\n\n[1]\n', ":3: a row is wanted"),
    "jsonl twice": ("users.jsonl", '\n{"username": "z", "username": "y"}\n', ":2: the row has"),
    "jsonl deep": ("users.jsonl", "[" * 100_000 + "\n", ":1: more than"),
    "yaml truth": ("users.yaml", "- username: zed\n  is_active: no\n", ":1:is_active 'no' "),
    "yaml octal": ("items.yaml", "- title: x\n  price: 0o10\n  owner: '@amara'\n", ":1:price '0o"),
    "yaml twice": ("users.yaml", "- username: z\n- username: y\n  username: x\n", ":3:3: the name"),
    "yaml tag": ("users.yaml", "- username: !!python/object:os.system x\n", ":1:13: "),
    "yaml deep": ("users.yaml", "- username: " + "[" * 60 + "]" * 60 + "\n", ":1:61: more than"),
    "yaml deeper": ("users.yaml", "- username: " + "[" * 9000 + "]" * 9000 + "\n", ":1: more than"),
    "yaml bomb": (
        "users.yaml",
        "- &a [1,1,1,1,1,1,1,1,1]\n"
        + "".join(f"- &{b} [{','.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefghi")),
        ":1:1: more than 2,000,000",
    ),
    "yaml list of lists": ("users.yaml", "- username: z\n- [a]\n", ":2: a row is wanted"),
    "yaml list as name": ("users.yaml", "- [a]: z\n", ":1:3: "),
    "yaml control": ("users.yaml", "- username: z\n- username: \x07\n", ":2: special characters"),
    "no such row": (
        "items.csv",
        "title,price,owner\nx,1,@amara\ny,1,@nobody\n",
        ":3:owner '@nobody' ",
    ),
    "no reference": ("items.csv", "title,price,owner\nx,1,amara\n", ":2:owner 'amara' names"),
    "no such number": ("items.csv", "title,price,owner_id\nx,1,1\ny,1,999\n", ":3: the data"),
    "too large a number": ("items.csv", "title,price,owner_id\nx,1,2147483648\n", ":2:owner_id"),
    "no number at all": ("items.csv", "title,price,owner_id\nx,1,1_0\n", ":2:owner_id '1_0' "),
    "no time": ("users.csv", "username,deleted_at\nzed,yesterday\n", ":2:deleted_at 'yesterday' "),
    "no zone": ("users.csv", "username,deleted_at\nz,2024-01-01T00:00+99:00\n", ":2:deleted_at"),
    "no table": ("nothings.csv", "a\n1\n", "nothings.csv: there is no table"),
    "sql": ("9.sql", "SELECT 1;\n\nINSERT INTO nowhere VALUES (1);\n", "9.sql:3: the database"),
    "sql commit": ("9.sql", "DELETE FROM items;\n-- x\nCOMMIT;\n", "9.sql:3: 'COMMIT' would end"),
    "py": ("9.py", "def seed(session):\n    return 1 / 0\n", "9.py:2: ZeroDivisionError"),
    "py syntax": ("9.py", "def seed(session)\n", "9.py:1: SyntaxError"),
    "py without": ("9.py", "x = 1\n", "9.py has no function `seed`"),
}  # fmt: skip


@pytest.fixture
def seeding(quick: Run, sample_url: str, tmp_path: Path) -> Callable[[str, str | bytes], Finished]:
    """`seeding(name, content)`: seeds the sample with good files before and that one file."""
    folder = tmp_path / "seeds"
    folder.mkdir()

    def run(name: str, content: str | bytes) -> Finished:
        (folder / "0_posts.csv").write_text("title,slug,content,author\nt,t,c,@amara\n")
        data = content.encode() if isinstance(content, str) else content
        (folder / name).write_bytes(data)
        words = ("--url", sample_url, "--json", "seed")
        return quick(*words, cwd=CHECKOUT, env={"DBCTL_SEEDS": str(folder)})

    return run


@pytest.mark.parametrize("name", FILES)
def test_a_malformed_file_is_named_with_its_line_and_nothing_is_written(
    seeding: Callable[[str, str | bytes], Finished], sample_url: str, name: str
) -> None:
    file, content, expected = FILES[name]
    before = rows_of(sample_url)
    done = seeding(file, content)
    assert (done.code, done.json["error"]["kind"]) == (1, "seed_refused"), done
    assert file + expected.removeprefix(file) in done.json["error"]["message"]
    assert rows_of(sample_url) == before


def test_all_problems_up_to_twenty_are_in_the_json_error(
    seeding: Callable[[str, str | bytes], Finished],
) -> None:
    error = seeding("users.csv", HEAD + "zed,a@b.c,x,no,NaN\n" * 30).json["error"]
    assert len(error["problems"]) == 20
    assert error["message"].splitlines()[:4] == error["problems"][:4]
    assert error["message"].splitlines()[4:] == ["and at least 16 more"]


def test_a_person_gets_six_lines(quick: Run, sample_url: str, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text(HEAD + "\x1b[31mzed,a@b.c,x,no,1\n" * 9)
    env = {"DBCTL_SEEDS": str(tmp_path)}
    done = quick("--url", sample_url, "-q", "seed", cwd=CHECKOUT, env=env)
    lines = done.error_lines
    assert (done.code, done.out, len(lines)) == (1, "", 6)
    assert lines[0].startswith("error: ")
    assert lines[4:] == ["and 5 more", "hint: nothing was written; mend the file"]
    assert "\x1b" not in done.err


def test_the_log_as_json_has_every_problem(quick: Run, sample_url: str, tmp_path: Path) -> None:
    (tmp_path / "users.csv").write_text(HEAD + "zed,a@b.c,x,no,1\n" * 9)
    words = ("--url", sample_url, "--log-format", "json", "seed")
    done = quick(*words, cwd=CHECKOUT, env={"DBCTL_SEEDS": str(tmp_path)})
    assert done.err.count("users.csv:") >= 9

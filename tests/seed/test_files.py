"""Seed files of every kind, read as text with the line where each row stands."""

from pathlib import Path
from typing import Any

import pytest

from dbctl.errors import SeedRefusedError
from dbctl.seed import files
from dbctl.seed.files import File


def rows(path: Path) -> list[tuple[int, dict[str, Any]]]:
    return [(row.line, row.values) for row in File(path, "t").rows()]


@pytest.fixture
def file(tmp_path: Path) -> Any:
    """`file(name, content)`: a seed file."""

    def write(name: str, content: str | bytes) -> Path:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
        return tmp_path / name

    return write


GOOD = {
    "csv": ("t.csv", "a,b\r\n1,x\n2,\n", [(2, {"a": "1", "b": "x"}), (3, {"a": "2", "b": None})]),
    "csv with a bom": ("t.csv", "\ufeffa\n1\n", [(2, {"a": "1"})]),
    "csv over lines": ("t.csv", 'a\n"1\n2"\n3\n', [(2, {"a": "1\n2"}), (4, {"a": "3"})]),
    "csv over lines of three kinds": (
        "t.csv",
        'a\r\n"1\r\n2\r3\n4"\r\n\r\n5\r\n',
        [(2, {"a": "1\r\n2\r3\n4"}), (7, {"a": "5"})],
    ),
    "csv header alone": ("t.csv", "a,b\n", []),
    "csv without a word": ("t.csv", "", []),
    "long field": ("t.csv", "a\n" + "x" * 200_000 + "\n", [(2, {"a": "x" * 200_000})]),
    "json": (
        "t.json",
        '[{"a": 1,\n "b": null},\n\n {"a": 1.50}, {"a": "]"}]\n',
        [(1, {"a": 1, "b": None}), (4, {"a": "1.50"}), (4, {"a": "]"})],
    ),
    "json with a bom": ("t.json", '\ufeff[{"a": true}]', [(1, {"a": True})]),
    "json empty": ("t.json", "[]", []),
    "yaml": (
        "t.yaml",
        "- a: no\n  b: 010\n- a: 1.50\n  b: 2024-01-01\n- {a: ~, b: 'x'}\n",
        [
            (1, {"a": "no", "b": "010"}),
            (3, {"a": "1.50", "b": "2024-01-01"}),
            (5, {"a": None, "b": "x"}),
        ],
    ),
    "yaml words": (
        "t.yml",
        "- {a: yes, b: 0x1F, c: 1e3, d: 12:30, e: on, f: .nan, g: null}\n",
        [
            (
                1,
                dict(
                    zip("abcdefg", ["yes", "0x1F", "1e3", "12:30", "on", ".nan", None], strict=True)
                ),
            )
        ],
    ),
    "yaml with a bom": ("t.yaml", "\ufeff- a: 1\n", [(1, {"a": "1"})]),
    "yaml empty": ("t.yaml", "# nothing\n", []),
    "yaml nested": ("t.yaml", "- a: [no, {b: 010}]\n", [(1, {"a": ["no", {"b": "010"}]})]),
}


@pytest.mark.parametrize(("name", "text", "expected"), GOOD.values(), ids=GOOD)
def test_a_file_is_read_as_text_with_its_lines(
    file: Any, name: str, text: str, expected: list[Any]
) -> None:
    assert rows(file(name, text)) == expected


BAD: dict[str, tuple[str, str | bytes, str]] = {
    "csv too many": ("t.csv", "a,b\n1,2\n1,2,3\n", ":3: "),
    "csv too few": ("t.csv", "a,b\n1\n", ":2: "),
    "csv quote": ("t.csv", 'a\n"x"y\n', ":2: "),
    "csv header twice": ("t.csv", "a,b,a\n1,2,3\n", ":1: 'a'"),
    "csv latin-1": ("t.csv", "a\nCafé\n".encode("latin-1"), ":2:4 is not UTF-8"),
    "json broken": ("t.json", '[{"a": 1},\n {"a" 2}]', ":2:7: "),
    "json is no list": ("t.json", '{"a": 1}', "a list of rows"),
    "json is no row": ("t.json", "[{},\n 2]", ":2: a row is wanted"),
    "json name twice": ("t.json", '[{"a": 1, "b": 2, "a": 3}]', "'a' twice"),
    "json too deep": ("t.json", "[" * 100_000 + "]" * 100_000, ":1: more than 100 lists"),
    "json utf-16": ("t.json", "[]".encode("utf-16"), ":1:1 is not UTF-8"),
    "yaml broken": ("t.yaml", "- a: 1\n- b: [\n", ":3:1: "),
    "yaml is no list": ("t.yaml", "a: 1\n", "a list of rows"),
    "yaml two documents": ("t.yaml", "- a: 1\n---\n- a: 2\n", ":2:1: "),
    "yaml name twice": ("t.yaml", "- a: 1\n- a: 1\n  a: 2\n", ":3:3: the name 'a' twice"),
    "yaml control character": ("t.yaml", "- a: \x07\n", "t.yaml:1"),
    "yaml object": ("t.yaml", "- a: !!python/object/apply:os.system ['exit 1']\n", ":1:6: "),
    "yaml timestamp": ("t.yaml", "- a: !!timestamp nonsense\n", ":1:6: "),
    "yaml too deep": (
        "t.yaml",
        "- a: " + "[" * 5_000 + "]" * 5_000 + "\n",
        ":1: more than 50 lists",
    ),
    "yaml latin-1": ("t.yaml", "- a: Café\n".encode("latin-1"), ":1:9 is not UTF-8"),
}


@pytest.mark.parametrize(("name", "text", "words"), BAD.values(), ids=BAD)
def test_a_file_that_cannot_be_read_is_named_with_its_line(
    file: Any, name: str, text: str | bytes, words: str
) -> None:
    path = file(name, text)
    with pytest.raises(SeedRefusedError) as caught:
        rows(path)
    assert str(path) in caught.value.message
    assert words in caught.value.message
    assert len(caught.value.message.splitlines()) == 1


def test_files_are_found_in_name_order_and_named_after_their_tables(tmp_path: Path) -> None:
    for name in ("02_items.csv", "01-users.json", "posts.yml", "notes.txt", "a b.csv", ".x.csv"):
        (tmp_path / name).write_text("")
    found = [(file.path.name, file.table) for file in files.found(tmp_path)]
    assert found == [("01-users.json", "users"), ("02_items.csv", "items"), ("posts.yml", "posts")]


def test_a_folder_that_is_not_there_has_no_files(tmp_path: Path) -> None:
    assert files.found(tmp_path / "none") == ()

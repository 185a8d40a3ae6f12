"""Shell completion: what may stand where the cursor is.

`dbctl __complete SHELL BREAKS WORD...` is what the scripts in cli/shells run at every press of the
key, so it is answered before Typer loads, from words.py and from a scan of the project's files. It
prints one candidate a line and never an error: nothing may appear in the middle of what is typed.
"""

import sys
from collections.abc import Iterator

from dbctl.cli.words import COMMANDS, ENVIRONMENTS, ROOT, Options

Candidate = tuple[str, str]  # a word, and what it is
Commands = dict[str, tuple[str, tuple[str, ...], Options]]
FILES = ":files"  # the shell is to complete a file name itself
SECONDS = 1.0
LONGEST = 60
_SYMBOLS = (("head", "the newest revision"), ("heads", "all of them"), ("base", "before the first"))


class Place:
    """Where the cursor is: in which command, behind how many arguments, in which option's value."""

    def __init__(self) -> None:
        self.commands: Commands = COMMANDS
        self.command = ""
        self.arguments = 0
        self.option = ""
        self.ended = False
        self.said: dict[str, str] = {}


def main(words: list[str]) -> None:
    """Print the candidates; print nothing when anything goes wrong."""
    try:
        shell, breaks, *line = words
        lines = list(printed(shell, breaks, [unquoted(word) for word in line]))
        sys.stdout.write("".join(f"{text}\n" for text in lines))
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt):  # noqa: BLE001 - see above
        return


def script(shell: str) -> str:
    """What a shell evaluates at its start."""
    from pathlib import Path

    path = Path(__file__).parent / "shells" / f"dbctl.{shell}"
    return path.read_text(encoding="utf-8")


def printed(shell: str, breaks: str, line: list[str]) -> Iterator[str]:
    """The lines for one shell.

    bash gets words alone, without what stands before the last of its word `breaks`; `bash-list`,
    whose answer is shown and never inserted, and the others get the meaning too.
    """
    current = line[-1] if line else ""
    found = {word: text for word, text in candidates(line) if word.startswith((current, FILES))}
    cut = max((current.rfind(mark) + 1 for mark in "=:@" if mark in breaks), default=0)
    for word, text in found.items():
        if not shell.startswith("bash"):
            yield f"{word}\t{shown(text)}"
        elif shell == "bash" or len(found) == 1 or word == FILES:
            yield word if word == FILES else word[cut:]
        else:
            yield f"{word[cut:]:<14}  {shown(text)}".rstrip()


def candidates(line: list[str]) -> Iterator[Candidate]:
    """Everything that may stand as the last word of `line`, whatever its beginning."""
    *before, current = line or [""]
    place = walk(before)
    option, equals, _ = current.partition("=")
    if place.option:
        yield from values(kind_of(place, place.option), place)
    elif current.startswith("-") and not place.ended:
        found = values(kind_of(place, option), place) if equals else ()
        yield from ((f"{option}={word}", text) for word, text in found)
        yield from () if equals else options(place)
    elif below := list(verbs(place)):
        yield from below
    else:
        yield from values(argument(place), place)


def walk(words: list[str]) -> Place:
    """Read the words before the cursor as the parser would."""
    at = Place()
    for word in words:
        below = f"{at.command} {word}".strip()
        if at.option:
            at.said[at.option], at.option = word, ""
        elif word.startswith("-") and word != "-" and not at.ended:
            _flag(at, word)
        elif not at.arguments and (below in at.commands or _joined(at, below)):
            at.command = below
        else:
            at.arguments += 1
    return at


def _flag(at: Place, word: str) -> None:
    name, equals, value = word.partition("=")
    at.ended = word == "--"
    if equals:
        at.said[name] = value
    elif kind_of(at, name):
        at.option = name


def _joined(at: Place, word: str) -> bool:
    """Whether the project at hand adds this word to the root; then what is below it is known."""
    if at.command:
        return False
    from dbctl.cli import scan

    added = scan.commands(at.said, word, seconds=SECONDS)
    at.commands = {**at.commands, **added}
    return word in added


def kind_of(at: Place, option: str) -> str:
    """What value the option takes; "" for a flag and for what is no option."""
    own = at.commands[at.command][2] if at.command else {}
    return (own.get(option) or ROOT.get(option) or ("", ""))[0]


def options(at: Place) -> Iterator[Candidate]:
    """The long options of the command, then those of the root."""
    own = at.commands[at.command][2] if at.command else {}
    for name, (_, text) in {**own, **ROOT}.items():
        if name.startswith("--"):
            yield name, text


def verbs(place: Place) -> Iterator[Candidate]:
    """The words that may follow a noun, or stand at the root."""
    for name, (summary, _, _) in place.commands.items():
        noun, _, verb = name.rpartition(" ")
        if noun == place.command and not place.arguments:
            yield verb, summary
    if not place.command and not place.arguments:
        from dbctl.cli import scan

        found = scan.found("word", place.said, seconds=SECONDS)
        yield from ((word, text) for word, text in found if safe(word))


def argument(place: Place) -> str:
    """What kind of argument comes next; "" when none does."""
    kinds = place.commands[place.command][1] if place.command else ()
    if place.arguments < len(kinds):
        return kinds[place.arguments].removesuffix("*")
    return kinds[-1].removesuffix("*") if kinds and kinds[-1].endswith("*") else ""


def values(kind: str, place: Place) -> Iterator[Candidate]:
    """The values of one kind, as words.py names it."""
    if kind == "files":
        yield FILES, ""
    elif kind == "revision":
        yield from _SYMBOLS
    elif kind == "env":
        yield from ((name, "") for name in ENVIRONMENTS)
    elif kind not in ("", "table", "text"):
        yield from ((word, "") for word in kind.split("|"))
    if kind in ("env", "revision", "table"):
        from dbctl.cli import scan

        found = scan.found(kind, place.said, seconds=SECONDS)
        yield from ((word, text) for word, text in found if safe(word))


def safe(word: str) -> bool:
    """Whether a name from a file may go into the command line.

    No shell reads more than a word in it, and no dash makes it an option.
    """
    plain = all(letter.isalnum() or letter in "_.@+-" for letter in word)
    return plain and 0 < len(word) <= LONGEST and word[0] not in ".@+-"


def unquoted(word: str) -> str:
    """A word as the shell would hand it over: bash completes it as it was typed."""
    return word.replace("\\", "").replace('"', "").replace("'", "")


def shown(text: str) -> str:
    """Text from a file on one short line, without anything that a terminal obeys."""
    from dbctl.cli.text import clean

    line = clean(" ".join(text.split()))
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 3]}..."

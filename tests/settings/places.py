"""Every place where a setting can be said, and how one writes it there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Said:
    """What stands in each place: a flag, variables of the process, and files by name."""

    flag: str | None = None
    variables: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def write(self, folder: Path) -> None:
        """Write the files below `folder`."""
        for name, text in self.files.items():
            (folder / name).write_text(text)

    def add(self, name: str, line: str) -> None:
        """One more line of a file."""
        self.files[name] = f"{self.files.get(name, '')}{line}\n"


# DESIGN section 4, the strongest first.
PLACES = (
    "--url",
    "DBCTL_URL",
    "DATABASE_URL",
    "POSTGRES_*",
    "DBCTL_URL in .env.dev",
    "DATABASE_URL in .env.dev",
    "POSTGRES_* in .env.dev",
    "DBCTL_URL in .env",
    "DATABASE_URL in .env",
    "POSTGRES_* in .env",
    "[tool.dbctl.env.dev]",
    "[tool.dbctl]",
    "alembic.ini",
)


def url_at(place: str) -> str:
    """The URL that `said` writes at `place`: the database's name tells the place."""
    return f"postgresql://app@db.test:5432/place{PLACES.index(place)}"


def said(places: Iterable[str]) -> Said:
    """A URL of its own said at each of `places`."""
    made = Said()
    for place in places:
        url = url_at(place)
        name, _, file = place.partition(" in ")
        if place == "--url":
            made.flag = url
        elif name.startswith("["):
            made.add("pyproject.toml", f'{name}\nurl = "{url}"')
        elif name == "alembic.ini":
            made.add("alembic.ini", f"[alembic]\nsqlalchemy.url = {url}")
        elif file:
            for variable, value in _variables(name, url).items():
                made.add(file, f"{variable}={value}")
        else:
            made.variables |= _variables(name, url)
    return made


def _variables(name: str, url: str) -> Mapping[str, str]:
    if name != "POSTGRES_*":
        return {name: url}
    database = url.rsplit("/", 1)[-1]
    return {"POSTGRES_USER": "app", "POSTGRES_HOST": "db.test", "POSTGRES_DB": database}

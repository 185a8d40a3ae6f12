"""What a new project begins with, when it has no models yet."""

from collections.abc import Iterator
from importlib.resources import files as resources
from pathlib import Path

from dbctl import declared
from dbctl.errors import TakenError
from dbctl.pipeline.model import Template

# The files of each kind, and where its tables are.
FILES: dict[Template, dict[str, str]] = {
    Template.plain: {"models.py": "plain.models.py.txt"},
    Template.sqlmodel: {"models.py": "sqlmodel.models.py.txt"},
    Template.fastapi: {"models.py": "plain.models.py.txt", "main.py": "fastapi.main.py.txt"},
}
METADATA = {
    Template.plain: "models:Base",
    Template.sqlmodel: "models:Item",
    Template.fastapi: "models:Base",
}
ENTRYPOINT = "main:app"


def detected(folder: Path) -> Template:
    """The kind of project that the files in `folder` are."""
    if declared.calls(folder, {"FastAPI"}):
        return Template.fastapi
    scanned = declared.scan(folder).modules
    return Template.sqlmodel if any(one.sqlmodel for one in scanned) else Template.plain


def write(folder: Path, template: Template) -> Iterator[Path]:
    """Write the first files. Raises TakenError when there is one of that name."""
    paths = {folder / name: source for name, source in FILES[template].items()}
    for path in paths:
        if path.exists():
            raise TakenError(
                f"{path} is there, and no declarative base in this folder",
                hint="say where the models are: --metadata package.module:Base",
            )
    for path, source in paths.items():
        path.write_text(text(source), encoding="utf-8")
        yield path


def text(name: str) -> str:
    """The text of a template."""
    return (resources("dbctl.pipeline") / "templates" / name).read_text(encoding="utf-8")

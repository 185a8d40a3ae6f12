"""The corpus: revisions that people write, and the project that each of them is a part of.

What they do is measured by label.py; no rule of lint is known here.
"""

import shutil
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.projects import envs
from tests.projects.make import Project, driven, make

CORPUS = Path(__file__).parent / "corpus"
# What the first revision of each base has made; the databases are of that dialect.
DIALECTS = {"shop": "postgresql", "notes": "sqlite"}
FIRST = "0001"

# Each revision is a transaction of its own, as it is with dbctl.
ENV = envs.sync(options="transaction_per_migration=True")
FOREIGN_KEYS = envs.sync(
    head=envs.ENFORCED,
    options="transaction_per_migration=True",
    engine=f"enforcing({envs.FROM_CONFIG})",
)


@dataclass(frozen=True)
class Case:
    """One history behind the first revision of its base, and what cannot be measured of it.

    `later` cases were made, and measured, when the rules of lint were written already.
    `unused` are columns that the deployed code has given up; `declared` maps a kind to its reason.
    """

    base: str
    name: str
    about: str = ""
    like: str = ""
    later: bool = False
    unused: tuple[str, ...] = ()
    declared: dict[str, str] = field(default_factory=dict)

    @property
    def dialect(self) -> str:
        """The dialect that the case is about."""
        return DIALECTS[self.base]

    @property
    def before(self) -> Path:
        """The folder of the first revision and of the rows."""
        return CORPUS / self.base / "before"

    @property
    def files(self) -> list[Path]:
        """The revisions that the case is about, in order of their names."""
        return sorted((CORPUS / self.base / self.name).glob("r*.py"))

    @property
    def models(self) -> str:
        """The project's models as they are when the revisions run; empty without any."""
        file = CORPUS / self.base / self.name / "models.py"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    @property
    def imports_models(self) -> bool:
        """Whether a revision needs the models."""
        return any("import models" in one or "from models" in one for one in self.texts)

    @property
    def texts(self) -> list[str]:
        """The text of each revision."""
        return [file.read_text(encoding="utf-8") for file in self.files]


def all_cases() -> dict[str, Case]:
    """Every case by its name."""
    listed = tomllib.loads((CORPUS / "cases.toml").read_text(encoding="utf-8"))
    return {
        name: _case(base, name, values)
        for base, cases in listed.items()
        for name, values in cases.items()
    }


def _case(base: str, name: str, values: dict[str, Any]) -> Case:
    return Case(base, name, **values | {"unused": tuple(values.get("unused", ()))})


def project(case: Case, root: Path, url: str) -> Project:
    """The case as an Alembic project in the new folder `root`."""
    made = make(root, env=_env(case), url=driven(url), models=case.models)
    if not case.models:
        (root / "models.py").unlink()
    for file in (case.before / "r0001.py", *case.files):
        shutil.copy(file, made.versions / file.name)
    return made


def _env(case: Case) -> str:
    env = ENV if case.dialect == "postgresql" else FOREIGN_KEYS
    if case.models:
        return env
    return env.replace("from models import Base\n", "").replace("Base.metadata", "None")

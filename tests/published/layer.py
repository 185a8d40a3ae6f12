"""An environment on top of the one that runs, with more packages in it; thrown away afterwards."""

import subprocess
import sys
import sysconfig
import venv
from collections.abc import Sequence
from pathlib import Path


def layered(folder: Path, requirements: Sequence[str]) -> tuple[Path, Path]:
    """A new environment in `folder`: its Python, its site-packages.

    Nothing is resolved and nothing is built: what a package needs is required too, or there below.
    """
    venv.create(folder, symlinks=True)
    below = Path(sysconfig.get_path("purelib"))
    python, site = folder / "bin" / "python", folder / below.relative_to(sys.prefix)
    (site / "below.pth").write_text(f"{below}\n{Path(__file__).parents[2]}\n")
    words = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
    words += ["--disable-pip-version-check", "--no-deps", "--only-binary=:all:", *requirements]
    subprocess.run(words, check=True)
    return python, site

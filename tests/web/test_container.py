"""docs/container: the files are well-formed, and their commands are commands that work."""

import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests import runner
from tests.servers import ports
from tests.web.project import listening

FOLDER = Path(__file__).parents[2] / "docs" / "container"
KNOWN = {"FROM", "ENV", "RUN", "WORKDIR", "USER", "EXPOSE", "HEALTHCHECK", "CMD"}


def instructions() -> Iterator[tuple[str, str]]:
    """What the Dockerfile says, a line each."""
    text = (FOLDER / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            name, _, rest = line.partition(" ")
            yield name, rest.strip()


def said(name: str) -> list[str]:
    """Every instruction of that name."""
    return [rest for one, rest in instructions() if one == name]


def command() -> str:
    """What the container runs: the script behind `sh -c`."""
    (line,) = said("CMD")
    shell, flag, script = json.loads(line)
    assert (shell, flag) == ("sh", "-c")
    return str(script)


def compose() -> Any:
    """compose.yaml."""
    return yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))


def test_the_dockerfile_is_one() -> None:
    names = [name for name, _ in instructions()]
    assert names[0] == "FROM"
    assert set(names) <= KNOWN
    assert re.fullmatch(r"[\w./-]+:\d[\w.-]+", said("FROM")[0]), "an image with a version"
    for run in said("RUN"):
        subprocess.run(["sh", "-n", "-c", run], check=True)


def test_it_runs_as_an_ordinary_user_and_is_told_to_stop_itself() -> None:
    assert said("USER") == ["app"]
    assert command().split(" && ")[-1].startswith("exec dbctl serve")


def test_compose_waits_for_the_database_and_keeps_its_password_out_of_the_file() -> None:
    services = compose()["services"]
    assert services["app"]["depends_on"]["database"]["condition"] == "service_healthy"
    assert "${PASSWORD:?" in services["database"]["environment"]["POSTGRES_PASSWORD"]
    assert "${PASSWORD:?" in services["app"]["environment"]["DATABASE_URL"]
    assert all(port.startswith("127.0.0.1:") for port in services["app"]["ports"])


@pytest.mark.parametrize("name", ["app", "database"])
def test_what_a_service_is_told_with_environment_is_known(name: str) -> None:
    from dbctl.settings import FIELDS

    ours = [key for key in compose()["services"][name]["environment"] if key.startswith("DBCTL_")]
    assert {key.removeprefix("DBCTL_").lower() for key in ours} <= FIELDS


def test_its_command_brings_the_sample_up_and_stops_as_asked(
    tmp_path: Path, missing_postgres_url: str
) -> None:
    port = ports.free()
    script = command().replace("0.0.0.0", "127.0.0.1") + f" --port {port}"
    tools = tmp_path / "bin"
    tools.mkdir()
    (tools / "dbctl").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m dbctl "$@"\n')
    (tools / "dbctl").chmod(0o755)
    path = f"{tools}:{runner.environment()['PATH']}"
    told = {"PATH": path, "DBCTL_ENV": "dev", "DATABASE_URL": missing_postgres_url}
    with listening(["sh", "-c", script], cwd=tmp_path, env=told) as running:
        assert json.loads(running.text("/ready"))["status"] == "ready"
        (check,) = said("HEALTHCHECK")
        words = json.loads(check[check.index("[") :].replace("8000", str(port)))
        subprocess.run([sys.executable, *words[1:]], check=True)
        assert running.stop(signal.SIGTERM) == 0

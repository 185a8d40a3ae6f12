"""`dbctl serve`: when it refuses, what it hands over, how it stops."""

import json
import re
import signal
import socket
import ssl
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from threading import Thread
from urllib.request import urlopen

import pytest
import trustme

from tests.runner import Finished
from tests.web.project import make, serving, with_revision

Quick = Callable[..., Finished]


def test_it_refuses_while_revisions_are_pending(quick: Quick, tmp_path: Path) -> None:
    project = with_revision(make(tmp_path / "p"))
    done = quick("serve", "--port", "0", cwd=project)
    assert done.code == 1, str(done)
    assert "lacks 1 revision that the code expects" in done.err
    assert "--upgrade" in done.err


def test_it_upgrades_when_asked_to_and_workers_serve(quick: Quick, tmp_path: Path) -> None:
    project = with_revision(make(tmp_path / "p"))
    with serving("--upgrade", "--workers", "2", cwd=project) as running:
        pids = {json.loads(running.text())["pid"] for _ in range(40)}
        assert running.process.pid not in pids
        assert running.stop() == 0
    assert quick("status", cwd=project).code == 0
    assert ", 2 workers; Ctrl-C stops" in running.said


def test_a_port_that_is_taken_is_one_line_and_a_hint(quick: Quick, tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = str(other.getsockname()[1])
        done = quick("serve", "--port", port, cwd=make(tmp_path / "p"))
    assert done.code == 4, str(done)
    assert done.error_lines[0] == (
        f"error: cannot listen on 127.0.0.1:{port}: Address already in use"
    )
    assert len(done.error_lines) == 2


@pytest.mark.parametrize(
    ("app", "said"),
    [
        ("", "it is not known where"),
        ("web:missing", "web has no missing"),
        ("web:broken", "RuntimeError: no"),
        ("web:number", "is no application"),
        ("absent:app", "ModuleNotFoundError"),
    ],
)
def test_an_application_that_cannot_be_made_is_told_with_its_place(
    app: str, said: str, quick: Quick, tmp_path: Path
) -> None:
    done = quick("serve", "--port", "0", cwd=make(tmp_path / "p", app))
    assert done.code == 3, str(done)
    assert said in done.err


@pytest.mark.parametrize("module", ["uvicorn", "fastapi"])
def test_without_the_extra_it_is_named(
    module: str, quick: Quick, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = make(tmp_path / "p")
    (project / "web.py").write_text(f"import {module}\napp = None\n", encoding="utf-8")
    monkeypatch.setitem(sys.modules, module, None)
    done = quick("serve", "--port", "0", cwd=project)
    assert done.code == 3, str(done)
    assert "hint: pip install 'dbctl-lifecycle[app]'" in done.err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT], ids=["SIGTERM", "Ctrl-C"])
def test_a_stop_answers_what_is_open_first_and_is_no_failure(number: int, tmp_path: Path) -> None:
    answers: list[str] = []
    with serving(cwd=make(tmp_path / "p", "web:factory")) as running:
        asking = Thread(target=lambda: answers.append(running.text("/slow?token=abc")))
        asking.start()
        running.text()
        assert running.stop(number) == 0
        asking.join()
    assert answers
    assert re.search(
        r"^\d\d:\d\d:\d\d GET /slow 200 1\d\d\d\.\d ms 127\.0\.0\.1$", running.said, re.M
    )
    assert "abc" not in running.said
    assert running.said.endswith("stopped\n")


def test_the_application_is_handed_the_database_that_was_checked(tmp_path: Path) -> None:
    project = make(tmp_path / "p")
    (project / "other.db").touch()
    with serving("--url", "sqlite:///other.db", "--env", "dev", cwd=project) as running:
        found = json.loads(running.text())
        assert running.stop() == 0
    assert found["DBCTL_ENV"] == "dev"
    assert found["DBCTL_URL"] == f"sqlite:///{project / 'other.db'}"
    assert found["DATABASE_URL"] == "sqlite:///other.db"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_command_line_of_a_worker_tells_the_database(tmp_path: Path) -> None:
    secret = {"DBCTL_URL": "sqlite:///data.db?timeout=987654"}
    with serving("--workers", "2", cwd=make(tmp_path / "p"), env=secret) as running:
        pid = json.loads(running.text())["pid"]
        assert "987654" not in Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8")
        assert running.stop() == 0


def test_a_url_of_the_projects_own_is_left_to_the_project(tmp_path: Path) -> None:
    with serving(cwd=make(tmp_path / "p")) as running:
        assert json.loads(running.text())["DATABASE_URL"] is None
        running.stop()


def test_it_serves_over_tls_with_a_certificate(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.issue_cert("localhost", "127.0.0.1").private_key_and_cert_chain_pem.write_to_path(
        tmp_path / "own.pem"
    )
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    trusted = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    words = ("--certificate", str(tmp_path / "own.pem"))
    with serving(*words, cwd=make(tmp_path / "p")) as running:
        assert running.base.startswith("https://127.0.0.1:")
        with urlopen(running.base, context=trusted, timeout=20) as answer:
            assert answer.status == 200
        assert running.stop() == 0


def test_a_certificate_that_is_none_is_one_error(quick: Quick, tmp_path: Path) -> None:
    (tmp_path / "own.pem").write_text("no", encoding="utf-8")
    words = ("--port", "0", "--certificate", str(tmp_path / "own.pem"))
    done = quick("serve", *words, cwd=make(tmp_path / "p"))
    assert done.code == 3, str(done)
    assert "own.pem" in done.err


def test_several_workers_and_reload_do_not_go_together(quick: Quick, tmp_path: Path) -> None:
    done = quick("serve", "--reload", "--workers", "2", cwd=make(tmp_path / "p"))
    assert done.code == 2

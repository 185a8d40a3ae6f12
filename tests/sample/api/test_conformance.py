"""The application against its own OpenAPI document, judged by schemathesis with every check.

It generates requests that the document allows and requests that it forbids, walks along what one
answer says of the next request, and looks at every answer.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import ON_CI

CHECKOUT = Path(__file__).parents[3]
# 200 take some minutes on each database; the coverage of the document's corners is the same.
EXAMPLES = os.environ.get("JUDGED_EXAMPLES", "10")
JUDGE = shutil.which("schemathesis", path=str(Path(sys.executable).parent))
SUPERUSER = "1"  # mireille of the seeds

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(JUDGE is None and not ON_CI, reason="pip install schemathesis"),
]


@contextmanager
def serving(url: str) -> Iterator[str]:
    """The application in a process of its own, as `uvicorn --factory` would have it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    where = ["--factory", "dbctl.sample.api.app:create_app", "--port", str(port)]
    words = [sys.executable, "-m", "uvicorn", *where, "--log-level", "warning", "--no-access-log"]
    env = {"DATABASE_URL": url, "SAMPLE_ATTEMPTS_PER_MINUTE": "1000000", "PATH": ""}
    with subprocess.Popen(words, cwd=CHECKOUT, env=env) as process:
        try:
            yield answering(f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def answering(place: str) -> str:
    """The place, once somebody answers there."""
    for _ in range(100):
        try:
            httpx.get(f"{place}/ready").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return place
    raise AssertionError("the application does not answer")


def judged(place: str, url: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Every check on every operation."""
    env = {
        "JUDGED_API": place,
        "JUDGED_URL": url,
        "JUDGED_SUPERUSER": SUPERUSER,
        "SCHEMATHESIS_HOOKS": "tests.sample.api.judge_hooks",
        "PYTHONPATH": str(CHECKOUT),
        "HOME": str(folder),
    }
    words = [str(JUDGE), "run", f"{place}/openapi.json", "--checks", "all", "--no-color"]
    words += ["--max-examples", EXAMPLES, "--continue-on-failure", "--seed", "7"]
    return subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_the_document_says_what_the_application_does(sample_url: str, tmp_path: Path) -> None:
    with serving(sample_url) as place:
        done = judged(place, sample_url, tmp_path)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-5_000:]
    assert "Tested: 26" in done.stdout, done.stdout

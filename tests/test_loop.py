"""Work that waits for a server leaves time for something else."""

import asyncio

import pytest

from dbctl import loop


@pytest.mark.parametrize(("seconds", "loaded"), [(loop.LONG / 10, []), (loop.LONG * 5, ["views"])])
def test_what_takes_long_leaves_time_to_load(seconds: float, loaded: list[str]) -> None:
    done: list[str] = []

    async def work() -> str:
        await asyncio.sleep(seconds)
        return "done"

    assert loop.run(work(), meanwhile=lambda: done.append("views")) == "done"
    assert done == loaded

"""What schemathesis cannot know of the sample: who calls, and what an e-mail address is.

Loaded by schemathesis itself (SCHEMATHESIS_HOOKS), not by pytest.
"""

import os
from typing import Any

import httpx
import schemathesis
from hypothesis import strategies

from dbctl import Database, Settings, loop
from dbctl.sample.api.options import Options
from dbctl.sample.services import tokens

API, URL, SUPERUSER = (os.environ[f"JUDGED_{name}"] for name in ("API", "URL", "SUPERUSER"))
WORDS = strategies.from_regex(r"\A[a-z][a-z0-9]{0,9}\Z")

# email-validator refuses what the standard allows: quoted names, addresses in brackets.
schemathesis.openapi.format("email", strategies.builds("{}@{}.com".format, WORDS, WORDS))


def signed_in() -> str:
    """A new access token of a superuser; the run ends the ones it is given by /auth/logout."""

    async def sign() -> str:
        settings = Settings.load(url=URL)
        async with Database(settings) as database, database.session() as session:
            lifetimes = Options.load(settings).lifetimes
            return (await tokens.sign_in(session, int(SUPERUSER), lifetimes)).access

    return loop.run(sign())


@schemathesis.auth(refresh_interval=None)
class Superuser:
    """Whoever may do everything: what is forbidden is forbidden before it does anything."""

    token = "nobody"
    client = httpx.Client(base_url=f"{API}/api/v1")

    def get(self, _case: Any, _context: Any) -> str:
        """A token that is still valid."""
        held = {"Authorization": f"Bearer {Superuser.token}"}
        if Superuser.client.get("/auth/me", headers=held).status_code != httpx.codes.OK:
            Superuser.token = signed_in()
        return Superuser.token

    def set(self, case: Any, token: str, _context: Any) -> None:
        """Put it into a request."""
        case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}

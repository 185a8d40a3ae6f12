"""What a host's name tells of Neon: which compute, and its pooler.

Neon's pooler has the compute's own name with `-pooler` behind its first part, so one URL tells
both: direct for migrations, pooled for the application.
"""

from dataclasses import replace

from dbctl.database.url import Url

HOSTS = (".neon.tech", ".neon.build")


def pooled(url: Url) -> Url:
    """The same database through the pooler."""
    first, dot, rest = url.host.partition(".")
    return url if url.is_pooled else replace(url, host=f"{first}-pooler{dot}{rest}")


def endpoint(url: Url) -> str | None:
    """The compute that a URL leads to, None when it is not Neon's."""
    first = url.direct.host.partition(".")[0]
    if first.startswith("ep-"):
        return first
    if url.host.endswith(HOSTS):
        options = url.parameters.get("options", "").split()
        said = dict(part.split("=", 1) for part in options if "=" in part)
        return said.get("endpoint")
    return None

"""Show the settings and find out whether they work."""

from collections.abc import Iterator

from pydantic import SecretStr

from dbctl import loop
from dbctl.database.arguments import ARGUMENTS, libpq_url
from dbctl.database.server import address, server
from dbctl.errors import DbctlError
from dbctl.pipeline.model import ConfigChecked, ConfigShown, Finding, Setting, UrlFormat, UrlShown
from dbctl.settings import Settings


def shown(settings: Settings) -> ConfigShown:
    """Every setting, its value and where it came from; secrets are masked."""
    return ConfigShown(
        environment=settings.env,
        project=str(settings.project.root),
        found=settings.project.why,
        settings=tuple(_settings(settings)),
    )


def _settings(settings: Settings) -> Iterator[Setting]:
    for name in type(settings).model_fields:
        value = getattr(settings, name)
        if name == "url":
            value = address(settings).masked
        elif isinstance(value, SecretStr):
            value = "***"
        yield Setting(name, value, settings.sources.get(name, "default"))


def checked(settings: Settings) -> ConfigChecked:
    """Whether the URL, the migrations folder, the driver and the connection work."""
    findings = tuple(_findings(settings))
    return ConfigChecked(all(one.ok for one in findings), findings)


def _findings(settings: Settings) -> Iterator[Finding]:
    from dbctl.migrate import files, graph

    yield Finding("project", ok=True, detail=settings.project.why)
    url = address(settings)
    yield Finding("url", ok=True, detail=url.masked)
    try:
        folder = files.script_location(settings.project)
        count = len(graph.read(settings.project).revisions)
        yield Finding("migrations", ok=True, detail=f"{count} revisions in {folder}")
    except DbctlError as error:
        yield Finding("migrations", ok=False, detail=error.message)
    try:
        there = loop.run(server(settings).answers())
        detail = str(there) if there else "the server answers, the database does not exist yet"
        yield Finding("connection", ok=True, detail=detail)
    except DbctlError as error:
        yield Finding("connection", ok=False, detail=error.message)


def url(settings: Settings, *, reveal: bool, spelling: UrlFormat) -> UrlShown:
    """The URL as the application, a driver or psql takes it; masked unless `reveal`."""
    found = address(settings)
    if spelling in ARGUMENTS:
        found = found.driven(spelling)
    elif spelling == "libpq":
        found = libpq_url(found)
    return UrlShown(found.text if reveal else found.masked, not reveal)

"""What is read before Neon is asked: moments, spans, sizes, answers, formats."""

from datetime import UTC, datetime, timedelta

import pytest

from dbctl.database.url import Url
from dbctl.errors import ProviderError, UsageError
from dbctl.neon import computes, expiry, formats, host, parents, raw, reading
from dbctl.neon.computes import Size
from dbctl.neon.model import NeonBranch
from dbctl.neon.parents import Point
from dbctl.neon.words import Format

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("main", Point("main")),
        ("main@-2h", Point("main", timestamp="2026-06-15T10:00:00.000Z")),
        ("main@-1d12h", Point("main", timestamp="2026-06-14T00:00:00.000Z")),
        ("main@2026-06-01T00:00:00+02:00", Point("main", timestamp="2026-05-31T22:00:00.000Z")),
        ("main@0/1E19478", Point("main", lsn="0/1E19478")),
        ("me@home", Point("me@home")),
        ("me@home@-1h", Point("me@home", timestamp="2026-06-15T11:00:00.000Z")),
        ("@-2h", Point("@-2h")),
        ("main@", Point("main@")),
    ],
)
def test_a_branch_may_be_meant_at_a_moment(text: str, point: Point) -> None:
    assert parents.point(text, NOW) == point


@pytest.mark.parametrize(
    "text", ["main@2026-06-01T00:00:00", "main@2026-06-16T00:00:00Z", "main@2026-99-01"]
)
def test_a_moment_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parents.point(text, NOW)


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("90m", timedelta(minutes=90)),
        ("1w", timedelta(days=7)),
        ("1d12h", timedelta(hours=36)),
        ("", None),
        ("2", None),
        ("-2h", None),
        ("2h ", None),
    ],
)
def test_spans_have_units(text: str, span: timedelta | None) -> None:
    assert expiry.duration(text) == span


def test_thirty_days_are_the_most() -> None:
    assert expiry.moment("30d", None)
    with pytest.raises(UsageError):
        expiry.moment("30d1s", None)


@pytest.mark.parametrize(
    ("cu", "suspend", "size"),
    [
        ("1", None, Size(1, 1, None)),
        ("0.25-2", "300", Size(0.25, 2, 300)),
        (None, "never", Size(None, None, -1)),
        (None, "default", Size(None, None, 0)),
        (None, "5m", Size(None, None, 300)),
    ],
)
def test_sizes_are_read(cu: str | None, suspend: str | None, size: Size) -> None:
    assert computes.size(cu, suspend) == size


@pytest.mark.parametrize("cu", ["0", "-1", "x", "1-x", "nan", "inf", "1-2-3"])
def test_sizes_that_are_none_are_refused(cu: str) -> None:
    with pytest.raises(UsageError):
        computes.size(cu, None)


def test_an_answer_is_read_whatever_else_it_holds() -> None:
    answer = {"branch": {"id": "br-1", "name": "x", "new": {"a": 1}, "default": None}}
    assert reading.one(NeonBranch, answer, "branch") == NeonBranch("br-1", "x")


@pytest.mark.parametrize("answer", [None, [], {}, {"branch": []}, {"branch": {"name": "x"}}])
def test_an_answer_that_is_none_is_neon_s_fault(answer: object) -> None:
    with pytest.raises(ProviderError):
        reading.one(NeonBranch, answer, "branch")


@pytest.mark.parametrize(
    ("text", "year"),
    [("2026-01-31T12:00:00Z", 2026), ("2026-01-31T12:00:00.123456789Z", 2026), ("soon", None)],
)
def test_times_are_read_as_neon_writes_them(text: str, year: int | None) -> None:
    found = reading.moment(text)
    assert (found.year if found else None) == year


URL = (
    "postgresql://u:p%40ss@ep-a-b-123.eu.aws.neon.tech/app?sslmode=require&channel_binding=require"
)
POOLED = URL.replace("-123.", "-123-pooler.")


@pytest.mark.parametrize("text", [URL, POOLED])
def test_the_pooler_has_the_compute_s_name(text: str) -> None:
    assert host.pooled(Url.parse(text)).text == POOLED
    assert host.endpoint(Url.parse(text)) == "ep-a-b-123"


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("postgresql://u@db.example.com/x", None),
        ("sqlite:///x.db", None),
        ("postgresql://u@eu.aws.neon.tech/x?options=endpoint%3Dep-a-b-1", "ep-a-b-1"),
    ],
)
def test_only_neon_s_urls_name_a_compute(url: str, endpoint: str | None) -> None:
    assert host.endpoint(Url.parse(url)) == endpoint


PLAIN = "://u:p%40ss@ep-a-b-123.eu.aws.neon.tech/app?"


@pytest.mark.parametrize(
    ("form", "text"),
    [
        (Format.libpq, f"postgresql{PLAIN}sslmode=require&channel_binding=require"),
        (Format.psycopg, f"postgresql+psycopg{PLAIN}sslmode=require&channel_binding=require"),
        (Format.asyncpg, f"postgresql+asyncpg{PLAIN}ssl=require"),
    ],
)
def test_every_driver_gets_what_it_understands(form: Format, text: str) -> None:
    written = formats.Written("pr-1", "br-1", Url.parse(URL))
    assert formats.text(written, form, reveal=True).verbatim == text + "\n"
    hidden = formats.text(written, form, reveal=False).verbatim
    assert "p%40ss" not in hidden
    assert ":***@" in hidden


def test_fields_are_json_where_they_can_be() -> None:
    assert raw.fields(["a.b=1", "a.c=true", "d=x=y", "e="]) == {
        "a": {"b": 1, "c": True},
        "d": "x=y",
        "e": "",
    }


def test_every_secret_of_an_answer_is_masked() -> None:
    answer = {"role": {"password": "x"}, "uris": [{"connection_uri": URL}], "n": 1, "token": "t"}
    masked = raw.masked(answer)
    assert masked["role"] == {"password": "***"}
    assert "p%40ss" not in str(masked)
    assert (masked["n"], masked["token"]) == (1, "***")

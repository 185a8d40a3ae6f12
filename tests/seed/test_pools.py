"""Texts and numbers by index: always different, never too long, the same however they are asked."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from dbctl.seed.generated import checks, kinds, pools, roles, texts, words
from dbctl.seed.generated.field import Field, Run
from dbctl.seed.generated.makers import LETTERS, Code, Cycle, Joined, Maker

OWN = pools.own(0)
NAMES = words.listed(
    "email username first_name last_name full_name name title slug description content url phone"
    " token_hash code zip city country locale ip uuid file_name company job_title status street"
    " language currency host brand version color user_agent mime_type category nickname"
)
indexes = st.integers(min_value=0, max_value=3_000_000)
names = st.sampled_from(NAMES)


def field(name: str, kind: Any, start: int = 0, rows: int = 100, **more: Any) -> Field:
    run = Run(more.pop("seed", 0), more.pop("pools", OWN))
    return Field(run, "things", name, kind, start, start + rows, **more)


def texts_of(name: str, length: int | None, start: int, rows: int, **more: Any) -> list[str]:
    maker = roles.by_name(field(name, sa.String(length), start, rows, **more))
    return maker(range(start, start + rows))


@settings(max_examples=150, deadline=None)
# The six digits of the shortest codes are enough for a million rows.
@given(
    name=names,
    length=st.integers(6, 60),
    start=st.integers(0, 10**6 - 400),
    seed=st.integers(0, 99),
)
def test_a_unique_text_never_comes_twice_and_always_fits(
    name: str, length: int, start: int, seed: int
) -> None:
    made = texts_of(name, length, start, 400, unique=True, seed=seed)
    assert len(set(made)) == 400
    assert all(0 < len(text) <= length for text in made)


@settings(max_examples=100, deadline=None)
@given(name=names, length=st.none() | st.integers(1, 60), start=indexes)
def test_a_text_always_fits(name: str, length: int | None, start: int) -> None:
    made = texts_of(name, length, start, 50)
    assert all(text and (length is None or len(text) <= length) for text in made)


@settings(max_examples=100, deadline=None)
@given(name=names, start=indexes, at=st.lists(st.integers(0, 99), min_size=1))
def test_a_row_is_the_same_alone_and_among_others(name: str, start: int, at: list[int]) -> None:
    maker = roles.by_name(field(name, sa.String(80), start, 100, unique=True))
    together = maker(range(start, start + 100))
    assert maker([start + one for one in at]) == [together[one] for one in at]


@settings(max_examples=60, deadline=None)
@given(first=st.integers(0, 50), other=st.integers(51, 99), rows=st.integers(1, 300))
def test_runs_of_different_seeds_do_not_meet(first: int, other: int, rows: int) -> None:
    for name in ("username", "email", "slug", "code", "title"):
        before = texts_of(name, 60, 0, rows, unique=True, seed=first)
        after = texts_of(name, 60, rows, 300, unique=True, seed=other)
        assert not set(before) & set(after)


@given(length=st.integers(1, 8), start=indexes, factor=indexes)
def test_codes_are_scattered_without_meeting(length: int, start: int, factor: int) -> None:
    code = Code(length, LETTERS, factor, 12345)
    made = code(range(start, start + min(500, code.capacity)))
    assert len(set(made)) == len(made)
    assert {len(one) for one in made} == {length}


@pytest.mark.parametrize("name", ["username", "title", "slug"])
def test_all_pairs_of_the_pools_are_used_before_a_number_is(name: str) -> None:
    rows = 30_000
    made = texts_of(name, None, 0, rows, unique=True)
    pairs = {
        "username": len(OWN.first_names) * len(OWN.family_names),
        "title": len(OWN.adjectives) * len(OWN.nouns),
        "slug": len(OWN.adjectives) * len(OWN.nouns),
    }
    assert len(set(made)) == rows
    numbered = [text for text in made if re.search(r"\d", text)]
    assert len(numbered) == max(0, rows - pairs[name])


@pytest.mark.parametrize("length", [None, 64, 30, 20, 14, 13])
def test_an_address_is_of_a_domain_that_nobody_can_own(length: int | None) -> None:
    for text in texts_of("email", length, 0, 500):
        assert re.fullmatch(r"[a-z0-9.]+@example\.(com|org|net)", text)


def test_telephone_numbers_are_of_the_range_kept_for_fiction() -> None:
    assert all(re.fullmatch(r"\+1\d{3}55501\d\d", text) for text in texts_of("phone", 20, 0, 900))


@pytest.mark.parametrize("name", ["url", "avatar", "website"])
def test_hosts_are_of_domains_that_nobody_can_own(name: str) -> None:
    for text in texts_of(name, 200, 0, 300):
        assert re.match(r"https://www\.example\.(com|org|net)/", text)


def test_countries_languages_and_times_of_a_row_agree() -> None:
    countries = {row[0]: row for row in words.COUNTRIES}
    asked = ("country", "country_code", "locale", "time_zone", "currency")
    columns = [texts_of(name, 40, 0, 60) for name in asked]
    for country, code, locale, zone, currency in zip(*columns, strict=True):
        row = countries[country]
        assert (code, locale) == (row[0], f"{row[3]}-{row[1]}")
        assert (zone, currency) == (row[4], row[5])


@pytest.mark.parametrize("make", [pools.own, pools.mimesis])
@pytest.mark.parametrize("seed", [0, 1, 2**70])
def test_pools_that_are_combined_have_sizes_without_a_common_divisor(make: Any, seed: int) -> None:
    made = make(seed)
    sizes = [len(pool) for pool in vars(made).values()]
    assert len(set(sizes)) == len(sizes)
    assert all(size > 1 and all(size % n for n in range(2, int(size**0.5) + 1)) for size in sizes)
    assert made == make(seed)


def test_no_two_words_are_the_same_once_they_are_plain() -> None:
    for name in ("FIRST_NAMES", "ADJECTIVES", "NOUNS", "CITIES", "STREETS"):
        listed = getattr(words, name)
        assert len({pools.plain(word) for word in listed}) == len(listed), name


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Łukasz", "lukasz"), ("Zoë Ångström", "zoe-angstrom"), ("  O'Neil ", "o-neil"), ("李", "")],
)
def test_plain_text_is_letters_digits_and_hyphens(text: str, plain: str) -> None:
    assert pools.plain(text) == plain


def check(*texts: str) -> checks.Limit:
    columns = [sa.Column(name, sa.Integer) for name in ("a", "b")]
    made = sa.Table("t", sa.MetaData(), *columns, *(sa.CheckConstraint(text) for text in texts))
    return checks.limits(made).get("a", checks.ANYTHING)


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        pytest.param("a >= 5 AND a < 9", 5, 8, id="two comparisons"),
        pytest.param("a BETWEEN 5 AND 8 AND b > 0", 5, 8, id="between"),
        pytest.param("5 <= a AND 8 >= t.a", 5, 8, id="turned round"),
        pytest.param("((a > 4) AND ((a)::numeric <= 8))", 5, 8, id="as PostgreSQL prints it"),
        pytest.param("a IS NULL OR (a > 4 AND a <= 8)", 5, 8, id="open to NULL"),
        pytest.param("a IN (5, 6, 7, 8)", 5, 8, id="in"),
        pytest.param("a = 5 OR a = 6 OR a = 8", 5, 8, id="or"),
        pytest.param("a > 4 AND a < 9 AND a <> 7 AND a != 6", 5, 8, id="not equal"),
        pytest.param("a >= 1000000 AND a <= 1000003", 1_000_000, 1_000_003, id="far away"),
        pytest.param("a <= -3", -1003, -3, id="negative"),
    ],
)
def test_numbers_keep_to_a_check(text: str, low: int, high: int) -> None:
    maker = kinds.maker(field("a", sa.Integer(), limit=check(text)))
    assert maker is not None
    made = set(maker(range(3000)))
    assert low <= min(made) <= max(made) <= high
    assert not made & {6, 7} or "<>" not in text


@pytest.mark.parametrize(
    "text", ["a + b > 3", "a % 2 = 0", "abs(a) > 3", "a > b + 1", "a LIKE 'x%'", "", "a IN (b)"]
)
def test_a_check_that_cannot_be_read_limits_nothing(text: str) -> None:
    assert check(text or "1 = 1") == checks.ANYTHING


def test_texts_keep_to_lengths_and_cases_of_checks() -> None:
    limit = check("length(a) >= 30 AND length(a) <= 40", "a = upper(a)")
    maker = roles.by_name(field("title", sa.String(200), limit=limit))
    made = maker(range(500))
    assert all(30 <= len(text) <= 40 and text == text.upper() for text in made)


def test_dates_keep_to_checks() -> None:
    limit = check("a >= '2030-01-01'", "a < '2031-01-01'")
    maker: Maker | None = kinds.maker(field("day", sa.Date(), limit=limit))
    assert maker is not None
    assert {day.year for day in maker(range(2000))} == {2030}


@pytest.mark.parametrize(
    ("kind", "digits"), [(sa.Numeric(4, 2), 2), (sa.Numeric(12, 5), 7), (sa.Numeric(3, 0), 3)]
)
def test_decimals_have_the_places_of_their_column(kind: Any, digits: int) -> None:
    maker = kinds.maker(field("price", kind))
    assert maker is not None
    for value in maker(range(1500)):
        assert abs(value) < 10**digits
        assert value == round(value, kind.scale)


def test_a_cycle_says_the_same_of_a_range_and_of_a_list() -> None:
    cycle = Cycle("abcdefg", 3)
    at = range(5, 40)
    assert cycle(at) == cycle(list(at))
    assert Joined((cycle, cycle))(at) == [2 * one for one in cycle(at)]
    assert texts.DOMAINS == ("example.com", "example.org", "example.net")

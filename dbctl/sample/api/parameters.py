"""What stands in paths and query strings, with the bounds of each number and text."""

from typing import Annotated, Any, Literal

from fastapi import Depends, Path, Query
from pydantic import BeforeValidator

from dbctl.records.model import LIMIT, LONGEST_SEARCH, Question, State
from dbctl.sample.schemas import STORABLE
from dbctl.sample.services.transfers import LARGEST_ID

MOST = 100  # rows of a page
LONGEST_CURSOR = 2_000


def _digits(value: Any) -> Any:  # noqa: ANN401 - looks at text only
    """Refuse what Python reads as a number and JSON does not: "1_0", " 1", "１", "1.0"."""  # noqa: RUF002
    if isinstance(value, str) and not (value.isascii() and value.removeprefix("-").isdigit()):
        raise ValueError("write a whole number in digits")
    return value


Whole = BeforeValidator(_digits)
Id = Annotated[int, Path(ge=1, le=LARGEST_ID), Whole]
Limit = Annotated[int, Query(ge=1, le=MOST, description="Rows of the page."), Whole]
After = Annotated[
    str | None,
    Query(max_length=LONGEST_CURSOR, description="`next` of the page before."),
]
Search = Annotated[
    str | None,
    Query(max_length=LONGEST_SEARCH, pattern=STORABLE, description="Text to find."),
]


async def listing(limit: Limit = LIMIT, after: After = None, search: Search = None) -> Question:
    """Which rows of a list; in the order of their keys unless the route knows others."""
    return Question(limit=limit, after=after, search=search)


Listing = Annotated[Question, Depends(listing)]
# Columns with an index: no list makes the database sort a table.
UserSort = Literal["id", "-id", "username", "-username", "email", "-email"]
ItemSort = Literal["id", "-id", "title", "-title"]
PostSort = Literal["id", "-id", "title", "-title", "slug", "-slug"]
Kept = Annotated[State, Query(description="Whether to list what is kept, deleted, or all.")]

"""The options that every list has, and what a command line says in other words."""

from typing import TYPE_CHECKING, Annotated, Any, Optional, TypeVar

import typer

from dbctl.errors import UsageError
from dbctl.records.model import MOST, Question, State

if TYPE_CHECKING:
    from pydantic import BaseModel

    M = TypeVar("M", bound=BaseModel)

ID = Annotated[int, typer.Argument(help="its id")]
Limit = Annotated[int, typer.Option("--limit", min=1, max=MOST, help="rows on a page")]
After = Annotated[
    Optional[str], typer.Option("--after", help="the page behind this cursor: `next` of the last")
]
Search = Annotated[Optional[str], typer.Option("--search", help="rows that hold this text")]
Sort = Annotated[str, typer.Option("--sort", help="a column, or -column for the largest first")]
Deleted = Annotated[bool, typer.Option("--deleted", help="those that were deleted, alone")]
All = Annotated[bool, typer.Option("--all", help="those that were deleted as well")]
Count = Annotated[bool, typer.Option("--count", help="count the rows of all pages")]
DeletedToo = Annotated[bool, typer.Option("--deleted", help="also when it was deleted")]


def question(
    *,
    deleted: bool,
    all_: bool,
    where: dict[str, Any] | None = None,
    **said: Any,  # noqa: ANN401 - its other fields
) -> Question:
    """What the options of a list ask. Raises UsageError when they contradict each other."""
    if deleted and all_:
        raise UsageError("--deleted and --all exclude each other")
    state = State.deleted if deleted else State.all if all_ else State.kept
    given = {name: value for name, value in (where or {}).items() if value is not None}
    return Question(state=state, where=given, **said)


def given(**values: Any) -> dict[str, Any]:  # noqa: ANN401 - of any type
    """Those of the options that were said."""
    return {name: value for name, value in values.items() if value is not None}


def checked(schema: "type[M]", values: dict[str, Any]) -> "M":
    """The values as the schema takes them. Raises UsageError, without repeating what was said."""
    from pydantic import ValidationError

    try:
        return schema(**values)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        name = "-".join(map(str, first["loc"])).replace("_", "-")
        reason = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{name}: {reason[:1].lower()}{reason[1:]}") from None


def required(changes: dict[str, Any]) -> dict[str, Any]:
    """The changes. Raises UsageError when there are none."""
    if not changes:
        raise UsageError("nothing to change was said", hint="see --help for what can be changed")
    return changes

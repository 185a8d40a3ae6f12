"""Answers: what the database gave, written as JSON once, and not checked again on the way out."""

from collections.abc import Mapping
from typing import Any

from fastapi import Response
from pydantic import BaseModel, TypeAdapter
from starlette.background import BackgroundTask

from dbctl.records.model import Found

# pydantic-core writes dates, decimals and text as the schemas of the OpenAPI document say.
JSON = TypeAdapter(Any)


def answer(value: Any, status: int = 200, later: BackgroundTask | None = None) -> Response:  # noqa: ANN401 - anything JSON can say
    """A value as the body of an answer; `later` begins when the client has it."""
    return Response(JSON.dump_json(value), status, media_type="application/json", background=later)


def columns(kind: type[BaseModel]) -> tuple[str, ...]:
    """The columns that a schema shows."""
    return tuple(kind.model_fields)


def shown(names: tuple[str, ...], row: Any) -> dict[str, Any]:  # noqa: ANN401 - an object of the models
    """The columns of an object that may be seen."""
    return {name: getattr(row, name) for name in names}


def listed(found: Found[dict[str, Any]]) -> Mapping[str, Any]:
    """A page: its rows, and the cursor of the next."""
    return {"rows": found.rows, "next": found.next}

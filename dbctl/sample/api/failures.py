"""What goes wrong, as a status and a few words: the one place that chooses either.

Our errors have a status each; what a database refuses is one of them (records/violations.py reads
the SQLSTATE). No body repeats what was sent, holds SQL or says where in the code it happened.
"""

import logging
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy.exc import StatementError
from sqlalchemy.exc import TimeoutError as NoConnectionFree
from starlette.exceptions import HTTPException
from starlette.routing import compile_path

from dbctl.errors import (
    AnswerIsNo,
    BadValueError,
    DbctlError,
    InUseError,
    LockedError,
    MissingExtraError,
    NotFoundError,
    PendingError,
    RefusedError,
    TakenError,
    UnreachableError,
    UsageError,
)
from dbctl.records.cursor import CursorError
from dbctl.records.violations import refusal, violation
from dbctl.sample.api.headers import SAFE
from dbctl.sample.models import Base

log = logging.getLogger("dbctl.api")


class NotSignedInError(AnswerIsNo):
    """No token, or none that is valid."""


class ForbiddenError(RefusedError):
    """Signed in, and not allowed to."""


class TooManyError(AnswerIsNo):
    """More attempts than are taken; `seconds` from now on there is room again."""

    def __init__(self, message: str, *, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


STATUSES: Mapping[type[DbctlError], int] = {
    NotSignedInError: 401,
    ForbiddenError: 403,
    NotFoundError: 404,
    TakenError: 409,
    InUseError: 409,
    AnswerIsNo: 409,
    BadValueError: 422,
    UsageError: 422,
    CursorError: 404,  # it names a page, and there is none
    TooManyError: 429,
    LockedError: 503,
    PendingError: 503,
    UnreachableError: 503,
    MissingExtraError: 503,
    DbctlError: 500,
}
# Where Python's versions do not agree on the phrase.
KINDS = {413: "too_large"}
# What a client is told of what it cannot mend; the log has the rest.
OURS = {500: "something went wrong here", 503: "this cannot be done now"}


class Field(BaseModel):
    """One thing that was sent and cannot be used: where it stands, and why."""

    at: str
    message: str


class Fault(BaseModel):
    """What went wrong; `kind` is for programs, `message` for people."""

    kind: str
    message: str
    fields: list[Field] = []


class Failure(BaseModel):
    """The body of every answer that is no success."""

    error: Fault


BODY = (400, 413)  # of every route that reads one


def declared(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The answers of a route that are no success, for the OpenAPI document."""
    every = sorted({*statuses, 422, 503})
    return {one: {"model": Failure, "description": HTTPStatus(one).phrase} for one in every}


def failed(
    status: int, kind: str, message: str, *, fields: Iterable[Mapping[str, str]] = ()
) -> JSONResponse:
    """An answer that is no success."""
    fault = {"kind": kind, "message": message, "fields": list(fields)}
    return JSONResponse({"error": fault}, status, headers=_headers(status))


def _headers(status: int) -> dict[str, str]:
    """What HTTP wants beside some statuses."""
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": "Bearer"}
    return {"Retry-After": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}


def status_of(error: DbctlError) -> int:
    """The status of the nearest class that has one."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


async def _refused(_request: Request, error: DbctlError) -> JSONResponse:
    status = status_of(error)
    if status in OURS:
        log.error("%s: %s", error.kind, error.message, exc_info=status == 500)  # noqa: PLR2004
    response = failed(status, error.kind, OURS.get(status, error.message))
    if isinstance(error, TooManyError):
        response.headers["Retry-After"] = str(error.seconds)
    return response


async def _by_database(request: Request, error: StatementError) -> JSONResponse:
    """What no service has translated: mostly a COMMIT that fails."""
    return await _refused(request, refusal(violation(error), Base.metadata))


async def _unreachable(request: Request, error: Exception) -> JSONResponse:
    return await _refused(request, UnreachableError(f"{type(error).__name__}: {error}"))


async def _invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
    """What was sent is not what the route takes; never with the value, it may be a password."""
    fields = [
        {"at": ".".join(str(part) for part in one["loc"]), "message": str(one["msg"])}
        for one in error.errors()
    ]
    return failed(422, "invalid", "what was sent cannot be used", fields=fields)


async def _http(request: Request, error: HTTPException) -> JSONResponse:
    """What the framework answers by itself: no such path, wrong method, no JSON."""
    phrase = HTTPStatus(error.status_code).phrase
    kind = KINDS.get(error.status_code) or phrase.lower().replace(" ", "_")
    response = failed(error.status_code, kind, phrase)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = ", ".join(sorted(_methods(request.app, request.url.path)))
    return response


async def _broken(_request: Request, _error: Exception) -> JSONResponse:
    """Anything else is a fault of ours; the server logs it with its traceback."""
    response = failed(500, "bug", OURS[500])
    response.headers.update(SAFE)  # this answer passes no middleware
    return response


def _methods(app: FastAPI, path: str) -> set[str]:
    """What a path takes: the framework names those of the first route that fits, or none."""
    return {
        method.upper()
        for template, methods in app.openapi()["paths"].items()
        if compile_path(template)[0].match(path)
        for method in methods
    }


def install(app: FastAPI) -> None:
    """Answer for every error of the application."""
    app.exception_handler(DbctlError)(_refused)
    app.exception_handler(StatementError)(_by_database)
    app.exception_handler(NoConnectionFree)(_unreachable)
    app.exception_handler(OSError)(_unreachable)
    app.exception_handler(RequestValidationError)(_invalid)
    app.exception_handler(HTTPException)(_http)
    app.exception_handler(Exception)(_broken)

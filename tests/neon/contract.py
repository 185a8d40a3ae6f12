"""The API's own description as a judge: what of an exchange does not keep to it."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from openapi_schema_validator import OAS30Validator, oas30_format_checker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

DOCUMENT: dict[str, Any] = json.loads(
    Path(__file__).with_name("openapi.json").read_text(encoding="utf-8")
)
NAME = "urn:neon"
REGISTRY: Registry[Any] = Registry().with_resource(
    NAME, Resource.from_contents(DOCUMENT, default_specification=DRAFT4)
)
METHODS = ("get", "post", "patch", "put", "delete")


@dataclass(frozen=True)
class Endpoint:
    """One operation of the description, and where it stands there."""

    method: str
    template: str
    names: dict[str, str]

    @property
    def place(self) -> tuple[str, ...]:
        """The keys that lead to it."""
        return ("paths", self.template, self.method.lower())

    @property
    def parameters(self) -> list[dict[str, Any]]:
        """Its parameters and those of its path."""
        path = DOCUMENT["paths"][self.template]
        own = path[self.method.lower()].get("parameters", [])
        return [_resolved(one) for one in (*path.get("parameters", []), *own)]


def endpoints() -> Iterator[tuple[str, str]]:
    """Method and path template of everything that is described."""
    for template, path in DOCUMENT["paths"].items():
        for method in METHODS:
            if method in path:
                yield method.upper(), template


def find(method: str, path: str) -> Endpoint | None:
    """What the description calls this request; None when it does not know it."""
    for described, template in endpoints():
        found = _pattern(template).fullmatch(path)
        if described == method and found:
            names = {key: unquote(value) for key, value in found.groupdict().items()}
            return Endpoint(method, template, names)
    return None


@cache
def _pattern(template: str) -> re.Pattern[str]:
    # A literal word wins over a name: /branches/count is no branch.
    return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>(?!count$|shared$)[^/]+)", template))


def of_request(endpoint: Endpoint, query: Mapping[str, list[str]], body: Any) -> list[str]:
    """What is wrong with a request: its path, its query, its body (None for no body)."""
    return [*_of_names(endpoint), *_of_query(endpoint, query), *_of_body(endpoint, body)]


def of_response(endpoint: Endpoint, status: int, body: Any) -> list[str]:
    """What is wrong with an answer: its status, its body."""
    responses = DOCUMENT["paths"][endpoint.template][endpoint.method.lower()]["responses"]
    key = str(status) if str(status) in responses else "default"
    if key == "default" and status < 400:
        return [f"answer: status {status} is not declared"]
    place = _content((*endpoint.place, "responses", key))
    if place is None:
        return [] if body is None else ["answer: a body where none is declared"]
    return [f"answer: {text}" for text in (*_invalid(place, body), *_unknown(place, body))]


def _of_names(endpoint: Endpoint) -> Iterator[str]:
    for one in endpoint.parameters:
        if one["in"] == "path":
            value = endpoint.names[one["name"]]
            yield from (f"path {one['name']}: {text}" for text in _errors(one["schema"], value))


def _of_query(endpoint: Endpoint, query: Mapping[str, list[str]]) -> Iterator[str]:
    described = {one["name"]: one for one in endpoint.parameters if one["in"] == "query"}
    for name in query.keys() - described.keys():
        yield f"query {name}: not declared"
    for name, one in described.items():
        if name in query:
            value = _typed(one["schema"].get("type"), query[name][-1])
            yield from (f"query {name}: {text}" for text in _errors(one["schema"], value))
        elif one.get("required"):
            yield f"query {name}: required"


def _of_body(endpoint: Endpoint, body: Any) -> Iterator[str]:
    described = _at(endpoint.place).get("requestBody")
    if described is None:
        # An empty object where nothing is asked for does no harm; clients send it.
        yield from ["body: none is declared"] if body else []
    elif body is None:
        yield from ["body: required"] if described.get("required") else []
    else:
        place = _content((*endpoint.place, "requestBody"))
        assert place is not None
        yield from (f"body: {text}" for text in (*_invalid(place, body), *_unknown(place, body)))


def _typed(kind: str | None, text: str) -> Any:
    """A value of the query as the type that its schema wants; the text if it is not one."""
    if kind in ("integer", "number") and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text) if "." in text else int(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _content(place: tuple[str, ...]) -> tuple[str, ...] | None:
    """Where the schema of a request or an answer stands; None when it has no body."""
    found = _at(place)
    if "$ref" in found:
        place = tuple(found["$ref"].removeprefix("#/").split("/"))
    if "content" not in _at(place):
        return None
    return (*place, "content", "application/json", "schema")


def _at(place: tuple[str, ...]) -> Any:
    value: Any = DOCUMENT
    for key in place:
        value = value[key]
    return value


def _invalid(place: tuple[str, ...], body: Any) -> list[str]:
    pointer = "/".join(key.replace("~", "~0").replace("/", "~1") for key in place)
    return _errors({"$ref": f"{NAME}#/{pointer}"}, body)


def _errors(schema: dict[str, Any], value: Any) -> list[str]:
    validator = OAS30Validator(schema, registry=REGISTRY, format_checker=oas30_format_checker)
    return [f"{error.json_path}: {error.message[:300]}" for error in validator.iter_errors(value)]


def _unknown(place: tuple[str, ...], value: Any) -> list[str]:
    """Fields that the description does not know: it would let them pass."""
    return list(_strangers(_at(place), value, "$"))


def _strangers(schema: dict[str, Any], value: Any, where: str) -> Iterator[str]:
    schema = _resolved(schema)
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from _strangers(schema.get("items", {}), part, f"{where}[{number}]")
    elif isinstance(value, dict):
        known = _properties(schema)
        free = "additionalProperties" in schema or not known
        for key, part in value.items():
            if key in known:
                yield from _strangers(known[key], part, f"{where}.{key}")
            elif not free:
                yield f"{where}.{key}: not declared"


def _properties(schema: dict[str, Any]) -> dict[str, Any]:
    schema = _resolved(schema)
    known = dict(schema.get("properties", {}))
    for part in schema.get("allOf", ()):
        known |= _properties(part)
    return known


def _resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = _at(tuple(schema["$ref"].removeprefix("#/").split("/")))
    return schema

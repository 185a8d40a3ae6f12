"""Annotations of GitHub Actions: a finding stands at its line of the pull request.

Source: https://docs.github.com/actions/reference/workflow-commands-for-github-actions
"""

from dbctl.lint.model import Flaw, Linted

_COMMANDS = {"error": "error", "warning": "warning", "hint": "notice"}


def text(found: Linted) -> str:
    """One command a line; nothing when there is nothing to say."""
    return "".join(f"{_command(one)}\n" for one in found.findings)


def _command(one: Flaw) -> str:
    place = {
        "file": one.file,
        "line": str(one.line),
        "col": str(one.column),
        "title": f"dbctl lint: {one.rule}",
    }
    said = ",".join(f"{name}={_property(value)}" for name, value in place.items())
    message = one.message + (f"\nfix: {one.fix}" if one.fix else "")
    return f"::{_COMMANDS[one.level]} {said}::{_data(message)}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")

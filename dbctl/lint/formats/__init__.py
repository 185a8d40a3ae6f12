"""Findings in the forms that other programs read."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dbctl.lint.model import Format, Linted, Report


def reported(found: "Linted", form: "Format") -> "Linted | Report":
    """The findings as they are for text and JSON, else in the form that was asked for."""
    from dbctl.lint.formats import github, markdown, sarif
    from dbctl.lint.model import Format, Report

    writers = {
        Format.github: github.text,
        Format.sarif: sarif.text,
        Format.markdown: markdown.text,
    }
    writer = writers.get(form)
    return Report(writer(found), found.exit_code) if writer else found

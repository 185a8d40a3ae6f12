"""Runs the rules over revisions: findings with their places, levels, and what answers for them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dbctl.lint import suppress
from dbctl.lint.configuration import Configuration
from dbctl.lint.facts import Opaque
from dbctl.lint.model import Flaw, Linted
from dbctl.lint.record import Target
from dbctl.lint.registry import RULES, name_of
from dbctl.lint.replay import History, replay
from dbctl.lint.seen import Problem, Rule, Seen, World
from dbctl.lint.sql import UNLOOKED

_ORDER = {"error": 0, "warning": 1, "hint": 2}


def lint(
    history: History,
    target: Target,
    world: World,
    wanted: frozenset[str],
    configuration: Configuration,
) -> Linted:
    """What the rules find in the revisions of `wanted`, in the order of the history."""
    findings: list[Flaw] = []
    ignored = unlooked = 0
    revisions = list(replay(history, target, world, wanted))
    others = _squawked(revisions, target, configuration)
    for seen in revisions:
        unlooked += any(_is_unlooked(seen))
        own = _found(seen, configuration)
        theirs = [one for one in others if one.file == str(seen.source.file)]
        kept, silenced = suppress.settled(seen.source, _sorted([*own, *theirs]))
        findings += kept
        ignored += silenced
    notes = [_note(unlooked)] if unlooked else []
    version = ".".join(map(str, target.version)) if target.dialect == "postgresql" else ""
    return Linted(target.dialect, version, len(revisions), tuple(findings), ignored, tuple(notes))


def _note(count: int) -> str:
    what = "revision was" if count == 1 else "revisions were"
    return f"SQL text in {count} {what} not looked at: pip install 'dbctl-lifecycle[lint]' reads it"


def _is_unlooked(seen: Seen) -> Iterator[bool]:
    facts = (*seen.upgrade.facts, *seen.downgrade.facts)
    return (isinstance(one, Opaque) and one.reason == UNLOOKED for one in facts)


def _found(seen: Seen, configuration: Configuration) -> list[Flaw]:
    """The findings of one revision, by line."""
    made = [
        _finding(seen, rule, problem, configuration)
        for rule in RULES
        if configuration.asks(name_of(rule), rule.DIALECTS, seen.world.dialect)
        for problem in rule.check(seen)
    ]
    return _heard(list(dict.fromkeys(made)))


# Of two rules that say the same of one statement the first is heard.
_OVER = (("data-with-ddl", "whole-table-update"), ("mapped-column", "drop-column"))


def _heard(findings: list[Flaw]) -> list[Flaw]:
    said = {(one.rule, one.line, one.column, one.table) for one in findings}
    hushed = {lesser: greater for greater, lesser in _OVER}
    return [
        one
        for one in findings
        if (hushed.get(one.rule, ""), one.line, one.column, one.table) not in said
    ]


def _sorted(findings: list[Flaw]) -> list[Flaw]:
    return sorted(findings, key=lambda one: (one.line, _ORDER[one.level], one.rule))


def _squawked(
    revisions: Sequence[Seen], target: Target, configuration: Configuration
) -> tuple[Flaw, ...]:
    if target.dialect != "postgresql" or not configuration.squawk:
        return ()
    from dbctl.lint import squawk

    return squawk.flaws(revisions, configuration)


def _finding(seen: Seen, rule: Rule, problem: Problem, configuration: Configuration) -> Flaw:
    at = problem.fact.at if problem.fact else None
    name = name_of(rule)
    return Flaw(
        rule=name,
        level=configuration.levels.get(name) or problem.level or rule.LEVEL,
        revision=seen.header.revision,
        file=str(seen.source.file),
        line=at.line if at and at.line else problem.line,
        column=at.column if at and at.column else 1,
        table=problem.table,
        message=problem.message,
        fix=problem.fix,
    )


def relative(linted: Linted, root: str) -> Linted:
    """The same with files as they are called from the project's folder."""
    prefix = root.rstrip("/") + "/"
    named = (replace(one, file=one.file.removeprefix(prefix)) for one in linted.findings)
    return replace(linted, findings=tuple(named))


def worst(findings: Sequence[Flaw]) -> tuple[int, int, int]:
    """How many errors, warnings and hints there are."""
    levels = [one.level for one in findings]
    return levels.count("error"), levels.count("warning"), levels.count("hint")

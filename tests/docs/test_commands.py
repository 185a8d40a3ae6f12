"""docs/commands.md and the words that completion knows are those of the real commands."""

from dbctl.cli.words import COMMANDS, ENVIRONMENTS, ROOT
from dbctl.settings import ENVIRONMENTS as KNOWN
from tests.docs import commands_page, tree, words_module


def test_the_page_of_commands_is_what_the_code_says() -> None:
    assert commands_page.PAGE.read_text(encoding="utf-8") == commands_page.page(), (
        "a command changed: python -m tests.docs.commands_page"
    )


def test_completion_knows_every_command_and_option() -> None:
    stale = "a command changed: python -m tests.docs.words_module"
    assert words_module.commands() == COMMANDS, stale
    assert words_module.root_options() == ROOT, stale
    assert KNOWN == ENVIRONMENTS, stale


def test_the_module_of_words_was_written_by_the_generator() -> None:
    assert words_module.MODULE.read_text(encoding="utf-8") == words_module.module()


def test_every_command_has_a_section() -> None:
    page = commands_page.page()
    assert all(f"\n## {words}\n" in page for words in tree.commands())


def test_every_argument_for_a_revision_or_a_table_is_known_as_one() -> None:
    kinds = {words: said[1] for words, said in COMMANDS.items()}
    revisions = ("upgrade", "downgrade", "plan", "show", "edit", "merge", "stamp")
    assert {kinds[words][0].rstrip("*") for words in revisions} == {"revision"}
    assert {kinds[f"tables {verb}"][0].rstrip("*") for verb in ("show", "truncate")} == {"table"}

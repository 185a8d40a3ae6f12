"""The log: as much as was asked for, once, whatever a project does to logging; no secret in it."""

import json
import re
from collections.abc import Callable
from datetime import datetime

import pytest

from dbctl.cli.mask import masked
from tests.cli.secret import ENCODED, SECRET, leaks
from tests.projects import envs
from tests.projects.make import LOGGING, Project
from tests.runner import Finished
from tests.servers.server import Server

Quick = Callable[..., Finished]
PROGRESS = "upgrade r1  about r1"
ALEMBIC = "alembic.runtime.migration: Running upgrade  -> r1, about r1"
TIME = re.compile(r"^\d+\.\d ms", re.MULTILINE)
INSERT = f"""\
op.create_table("t1", sa.Column("id", sa.Integer()), sa.Column("word", sa.Text()))
t1 = sa.table("t1", sa.column("id"), sa.column("word"))
op.bulk_insert(t1, [{{"id": 1, "word": {SECRET!r}}}])
op.get_bind().execute(sa.text("SELECT word FROM t1")).fetchall()
"""


def revised(project: Project, up: str = "pass") -> Project:
    """The project with the revision r1 and a URL of its own."""
    project.revision("r1", up=up)
    project.write("pyproject.toml", '[tool.dbctl]\nurl = "sqlite:///data.db"\n')
    return project


@pytest.fixture
def plain(project: Project) -> Project:
    """A project with one revision, nothing applied."""
    for path in project.versions.glob("*.py"):
        path.unlink()
    return revised(project)


def upgraded(project: Project, quick: Quick, *line: str, **env: str) -> Finished:
    """`up`, with these words behind it."""
    done = quick("up", *line, cwd=project.root, env=env)
    assert done.code == 0, str(done)
    return done


def test_only_progress_is_said(plain: Project, quick: Quick) -> None:
    done = upgraded(plain, quick)
    assert done.error_lines[-1] == PROGRESS
    assert all(
        ":" not in line.split(" ")[0] or line.startswith("local:") for line in done.error_lines
    )
    assert not TIME.search(done.err)


@pytest.mark.parametrize("more", [[], ["-v"], ["--log-format", "json"]], ids=" ".join)
def test_quiet_is_nothing_at_all(more: list[str], plain: Project, dbctl: Quick) -> None:
    plain.write("migrations/env.py", NOISY + envs.SYNC)
    assert upgraded(plain, dbctl, "-q", *more).err == ""


NOISY = "import logging, warnings\nlogging.warning('beware')\nwarnings.warn('or else')\n"


def test_a_warning_is_a_line(plain: Project, quick: Quick) -> None:
    plain.write("migrations/env.py", "import logging\nlogging.warning('beware')\n" + envs.SYNC)
    assert "warning: beware" in upgraded(plain, quick).error_lines


@pytest.mark.parametrize("place", ["before", "behind"])
def test_one_v_is_alembic_and_the_time_of_sql(place: str, plain: Project, quick: Quick) -> None:
    line = ["-v", "up"] if place == "before" else ["up", "-v"]
    done = quick(*line, cwd=plain.root)
    assert ALEMBIC in done.error_lines
    assert re.search(r"^\d+\.\d ms  INSERT INTO alembic_version", done.err, re.MULTILINE)
    assert "sqlalchemy.engine" not in done.err


def test_two_v_are_sql_as_sqlalchemy_says_it(plain: Project, quick: Quick) -> None:
    done = upgraded(plain, quick, "-vv")
    assert ALEMBIC in done.error_lines
    assert re.search(r"^sqlalchemy.engine.Engine\S*: INSERT INTO alembic_version", done.err, re.M)
    assert TIME.search(done.err)


def test_debug_is_all(plain: Project, quick: Quick) -> None:
    plain.write("migrations/env.py", DETAILS + envs.SYNC)
    said = upgraded(plain, quick, "--debug").err
    assert all(text in said for text in (ALEMBIC, "mine: a detail", "sqlalchemy.engine", " ms\n"))


DETAILS = "import logging\nlogging.getLogger('mine').debug('a detail')\n"


def test_timing_ends_with_the_command(plain: Project, quick: Quick) -> None:
    upgraded(plain, quick, "-v")
    plain.revision("r2", "r1")
    assert not TIME.search(upgraded(plain, quick).err)


DICT = """\
import logging.config
SAID = {"version": 1, "disable_existing_loggers": True,
    "handlers": {"out": {"class": "logging.StreamHandler", "stream": "ext://sys.stderr"}},
    "root": {"handlers": ["out"], "level": "ERROR"},
    "loggers": {"alembic": {"handlers": ["out"], "level": "ERROR", "propagate": False},
        "dbctl": {"handlers": ["out"], "level": "CRITICAL", "propagate": False}}}
"""
CONFIGURED = {
    "fileConfig": "from logging.config import fileConfig\nfileConfig(config.config_file_name)\n",
    "dictConfig": DICT + "logging.config.dictConfig(SAID)\n",
    "basicConfig": "import logging\nlogging.basicConfig(force=True, level='DEBUG')\n",
    "handlers": "import logging, sys\nlogging.getLogger('alembic').addHandler("
    "logging.StreamHandler(sys.stderr))\nlogging.getLogger('dbctl').disabled = True\n"
    "logging.getLogger('dbctl.progress').disabled = True\n",
    "configurator": DICT + "logging.config.DictConfigurator(SAID).configure()\n",
    "root": "import logging\nlogging.root.handlers = [logging.StreamHandler()]\n"
    "logging.root.setLevel('CRITICAL')\n",
}


@pytest.fixture(params=["sync", "async"])
def loud(request: pytest.FixtureRequest, plain: Project) -> Callable[[str], Project]:
    """`loud(way)`: a project whose env.py, of either kind, sets logging up in that way."""

    def written(way: str) -> Project:
        env = envs.SYNC if request.param == "sync" else envs.ASYNC
        head, marker, rest = env.partition("target_metadata = Base.metadata\n")
        plain.write("migrations/env.py", head + marker + CONFIGURED[way] + rest)
        with (plain.root / "alembic.ini").open("a") as ini:
            ini.write(LOGGING)
        return plain

    return written


@pytest.mark.parametrize("way", CONFIGURED)
def test_what_a_project_does_to_logging_neither_silences_nor_doubles(
    way: str, loud: Callable[[str], Project], dbctl: Quick
) -> None:
    project = loud(way)
    said = upgraded(project, dbctl, "-v").err
    assert said.count(PROGRESS) == 1
    assert said.count("Running upgrade") == 1
    assert ALEMBIC in said.splitlines()
    assert "INFO " not in said


def test_models_that_set_logging_up_silence_nothing(plain: Project, dbctl: Quick) -> None:
    plain.write("pyproject.toml", PYPROJECT)
    plain.models(f"\n{DICT}logging.config.dictConfig(SAID)\n")
    assert dbctl("database", "create", cwd=plain.root).code == 0
    done = dbctl("-v", "tables", "create", cwd=plain.root)
    assert done.code == 0, str(done)
    assert done.err.count(" ms  CREATE TABLE authors") == 1


def test_a_log_file_of_the_project_stays(plain: Project, dbctl: Quick) -> None:
    lines = (
        "import logging\nlogging.getLogger('alembic').addHandler(logging.FileHandler('a.log'))\n"
    )
    plain.write("migrations/env.py", envs.SYNC.replace("config = ", lines + "config = ", 1))
    upgraded(plain, dbctl, "-v")
    assert "Running upgrade" in (plain.root / "a.log").read_text()


@pytest.mark.parametrize("verbose", ["", "-v", "-vv"])
def test_the_echo_of_a_project_is_not_said_twice(
    verbose: str, plain: Project, dbctl: Quick
) -> None:
    echoing = envs.FROM_CONFIG.replace("poolclass=", "echo=True, poolclass=")
    plain.write("migrations/env.py", envs.sync(engine=echoing))
    done = upgraded(plain, dbctl, "--json", *verbose.split())
    assert done.json["upgrade"]["applied"]
    said = sum("Engine: INSERT INTO alembic_version" in line for line in done.error_lines)
    assert said == (1 if verbose == "-vv" else 0)


def test_the_setting_echo_is_heard_on_stderr_once(plain: Project, dbctl: Quick) -> None:
    plain.write("seeds/authors.csv", "id,name\n1,somebody\n")
    plain.write("pyproject.toml", PYPROJECT)
    upgraded(plain, dbctl, "--no-seed")
    assert dbctl("tables", "create", cwd=plain.root).code == 0
    done = dbctl("--json", "seed", cwd=plain.root, env={"DBCTL_ECHO": "true"})
    assert done.json["rows"] == 1
    assert sum("INSERT INTO" in line for line in done.error_lines) == 1
    assert "somebody" not in done.err


PYPROJECT = '[tool.dbctl]\nurl = "sqlite:///data.db"\nmetadata = "models:Base"\n'


@pytest.mark.parametrize("way", ["flag", "variable"])
def test_json_lines_are_documents_with_time_level_logger_message(
    way: str, plain: Project, quick: Quick
) -> None:
    flag = ["--log-format", "json"] if way == "flag" else []
    env = {} if way == "flag" else {"DBCTL_LOG_FORMAT": "json"}
    lines = [json.loads(line) for line in upgraded(plain, quick, *flag, **env).error_lines]
    assert {"level": "info", "logger": "dbctl.progress", "message": PROGRESS}.items() <= lines[
        -1
    ].items()
    assert all(list(line) == ["time", "level", "logger", "message"] for line in lines)
    times = [datetime.fromisoformat(line["time"]) for line in lines]
    assert times == sorted(times)
    assert all(line["time"].endswith("Z") for line in lines)


def test_the_flag_is_stronger_than_the_variable(plain: Project, quick: Quick) -> None:
    done = upgraded(plain, quick, "--log-format", "text", DBCTL_LOG_FORMAT="json")
    assert done.error_lines[-1] == PROGRESS


def test_another_format_is_refused(quick: Quick) -> None:
    assert quick("--log-format", "xml", "status").code == 2
    done = quick("status", env={"DBCTL_LOG_FORMAT": "xml"})
    assert done.code == 3
    assert "DBCTL_LOG_FORMAT" in done.err


def test_an_error_is_a_json_line_too(quick: Quick) -> None:
    done = quick("--url", "sqlite:///none.db", "--log-format", "json", "status")
    line = json.loads(done.error_lines[-1])
    assert (line["level"], line["logger"], line["kind"]) == ("error", "dbctl", "missing_database")
    assert "dbctl up" in line["hint"]


def test_a_traceback_is_a_json_line_too(quick: Quick) -> None:
    done = quick("--debug", "--url", "sqlite:///none.db", "--log-format", "json", "status")
    lines = [json.loads(line) for line in done.error_lines]
    assert any("Traceback" in line.get("traceback", "") for line in lines)


def test_a_line_cannot_be_forged(plain: Project, quick: Quick) -> None:
    forged = "import logging\nlogging.warning('a\\nerror: b \\x1b[2J\\u202e')\n"
    plain.write("migrations/env.py", forged + envs.SYNC)
    text = upgraded(plain, quick)
    assert "warning: a\\nerror: b \\x1b[2J\\u202e" in text.error_lines


@pytest.mark.parametrize("line", ["-v", "-vv", "--debug", "-v --log-format json"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_no_value_of_a_statement_is_in_any_log(
    line: str, kind: str, plain: Project, dbctl: Quick
) -> None:
    echoing = {"sync": envs.SYNC, "async": envs.ASYNC}[kind].replace(
        "poolclass=", "echo='debug', poolclass="
    )
    plain.write("migrations/env.py", echoing)
    revised(plain, INSERT)
    done = upgraded(plain, dbctl, *line.split())
    assert "INSERT INTO t1" in done.err
    assert leaks(done.err) == []


def test_the_time_of_a_statement_shows_no_literal(plain: Project, quick: Quick) -> None:
    revised(plain, "op.execute(\"SELECT 'it''s s3cr3t', 'x'\")")
    assert "ms  SELECT '...', '...'\n" in upgraded(plain, quick, "-v").err


@pytest.mark.parametrize("line", ["", "-v", "-vv", "--debug", "--debug --log-format json"])
def test_no_value_is_in_what_a_failed_statement_leaves(
    line: str, plain: Project, dbctl: Quick
) -> None:
    up = f'op.get_bind().execute(sa.text("INSERT INTO nosuch VALUES (:a)"), {{"a": {SECRET!r}}})'
    revised(plain, up.replace(repr(SECRET), "__import__('word').WORD"))
    plain.write("word.py", f"WORD = {SECRET!r}\n")
    done = dbctl("up", *line.split(), cwd=plain.root)
    assert done.code == 6
    assert leaks(done.out + done.err) == []


@pytest.mark.parametrize("line", ["-v", "-vv", "--debug", "--debug --log-format json"])
def test_no_password_of_a_url_is_in_any_log(
    line: str, plain: Project, dbctl: Quick, server: Server
) -> None:
    url = server.url("nobody").replace(server.password, ENCODED)
    loud = "import logging\nlogging.error('%s', config.get_main_option('sqlalchemy.url'))\n"
    plain.write("migrations/env.py", envs.sync(head=loud))
    done = dbctl("upgrade", *line.split(), cwd=plain.root, env={"DATABASE_URL": url})
    assert done.code == 4
    assert leaks(done.out + done.err) == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:p%40@h/x", "postgresql://me:***@h/x"),
        ("redis://:p@h", "redis://:***@h"),
        ("x://a:p/w@d@h", "x://a:***@h"),
        ("?user=a&password=p&x=1", "?user=a&password=***&x=1"),
        ("{'password': 'a b', 'x': 1}", "{'password': ***, 'x': 1}"),
        ("ALTER ROLE a PASSWORD 'it''s' LOGIN", "ALTER ROLE a PASSWORD *** LOGIN"),
        ('password authentication failed for user "me"', None),
        ("the column password is empty", None),
        ("https://example.com/a", None),
    ],
)
def test_a_password_is_taken_out_where_it_stands(text: str, shown: str | None) -> None:
    assert masked(text) == (text if shown is None else shown)


def test_a_record_that_cannot_be_written_shows_no_values(plain: Project, dbctl: Quick) -> None:
    bad = f"import logging\nlogging.warning('%d', {SECRET!r})\n"
    plain.write("migrations/env.py", bad + envs.SYNC)
    done = upgraded(plain, dbctl)
    assert "env.py:2 cannot be written" in done.err
    assert leaks(done.err) == []


def test_the_log_of_the_process_is_left_as_it_was(plain: Project, quick: Quick) -> None:
    import logging

    before = (logging.root.level, logging.root.handlers[:], logging.getLogger("dbctl").level)
    upgraded(plain, quick, "--debug")
    assert (logging.root.level, logging.root.handlers, logging.getLogger("dbctl").level) == before

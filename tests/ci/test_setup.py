"""`ci setup` and `ci teardown`: a database that is ready, and nothing that stays behind."""

import stat
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import runner
from tests.ci.conftest import Job, Run
from tests.neon.standin import StandIn
from tests.schema import rows_of

BROKEN = 'op.add_column("nowhere", sa.Column("x", sa.Integer()))'


@pytest.fixture
def beside(database_url: str, job: Job) -> Job:
    """A job with a database of its own: a container's, or a file."""
    job.env["DATABASE_URL"] = database_url
    return job


def test_a_job_gets_a_database_that_is_ready(beside: Job, database_url: str) -> None:
    done = beside.step("setup", "--json")
    assert done.code == 0, done
    assert (done.json["runner"], done.json["in_sync"]) == ("github", True)
    assert done.json["seeded"] == {"authors": 1}
    assert beside.handed("env") == {"DATABASE_URL": database_url}
    assert rows_of(database_url)["authors"] == 1


def test_a_second_run_changes_nothing(beside: Job) -> None:
    assert beside.step("setup").code == 0
    again = beside.step("setup", "--json")
    assert (again.code, again.json["created"]) == (0, False), again
    assert (again.json["upgrade"]["applied"], again.json["seeded"]) == ([], {"authors": 0})


def test_models_that_say_more_are_a_no_with_a_remark(beside: Job) -> None:
    beside.project.models(
        '\n\nclass Book(Base):\n    __tablename__ = "books"\n'
        "    id = orm.mapped_column(sa.Integer, primary_key=True)\n"
    )
    done = beside.step("setup")
    assert done.code == 1, done
    (remark,) = [line for line in done.err.splitlines() if line.startswith("::error")]
    assert "add_table books" in remark


def test_a_broken_revision_has_one_remark_at_its_line(beside: Job) -> None:
    path = beside.project.revision("r2", "r1", up=BROKEN)
    done = beside.step("setup")
    line = 1 + path.read_text().splitlines().index(f"    {BROKEN}")
    remarks = [one for one in done.err.splitlines() if one.startswith("::")]
    assert (done.code, len(remarks)) == (6, 1), done
    assert remarks[0].startswith(f"::error file=migrations/versions/r2_.py,line={line},")
    assert beside.handed("env") == {}


def test_an_env_py_that_reads_the_variable_finds_it(job: Job, database_url: str) -> None:
    env = job.project.migrations / "env.py"
    env.write_text(f"import os\n\nassert os.environ['DATABASE_URL']\n{env.read_text()}")
    done = job.step("setup", "--url", database_url)
    assert done.code == 0, done


def test_outside_of_github_a_file_has_the_variables(job: Job, quick: Run, sqlite_url: str) -> None:
    env = {"DATABASE_URL": sqlite_url, "GITLAB_CI": "true"}
    words = ("ci", "setup", "--json", "--variable", "APP_URL", "--env-file", "job.env")
    done = quick(*words, cwd=job.project.root, env=env)
    file = job.project.root / "job.env"
    assert (done.json["runner"], done.json["files"]) == ("gitlab", ["job.env"])
    assert file.read_text() == f"DATABASE_URL={sqlite_url}\nAPP_URL={sqlite_url}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_test_environment_hears_of_it_too(job: Job, sqlite_url: str) -> None:
    done = job.step("setup", "--env", "tst", TEST_DATABASE_URL=sqlite_url)
    assert done.code == 0, done
    assert job.handed("env")["TEST_DATABASE_URL"] == sqlite_url


class TestNeon:
    """A branch for a pull request, at the stand-in."""

    @pytest.fixture
    def there(self, job: Job, neon: StandIn) -> Job:
        """A job with a key and a project, and no URL."""
        job.env |= neon.env
        return job

    def test_a_request_gets_a_branch_with_an_end(self, there: Job, neon: StandIn) -> None:
        done = there.step("setup", "--neon", "--seed", "--json")
        assert done.code == 0, done
        assert (done.json["branch"], done.json["created"]) == ("pr-12", True)
        assert neon.branch("pr-12").expires_at is not None
        handed = there.handed("env")
        assert (handed["DATABASE_URL_UNPOOLED"], handed["NEON_BRANCH"]) == (
            neon.uri("pr-12"),
            "pr-12",
        )
        assert "-pooler" in handed["DATABASE_URL"]
        assert neon.run("pr-12", "SELECT name FROM authors") == [("Ann",)]

    def test_a_second_run_uses_it_again(self, there: Job, neon: StandIn) -> None:
        there.step("setup", "--neon")
        again = there.step("setup", "--neon", "--json")
        assert (again.code, again.json["created"]) == (0, False), again
        assert neon.names == ["main", "pr-12"]

    def test_secrets_are_masked_before_they_are_written(self, there: Job) -> None:
        done = there.step("setup", "--neon")
        url = there.handed("env")["DATABASE_URL"]
        masks = [one[12:] for one in done.err.splitlines() if one.startswith("::add-mask::")]
        assert url in masks
        rest = "".join(one for one in done.err.splitlines(True) if "::add-mask::" not in one)
        assert all(mask not in rest + done.out for mask in masks)
        assert "::add-mask::" not in done.out

    def test_two_jobs_make_one_branch_and_one_migration(self, there: Job, neon: StandIn) -> None:
        with ThreadPoolExecutor(2) as pool:
            line = ("--json", "ci", "setup", "--neon")
            cwd, env = there.project.root, there.env
            both = [pool.submit(runner.dbctl, *line, cwd=cwd, env=env) for _ in range(2)]
        found = [one.result() for one in both]
        assert [one.code for one in found] == [0, 0], found
        assert sorted(one.json["created"] for one in found) == [False, True]
        assert sorted(len(one.json["upgrade"]["applied"]) for one in found) == [0, 1]
        assert neon.names == ["main", "pr-12"]

    def test_it_is_removed_and_may_be_gone(self, there: Job, neon: StandIn) -> None:
        there.step("setup", "--neon")
        assert there.step("teardown", "--neon", "--json").json["removed"] == ["pr-12"]
        assert neon.names == ["main"]
        gone = there.step("teardown", "--neon", "--json")
        assert (gone.code, gone.json["absent"]) == (0, ["pr-12"])

    def test_closed_requests_leave_nothing(self, there: Job, neon: StandIn) -> None:
        for name in ("pr-1", "pr-2", "pr-x"):
            assert there.step("setup", "--neon", "--name", name).code == 0
        done = there.step("prune", "--neon", "--open", "2, 7", "--json", NEON_BRANCH="")
        assert done.json["removed"] == ["pr-1"], done
        assert neon.names == ["main", "pr-2", "pr-x"]


def test_a_branch_of_a_file_or_server_is_made_and_removed(beside: Job) -> None:
    assert beside.step("setup").code == 0
    made = beside.step("setup", "--branch", "--json", DATABASE_URL=beside.env["DATABASE_URL"])
    assert (made.code, made.json["branch"], made.json["created"]) == (0, "pr-12", True), made
    url = beside.handed("env")["DATABASE_URL"]
    assert url != beside.env["DATABASE_URL"]
    words = ("teardown", "--branch", "--json")
    there = {"DATABASE_URL": beside.env["DATABASE_URL"]}
    assert beside.step(*words, **there).json["removed"] == ["pr-12"]
    assert beside.step(*words, **there).json["absent"] == ["pr-12"]


@pytest.mark.usefixtures("server")  # whether there is a PostgreSQL at all
class TestEmbedded:
    """A server that outlives its step."""

    @pytest.fixture
    def alone(self, job: Job) -> Iterator[Job]:
        """A job without a database."""
        yield job
        job.step("teardown", "--embedded")

    def test_it_stays_until_teardown(self, alone: Job) -> None:
        first = alone.step("setup", "--embedded", "--json")
        assert (first.code, first.json["source"]) == (0, "embedded"), first
        url = alone.handed("env")["DATABASE_URL"]
        assert rows_of(url)["authors"] == 1
        again = alone.step("setup", "--embedded", "--json")
        assert (again.json["created"], alone.handed("env")["DATABASE_URL"]) == (False, url)
        assert alone.step("teardown", "--embedded", "--json").json["removed"]
        until(lambda: runner.in_process("wait", "--timeout", "0", "--url", url).code == 4)

    def test_a_step_that_fails_leaves_none(self, alone: Job) -> None:
        alone.project.revision("r2", "r1", up=BROKEN)
        assert alone.step("setup", "--embedded").code == 6
        gone = alone.step("teardown", "--embedded", "--json")
        assert gone.json["absent"] == ["embedded server"]

    def test_two_steps_start_one(self, alone: Job) -> None:
        with ThreadPoolExecutor(2) as pool:
            line, cwd = ("ci", "setup", "--embedded", "--json"), alone.project.root
            both = [pool.submit(runner.dbctl, *line, cwd=cwd, env=alone.env) for _ in range(2)]
        found = [one.result() for one in both]
        assert [one.code for one in found] == [0, 0], found
        assert len({one.json["database"]["host"] for one in found}) == 1


def until(happened: Callable[[], bool], limit: float = 10) -> None:
    """Wait for something. Fails after `limit` seconds."""
    end = time.monotonic() + limit
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["setup", "--neon", "--embedded"], "choose one"),
        (["setup", "--variable", "A-B"], "no name for a variable"),
        (["teardown"], "add the option that setup had"),
        (["prune", "--neon", "--open", "x"], "no number of a request"),
    ],
    ids=lambda words: "-".join(words) if isinstance(words, list) else None,
)
def test_a_line_that_makes_no_sense_is_refused(words: list[str], says: str, job: Job) -> None:
    done = job.step(*words)
    assert (done.code, says in done.err) == (2, True), done

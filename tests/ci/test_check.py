"""`ci check` and `ci report`: what is known of a change before it is merged."""

import subprocess
from pathlib import Path

import pytest

from tests.ci.conftest import Job
from tests.projects.make import table

BOOKS = """

class Book(Base):
    __tablename__ = "t2"
    id = orm.mapped_column(sa.Integer, primary_key=True)
"""
UNDO = 'op.drop_table("t2")'


def git(job: Job, *words: str) -> None:
    """Run git in the project."""
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com"]
    subprocess.run(["git", *who, *words], cwd=job.project.root, check=True, capture_output=True)


@pytest.fixture
def change(job: Job, sqlite_url: str) -> Job:
    """A request with the revision r2; `main` has r1."""
    job.env |= {"DATABASE_URL": sqlite_url, "GITHUB_BASE_REF": "main"}
    (job.project.root / ".git").rmdir()
    git(job, "init", "-q", "-b", "main")
    git(job, "add", ".")
    git(job, "commit", "-qm", "r1")
    git(job, "update-ref", "refs/remotes/origin/main", "main")
    job.project.revision("r2", "r1", up=table("t2"), undo=UNDO)
    job.project.models(BOOKS)
    return job


@pytest.fixture
def anywhere(change: Job, database_url: str) -> Job:
    """The same on each database."""
    change.env["DATABASE_URL"] = database_url
    return change


def outcomes(job: Job, *words: str) -> dict[str, str]:
    """The outcome of every step."""
    return {
        one["name"]: one["outcome"] for one in job.step("check", "--json", *words).json["steps"]
    }


def test_a_good_change_passes(anywhere: Job) -> None:
    done = anywhere.step("check", "--json")
    assert (done.code, done.json["against"], done.json["passed"]) == (0, "origin/main", True), done
    found = {one["name"]: one["detail"] for one in done.json["steps"]}
    assert found["from nothing"].startswith("1 new revision,")
    assert found["round trip"] == "1 revision down and up again"
    assert found["rehearsal"].startswith("the job's database has the revisions already")
    assert not [line for line in done.err.splitlines() if line.startswith("::error")]


def test_two_heads_fail_at_the_file_of_one(change: Job) -> None:
    change.project.revision("r3", "r1")
    done = change.step("check", "--json")
    assert (done.code, [one["outcome"] for one in done.json["steps"]]) == (1, ["failed"])
    assert "::error file=migrations/versions/r3_.py,line=1," in done.err


def test_models_that_say_more_fail(change: Job) -> None:
    change.project.models(BOOKS.replace("Book", "More").replace("t2", "t3"))
    assert outcomes(change)["models"] == "failed"


def test_a_way_back_that_leaves_something_fails(anywhere: Job) -> None:
    anywhere.project.revision("r2", "r1", up=table("t2"), undo="pass")
    done = anywhere.step("check", "--json")
    (step,) = [one for one in done.json["steps"] if one["name"] == "round trip"]
    assert (done.code, step["outcome"]) == (1, "failed")
    assert "table t2 is left over" in step["detail"]


def test_a_broken_revision_fails_at_its_line(change: Job) -> None:
    up = 'op.execute("SELECT nowhere")'
    path = change.project.revision("r2", "r1", up=up)
    done = change.step("check")
    line = 1 + path.read_text().splitlines().index(f"    {up}")
    assert done.code == 1
    assert f"::error file=migrations/versions/r2_.py,line={line}," in done.err


def test_lint_has_its_remarks_at_the_lines(anywhere: Job) -> None:
    up = 'op.drop_column("authors", "name")'
    path = anywhere.project.revision("r2", "r1", up=up)
    done = anywhere.step("check", "--json")
    line = 1 + path.read_text().splitlines().index(f"    {up}")
    found = [one for one in done.json["notes"] if one["title"].startswith("lint")]
    assert (found[0]["file"], found[0]["line"]) == ("migrations/versions/r2_.py", line), found


def test_a_change_without_revisions_checks_the_rest(change: Job) -> None:
    (change.project.versions / "r2_.py").unlink()
    git(change, "checkout", "-q", "models.py")
    found = outcomes(change)
    assert (found["models"], found["lint"], found["round trip"]) == ("passed", "skipped", "skipped")


def test_a_ref_that_git_does_not_know_is_said(change: Job) -> None:
    done = change.step("check", "--against", "origin/gone")
    assert (done.code, "fetch-depth: 0" in done.err) == (3, True), done


def test_a_database_where_the_change_is_to_come_is_rehearsed_on(anywhere: Job) -> None:
    url = anywhere.env["DATABASE_URL"]
    up = anywhere.quick("up", "--no-seed", cwd=anywhere.project.root, env={"DATABASE_URL": url})
    assert up.code == 0, up
    anywhere.project.revision("r3", "r2", up='op.drop_table("t2")', undo=table("t2"))
    done = anywhere.step("check", "--json")
    (step,) = [one for one in done.json["steps"] if one["name"] == "rehearsal"]
    assert (step["outcome"], "lost" in step["detail"] or "t2" in step["detail"]) == ("failed", True)


def test_the_report_is_the_page_of_the_last_check(change: Job) -> None:
    change.step("check")
    page = change.temp / "summary"
    done = change.step("report", "--body", str(change.temp / "body.md"), "--json")
    assert (done.code, done.json["passed"]) == (0, True), done
    text = page.read_text()
    assert "## Database changes: passed" in text
    assert "CREATE TABLE t2" in text
    assert "+ table t2" in text
    assert (change.temp / "body.md").read_text() == f"<!-- dbctl ci report -->\n{text[:-1]}"


def test_another_revision_is_another_page(change: Job) -> None:
    change.step("check")
    change.project.revision("r2", "r1", up=table("t2"), undo="pass")
    assert change.step("report", "--json").json["passed"] is False


def test_data_of_a_revision_is_no_markup(change: Job) -> None:
    message = "a | b <img src=x> `c` ```"
    change.project.revision("r2", "r1", up=table("t2"), undo=UNDO, message=message)
    change.step("check")
    text = change.step("report", "--json").json["markdown"]
    assert "<img" not in text
    assert text.count("```") % 2 == 0


def test_a_long_page_is_cut_to_what_fits() -> None:
    from dbctl.ci.page import LONGEST, cut

    text = "<details>\n```sql\n" + "SELECT 1;\n" * LONGEST
    found = cut(text)
    assert len(found) < LONGEST + 200
    assert (found.count("```"), found.count("</details>")) == (2, 1)


def test_no_file_is_left_by_a_check(change: Job, tmp_path: Path) -> None:
    before = {path for path in tmp_path.rglob("*") if ".git" not in path.parts}
    change.step("check")
    after = {path for path in tmp_path.rglob("*") if ".git" not in path.parts}
    new = {path.name for path in after - before if "__pycache__" not in path.parts}
    assert new <= {".dbctl", ".gitignore", "ci-report.json", "test.db"}, new

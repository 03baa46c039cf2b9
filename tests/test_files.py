"""Files are written whole or not at all, and what cannot be written hides no violation."""

import errno
import os
from pathlib import Path

import pytest
from support.runs import TESTS, main, pytest_on

from conformance import bug_report, files
from conformance.deviations import editing
from conformance.files import Unwritten, write_whole
from conformance.plugin import discard_broken

BROKEN = ("--implementation", "mutants.failing:segfaults", "--implementation-path", TESTS)
LARGE = ("--clause", "queue.large", "--start-method", "fork")


@pytest.fixture
def full_disk(monkeypatch):
    """Leaves no space on any disk, as systems do that find out only when data reaches it."""

    def refuse(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(files.os, "fsync", refuse)


def test_write_whole_replaces_what_was_there_and_makes_directories(tmp_path):
    path = tmp_path / "new" / "file.txt"
    for text in ("one", "zwei ü"):
        write_whole(path, text)
        assert path.read_text(encoding="utf-8") == text
    assert list(path.parent.iterdir()) == [path]


def test_write_whole_writes_through_a_link(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "file")
    write_whole(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "text"


def test_write_whole_keeps_what_was_there_if_the_disk_is_full(tmp_path, full_disk):
    path = tmp_path / "file.txt"
    path.write_text("before")
    with pytest.raises(Unwritten, match=r"file\.txt could not be written: No space left on device\.$"):
        write_whole(path, "after")
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_write_whole_says_what_is_in_the_way(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unwritten, match=r"below could not be written: (Not a directory|File exists)\.$"):
        write_whole(tmp_path / "file" / "below", "text")


def test_a_violation_is_told_though_its_files_cannot_be_written(tmp_path, capsys, full_disk, monkeypatch):
    monkeypatch.setattr(bug_report, "RUNS_FOR", 0.0)
    places = ("--reproducer-dir", tmp_path / "kept", "--output", tmp_path / "report")
    status, out, err = main(capsys, "run", *BROKEN, *LARGE, *places, "-n", "0", "--shrink", "0.1")
    assert status == 1
    assert "queue.large is violated by mutants.failing:segfaults" in out
    (missing,) = [line for line in out.splitlines() if line.startswith("Missing:  ")]
    assert str(tmp_path / "kept") in missing
    assert "could not be written: No space left on device." in missing
    assert "Replay: " not in out
    assert err == f"mpconform: {tmp_path}/report/report.json could not be written: No space left on device.\n"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_report_that_cannot_be_written_is_a_failure_if_there_is_no_other(tmp_path, capsys, full_disk):
    chosen = ("--clause", "lock.made", "--start-method", "fork", "--profile", "sample", "-n", "0")
    status, out, err = main(capsys, "run", *chosen, "--output", tmp_path)
    assert status == 2
    assert "1 holds" in out
    assert err == f"mpconform: {tmp_path}/report.json could not be written: No space left on device.\n"


def test_edits_that_cannot_be_written_are_told(tmp_path, capsys, full_disk, monkeypatch):
    file = tmp_path / "known.toml"
    file.write_text("")
    written = {file: ("", "new\n"), tmp_path / "other.toml": ("", "new\n")}
    monkeypatch.setattr("conformance.commands.deviations.observed", lambda *_: [])
    monkeypatch.setattr(
        "conformance.commands.deviations.edits", lambda *_: [editing.Write(f, "new\n") for f in written]
    )
    options = ("--clause", "lock.made", "--start-method", "fork", "--deviations", file, "-n", "0")
    status, out, err = main(capsys, "deviations", "update", "--write", *options)
    assert status == 1
    assert out.count("+new") == 2
    assert err == "".join(f"mpconform: {f} could not be written: No space left on device.\n" for f in written)
    assert file.read_text() == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(("broken", "status", "said"), [(BROKEN, 1, "queue.large is violated by"), ((), 3, "1 passed")])
def test_verdicts_are_told_though_junitxml_cannot_be_written(broken, status, said):
    options = (*broken, *LARGE, "--shrink", "0", "--profile", "sample", "--junitxml", "/dev/full")
    ended, out = pytest_on(*options, specs=("specs/queues/queues.py",))
    assert ended == status
    assert said in out
    assert "ERROR: /dev/full could not be written: No space left on device.\n" in out
    assert "Traceback" not in out
    assert Path("/dev/full").exists()


@pytest.mark.parametrize(("text", "left"), [("<testsuites><testsuite", False), ("<testsuites></testsuites>", True)])
def test_only_whole_reports_in_xml_stay(tmp_path, text, left):
    path = tmp_path / "report.xml"
    path.write_text(text)
    discard_broken(path)
    assert path.exists() is left

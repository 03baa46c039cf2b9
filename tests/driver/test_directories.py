"""The private directories of stages and scripts: only a warden that runs already may leave one to be removed."""

import sys

import pytest

from conformance.driver.stage import StageProcess
from conformance.forensics import process
from conformance.reproduction.measure import measure
from conformance.subjects.subject import Subject, probe

HERE = probe(sys.executable)
STARTS = {
    "a stage": lambda: StageProcess(Subject(HERE, "fork")).close(),
    "a script": lambda: measure("raise SystemExit(1)", HERE, "fork", 1, 1.0),
}


@pytest.fixture
def temporary(tmp_path_factory, monkeypatch):
    """The directory for temporary files, with a short path."""
    path = tmp_path_factory.mktemp("t")
    monkeypatch.setattr("tempfile.tempdir", str(path))
    monkeypatch.setattr("conformance.driver.stage.LONGEST_BASE", len(str(path)))
    return path


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_no_directory_is_there_before_its_warden(start, temporary, monkeypatch):
    """The driver may be interrupted, or killed, before the warden has started."""

    def interrupted(*arguments, **options):
        assert list(temporary.iterdir()) == []
        raise KeyboardInterrupt

    monkeypatch.setattr(process, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        start()
    assert list(temporary.iterdir()) == []


@pytest.mark.parametrize("start", STARTS.values(), ids=STARTS)
def test_a_directory_is_private_and_its_warden_removes_it(start, temporary, monkeypatch):
    seen, release = [], process.Supervised.release

    def released(supervised):
        seen.append(supervised.directory.stat().st_mode & 0o777)
        release(supervised)

    monkeypatch.setattr(process.Supervised, "release", released)
    start()
    assert seen == [0o700]
    assert list(temporary.iterdir()) == []


def test_a_script_is_run_from_its_own_directory():
    found = measure("import os, sys\nprint(os.listdir(os.environ['TMPDIR']))\nsys.exit(1)", HERE, "fork", 2, 5.0)
    assert (found.shown, found.runs) == (2, 2)
    assert "['reproducer.py']" in found.output

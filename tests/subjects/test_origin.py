"""What is checked is what the user has named: where a package comes from, its release, and a digest of its files."""

import json
import multiprocessing
import shutil
import sys
from pathlib import Path

import pytest
from support.runs import TESTS, main, refused

from conformance.checking.witness import Witness
from conformance.deviations import witness_file
from conformance.reporting import results
from conformance.reproduction.reproducer import checked
from conformance.subjects.adapters import choose
from conformance.subjects.subject import Subject, Unusable, probe

LOCK = ("--clause", "lock.release.unlocked", "--start-method", "fork", "-n", "0", "--shrink", "0")


@pytest.fixture
def copy(tmp_path):
    """A directory that has a copy of multiprocessing in it."""
    directory = tmp_path / "copies"
    shutil.copytree(Path(multiprocessing.__file__).parent, directory / "multiprocessing")
    probe.cache_clear()
    return directory


def on(directory, name=None):
    """This interpreter with an implementation from a directory."""
    probe.cache_clear()
    return probe(sys.executable, choose(name, None), (str(directory),))


def test_run_refuses_a_path_that_does_not_hold_the_package(capsys, tmp_path, copy):
    """The interpreter would check its own, and find nothing wrong with it."""
    said = "imports multiprocessing, but not from "
    refused(
        main(capsys, "run", "--implementation-path", tmp_path, *LOCK), said, Path(multiprocessing.__file__).parent.name
    )
    deeper = copy / "multiprocessing"
    refused(
        main(capsys, "smoke", "--implementation-path", deeper), said, f"that has multiprocessing in it, here {copy}"
    )
    refused(main(capsys, "run", "--implementation-path", tmp_path / "typo", *LOCK), "/typo", "does not exist")


def test_run_refuses_a_package_with_a_part_elsewhere(copy):
    """A package that looks for its submodules in the interpreter's own as well is half of that."""
    package = copy / "multiprocessing"
    extended = f"__path__.append({str(Path(multiprocessing.__file__).parent)!r})\n"
    (package / "__init__.py").write_text(extended + (package / "__init__.py").read_text())
    (package / "queues.py").unlink()
    with pytest.raises(Unusable, match=r"imports multiprocessing\.\w+, but not from "):
        on(copy)


def test_run_refuses_a_part_that_is_imported_from_elsewhere(copy):
    package, real = copy / "multiprocessing", Path(multiprocessing.__file__).parent / "queues.py"
    (package / "__init__.py").write_text(
        (package / "__init__.py").read_text()
        + "\nimport importlib.util as finding\n"
        + f"spec = finding.spec_from_file_location('multiprocessing.queues', {str(real)!r})\n"
        + "sys.modules[spec.name] = queues = finding.module_from_spec(spec)\n"
    )
    with pytest.raises(Unusable, match=r"imports multiprocessing\.queues, but not from .*: it is in .*queues\.py"):
        on(copy)


def test_origin_ignores_a_name_for_a_module_of_another_package(tmp_path):
    """An overlay may hand on what it does not change."""
    source = "import multiprocessing.connection, sys\nfrom multiprocessing import *\n"
    source += "sys.modules['overlay.connection'] = multiprocessing.connection\n"
    (tmp_path / "overlay").mkdir()
    (tmp_path / "overlay/__init__.py").write_text(source)
    assert on(tmp_path, "overlay").place == str(tmp_path / "overlay")


def test_origin_of_a_link_is_where_it_is_and_where_it_leads(copy, tmp_path):
    (tmp_path / "links").mkdir()
    (tmp_path / "links/multiprocessing").symlink_to(copy / "multiprocessing")
    assert on(tmp_path / "links").place == str(tmp_path / "links/multiprocessing")


def test_replay_refuses_a_directory_that_has_moved(capsys, copy, tmp_path):
    """NOT REPRODUCED would be said of the interpreter's own."""
    file = tmp_path / "witness.json"
    witness = Witness("context.errors.base")
    written = witness_file.document(witness, Subject(on(copy), "fork"), "1", 1, 1)
    file.write_text(json.dumps(written))
    assert main(capsys, "replay", file, "--times", "1")[0] == 0
    copy.rename(tmp_path / "moved")
    probe.cache_clear()
    refused(main(capsys, "replay", file, "--times", "1"), f"The directory {copy}", "does not exist")
    copy.mkdir()
    refused(main(capsys, "replay", file, "--times", "1"), "imports multiprocessing, but not from ")


def test_run_says_what_it_checks(capsys, copy, tmp_path):
    options = ("--implementation-path", copy, "--output", tmp_path / "out", *LOCK)
    status, out, _ = main(capsys, "run", *options)
    version = ".".join(map(str, sys.version_info[:3]))
    head = f"Checking multiprocessing {version} in {copy}/multiprocessing, imported by {sys.executable} ("
    assert (status, out.startswith(head)) == (0, True), out
    report = json.loads((tmp_path / "out/report.json").read_text())
    (subject,) = report["subjects"]
    digest = f"sha256:{on(copy).digest}"
    assert subject["package"] == {"name": "multiprocessing", "release": version, "digest": digest}
    assert str(tmp_path) not in json.dumps(results.trimmed(report))


def test_digest_is_that_of_the_files(copy):
    before = on(copy).digest
    assert len(before) == 64
    (copy / "multiprocessing/__pycache__").mkdir(exist_ok=True)
    (copy / "multiprocessing/__pycache__/queues.pyc").write_bytes(b"compiled")
    assert on(copy).digest == before
    (copy / "multiprocessing/queues.py").write_text((copy / "multiprocessing/queues.py").read_text() + "\n")
    assert on(copy).digest != before


@pytest.mark.parametrize(
    ("files", "release"),
    [
        ({"top_level.txt": "overlay\n"}, "1.2"),
        ({"RECORD": "overlay/__init__.py,,\n"}, "1.2"),
        ({"RECORD": "o.py,,\n"}, "0.9"),
    ],
)
def test_release_is_that_of_the_distribution(tmp_path, files, release):
    """Or what the package says of itself; a generated script has it."""
    (tmp_path / "overlay").mkdir()
    (tmp_path / "overlay/__init__.py").write_text("from multiprocessing import *\n__version__ = '0.9'\n")
    installed = tmp_path / "over_lay-1.2.dist-info"
    installed.mkdir()
    for name, text in {"METADATA": "Name: over-lay\nVersion: 1.2\n", **files}.items():
        (installed / name).write_text(text)
    found = on(tmp_path, "overlay")
    assert (found.release, found.packaged) == (release, f"overlay {release}")
    assert checked(found).startswith(f"overlay {release} on ")


def test_script_for_a_mutant_names_its_module():
    found = on(TESTS, "mutants.queues.queues:capacity_plus_one")
    assert found.packaged in checked(found)
    assert "(mutants.queues.queues.capacity_plus_one) on " in checked(found)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("raised OSError(2, 'no', '/tmp/somewhere/x.py')", "raised OSError(2, 'no', 'somewhere/x.py')"),
        ("No such file: /home/me/.cache/y", "No such file: y"),
        ("see https://docs.python.org/3/library", "see https://docs.python.org/3/library"),
        ("returned 1/2/3, a/b and '/psm_1'", "returned 1/2/3, a/b and '/psm_1'"),
    ],
)
def test_kept_reports_name_no_directory(text, left):
    assert results.kept({"observed": text}) == {"observed": left}


def test_kept_scripts_name_no_directory():
    command = "Usage: PYTHONPATH='/a b'/c:/d python reproducer.py [fork]"
    assert results.anywhere(command) == "Usage: python reproducer.py [fork]"

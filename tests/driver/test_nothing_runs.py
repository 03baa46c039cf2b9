"""What cannot run, or broke off, passes no clause: it is unknown, and blamed on nobody else."""

from pathlib import Path

from support.runs import command, finished
from support.subjects import implementation_options, subject

from conformance import Blob, catalogue
from conformance.checking.findings import KINDS, Findings, Violation
from conformance.checking.witness import Witness
from conformance.driver import streams
from conformance.driver.campaign import Campaign, Profile
from conformance.driver.stage import StageExited
from conformance.stage.actor import perform
from conformance.subjects import payload

STREAMS_ONLY = Profile("streams only", scripts=0, pinned=0, streams=1, scenarios=0)


def campaign(implementation="multiprocessing"):
    """A campaign of queues by fork."""
    return Campaign(catalogue.entry("queue"), subject(implementation), STREAMS_ONLY, 0)


def test_clause_is_unknown_if_its_objects_cannot_be_created():
    options = (*implementation_options("mutants.failing:cannot_be_made"), "--shrink", "0")
    options += ("--start-method", "fork", "--profile", "sample", "-n", "0")
    status, out, err = finished(command("run", *options, "--clause", "queue.put.full"))
    assert (status, err) == (1, "")
    assert "queue.put.full on mutants.failing:cannot_be_made" in out
    assert "not known, because queue.made does not hold: raised builtins.OSError('no queue for you')" in out


def test_stream_whose_constructor_fails_does_not_blame_inheritance():
    assert set(campaign("mutants.failing:cannot_be_made").run({"queue.faithful"}).violated) == {"queue.made"}


def test_stream_whose_stage_is_killed_proves_nothing(monkeypatch):
    def killed(*_):
        raise StageExited("the stage was killed by SIGKILL")

    monkeypatch.setattr(streams, "run_stream", killed)
    findings = campaign().run({"queue.faithful"})
    assert not findings.violated
    assert not findings.exercised["queue.faithful"]
    assert "killed by SIGKILL" in findings.unknown["queue.inherited"].reason


def test_findings_keep_a_new_violation_beside_many_known_ones():
    findings = Findings(expected={"queue.put.full": ["known"]})
    for number in range(KINDS + 1):
        findings.add(Violation(Witness("queue.put.full"), "", f"known {number}"))
    findings.add(Violation(Witness("queue.put.full"), "", "brand new"))
    assert "brand new" in [violation.observed for violation in findings.violated["queue.put.full"]]


class Link:
    """Keeps what an actor sends."""

    def __init__(self):
        self.sent = []

    def send(self, message):
        self.sent.append(message)


def test_perform_builds_blobs_given_by_position_or_name():
    given, large = [], Blob(1000, 7)
    calls = {"put": lambda queue, *args, **kwargs: given.append((args, kwargs))}
    perform(Link(), calls, [None], 0, 0, [(0, "put", (large,), {}), (1, "put", (), {"obj": large})])
    (by_position, _), (_, by_name) = given
    assert by_position[0] == by_name["obj"] == b"00000007" * 125


def test_payload_plants_what_an_earlier_stage_compiled(tmp_path):
    old, new, known = tmp_path / "old", tmp_path / "new", {}
    kept = Path("conformance/stage/__pycache__/wire.cpython-313.pyc")
    (old / kept).parent.mkdir(parents=True)
    (old / kept).write_bytes(b"code")
    payload.gather(old, known)
    payload.gather(tmp_path / "gone", known)
    source = (new / kept).parent.parent / "wire.py"
    source.parent.mkdir(parents=True)
    payload.plant(new, known)
    assert not (new / kept).exists()  # who does not have the source needs no code
    source.touch()
    payload.plant(new, known)
    assert (new / kept).read_bytes() == b"code"


def test_stage_leaves_its_compiled_files_to_the_next_one():
    """The second stage of an interpreter finds all that the first one left."""
    first = campaign()
    first.run({"queue.faithful"})
    known = payload.compiled(first.subject.interpreter.executable, "")
    assert any(path.parts[0] == "specs" and "explained" in path.name for path in known)
    assert any(path.name.startswith("actor.") for path in known)

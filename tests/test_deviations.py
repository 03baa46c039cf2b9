"""Deviations: what breaks their file, whom they concern, and the verdicts that they change."""

from dataclasses import replace

import pytest

from conformance import catalogue
from conformance.checking.verdict import Findings, Unknown, Violation
from conformance.driver.subject import Interpreter, Subject
from conformance.outcomes import Observed
from conformance.reporting.deviations import BrokenDeviations, Deviation, expected, load
from conformance.reporting.record import UNEXPECTED, VERDICTS, judge
from conformance.script import Call

CLAUSE = replace(catalogue.clauses()["queue.put.full"], since=(3, 9), until=(3, 15))
NAME = CLAUSE.name
REAL = Interpreter("/usr/bin/python3.12", "multiprocessing", (3, 12, 1), "CPython", ("fork", "spawn"))
SUBJECT = Subject(REAL, "fork")
KNOWN = Deviation(NAME, "returned False", "for a reason", "gh-1")
RARE = replace(KNOWN, shows="rarely")

ENTRY = '[[deviation]]\nclause = "queue.put.full"\nobserved = "False"\nreason = "r"\nissue = "gh-1"\n'


def loaded(tmp_path, text):
    """The deviations of a file with this text."""
    path = tmp_path / "deviations.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path, catalogue.clauses())


def test_a_file_is_read(tmp_path):
    more = 'since = "3.10"\nuntil = "3.13.2"\nname = "PyPy"\nstart_methods = ["spawn"]\nshows = "rarely"\n'
    plain, narrow = loaded(tmp_path, ENTRY + ENTRY + more)
    assert plain == Deviation("queue.put.full", "False", "r", "gh-1")
    narrowed = replace(plain, since="3.10", until="3.13.2", name="PyPy", start_methods=("spawn",), shows="rarely")
    assert narrow == narrowed


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "deviation = []\n"])
def test_a_file_may_be_empty(tmp_path, text):
    assert loaded(tmp_path, text) == ()


def test_the_specs_own_file_can_be_used():
    load(catalogue.specs_directory() / "deviations.toml", catalogue.clauses())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[deviation", "cannot be read"),
        (b"\xff", "cannot be read"),
        ("deviation = 1", "something else than a list of [[deviation]] tables"),
        ("[deviation]\nclause = 'queue.put.full'", "something else than a list of [[deviation]] tables"),
        (ENTRY.replace("deviation", "deviations"), "something else than a list of [[deviation]] tables"),
        ("deviation = [1]", "Deviation 1 of"),
        (ENTRY + "[[deviation]]\n", "Deviation 2 of"),
        (ENTRY.replace("reason", "raison"), "needs clause, observed, reason, issue"),
        (ENTRY + "colour = 'blue'", "knows no keys but"),
        (ENTRY.replace("put", "putt"), "names the clause 'queue.putt.full', which does not exist"),
        (ENTRY.replace('"queue.put.full"', '["queue.put.full"]'), "wrong type: clause = ['queue.put.full']"),
        (ENTRY.replace('"False"', "false"), "wrong type: observed = False"),
        (ENTRY + "since = 3.9", "wrong type: since = 3.9"),
        (ENTRY + "until = 'tomorrow'", "has a version that is none"),
        (ENTRY + "since = ''", "has a version that is none"),
        (ENTRY + "shows = true", "wrong type: shows = True"),
        (ENTRY + "shows = 'seldom'", "shows 'seldom', which is none of always, sometimes, rarely"),
        (ENTRY + "start_methods = 'fork'", "wrong type: start_methods = 'fork'"),
        (ENTRY + "start_methods = [1]", "wrong type: start_methods = [1]"),
        (ENTRY + "implementation = ['billiard']", "wrong type: implementation = ['billiard']"),
    ],
)
def test_a_broken_file_is_refused_in_a_sentence(tmp_path, text, said):
    with pytest.raises(BrokenDeviations) as broken:
        loaded(tmp_path, text)
    message = str(broken.value)
    assert said in message
    assert str(tmp_path / "deviations.toml") in message
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_opened_is_refused(tmp_path, name):
    with pytest.raises(BrokenDeviations, match="cannot be read"):
        load(tmp_path / name, catalogue.clauses())


@pytest.mark.parametrize(
    ("known", "concerned"),
    [
        (KNOWN, True),
        (replace(KNOWN, implementation="multiprocessing"), True),
        (replace(KNOWN, implementation="billiard"), False),
        (replace(KNOWN, name="CPython"), True),
        (replace(KNOWN, name="PyPy"), False),
        (replace(KNOWN, since="3.12"), True),
        (replace(KNOWN, since="3.12.1"), True),
        (replace(KNOWN, since="3.12.2"), False),
        (replace(KNOWN, since="3.8", until="3.13"), True),
        (replace(KNOWN, until="3.12.2"), True),
        (replace(KNOWN, until="3.12.1"), False),
        (replace(KNOWN, until="3.12"), False),
        (replace(KNOWN, since="3.9", until="3.10"), False),
        (replace(KNOWN, start_methods=("fork", "spawn")), True),
        (replace(KNOWN, start_methods=("spawn",)), False),
    ],
)
def test_a_deviation_concerns_the_subjects_that_it_names(known, concerned):
    assert known.concerns(SUBJECT) is concerned
    assert expected([known], NAME, SUBJECT) == [known] * concerned
    assert expected([known], "queue.put.closed", SUBJECT) == []


def findings(exercised=0, observed="", times=1, unknown=""):
    """What runs have shown of the clause."""
    found = Findings()
    found.exercised[NAME] = exercised
    call = Call(1, 0, "put", ("a",), {}, 10).finished(10, 20, Observed("returned", "False"))
    for _ in range(times if observed else 0):
        found.add(Violation(NAME, "a promise", observed, history=(call,)))
    if unknown:
        found.add(Unknown(NAME, unknown, "its stacks"))
    return found


SEEN = findings(exercised=5, observed="put() returned False", times=3)
OTHER = findings(exercised=5, observed="put() raised OSError()")
HELD = findings(exercised=5)
UNSURE = findings(exercised=5, unknown="it does not return")
BOTH = findings(observed="put() returned False", unknown="it does not return")
NOTHING = findings()


@pytest.mark.parametrize(
    ("shown", "known", "verdict"),
    [
        (HELD, [], "permitted"),
        (NOTHING, [], "unproven"),
        (SEEN, [], "violated"),
        (UNSURE, [], "unknown"),
        (BOTH, [], "violated"),
        (SEEN, [KNOWN], "deviation"),
        (SEEN, [RARE], "deviation"),
        (SEEN, [replace(KNOWN, observed="OSError"), KNOWN], "unexpected pass"),
        (OTHER, [KNOWN], "violated"),
        (OTHER, [RARE], "violated"),
        (HELD, [KNOWN], "unexpected pass"),
        (HELD, [KNOWN, RARE], "unexpected pass"),
        (HELD, [RARE], "deviation"),
        (NOTHING, [RARE], "deviation"),
        (NOTHING, [KNOWN], "unproven"),
        (UNSURE, [KNOWN], "unknown"),
        (UNSURE, [RARE], "unknown"),
    ],
)
def test_verdicts(shown, known, verdict):
    record = judge(CLAUSE, SUBJECT, shown, known)
    assert (record.clause, record.subject, record.verdict) == (NAME, str(SUBJECT), verdict)
    assert (record.exercised, record.times) == (shown.exercised[NAME], shown.times[NAME])
    assert bool(record.message) == (verdict != "permitted")


@pytest.mark.parametrize("version", [(3, 8, 18), (3, 15, 0)])
@pytest.mark.parametrize("known", [[], [KNOWN]])
def test_what_is_not_promised_is_not_applicable(version, known):
    subject = Subject(replace(REAL, version=version), "fork")
    assert judge(CLAUSE, subject, SEEN, known).verdict == "not applicable"


def test_the_seven_verdicts_are_all_there_are():
    assert len(VERDICTS) == 7
    assert UNEXPECTED == ("violated", "unexpected pass", "unknown")


def test_messages_explain_their_verdicts():
    assert judge(CLAUSE, SUBJECT, SEEN, [KNOWN]).message == "gh-1: for a reason"
    assert "rare, and not seen" in judge(CLAUSE, SUBJECT, HELD, [RARE]).message
    assert "did not show in 5 tries" in judge(CLAUSE, SUBJECT, HELD, [KNOWN]).message
    unknown = judge(CLAUSE, SUBJECT, UNSURE, []).message
    assert "not known, because it does not return" in unknown
    assert "its stacks" in unknown


def test_details_go_with_violations_only():
    assert judge(CLAUSE, SUBJECT, SEEN, []).details["observed"] == "put() returned False"
    assert judge(CLAUSE, SUBJECT, SEEN, [KNOWN]).details["history"][0]["call"] == "put('a')"
    assert judge(CLAUSE, SUBJECT, HELD, [KNOWN]).details == {}

"""Deviations: what breaks their file, whom they concern, and the verdicts that they change."""

import json
import math
import re
import sys
from dataclasses import replace

import pytest

from conformance import catalogue
from conformance.checking.findings import Findings, Unknown, Violation
from conformance.checking.record import UNEXPECTED, VERDICTS
from conformance.checking.script import Call
from conformance.checking.witness import Witness
from conformance.deviations import BrokenDeviations, Deviation, Rate, expected, load, load_all, own
from conformance.deviations.entry import DOUBT
from conformance.deviations.soundness import complaint
from conformance.judging import judge
from conformance.subjects import adapters
from conformance.subjects.subject import Interpreter, Subject
from conformance.vocabulary import frozen
from conformance.vocabulary.outcomes import Observed

CLAUSE = frozen.replace(catalogue.clauses()["queue.put.full"], since=(3, 9), until=(3, 15))
NAME = CLAUSE.name
REAL = Interpreter("/usr/bin/python3.12", "multiprocessing", (3, 12, 1), "CPython", ("fork", "spawn"))
SUBJECT = Subject(REAL, "fork")
KNOWN = Deviation("puts-too-much", NAME, "returned False", "for a reason", "gh-1")
RARE = replace(KNOWN, rate=Rate(3, 200), witness=Witness(NAME), name="puts-too-much-at-times")

ENTRY = (
    '[[deviation]]\nname = "tells-lies"\nclause = "queue.put.full"\nobserved = "False"\nreason = "r"\nissue = "gh-1"\n'
)
ANOTHER = ENTRY.replace("tells-lies", "tells-more-lies")


def loaded(tmp_path, text):
    """The deviations of a file with this text."""
    path = tmp_path / "deviations.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load(path, catalogue.clauses())


def test_load_reads_every_key_of_an_entry(tmp_path):
    more = 'since = "3.10"\nuntil = "3.13.2"\ninterpreters = ["PyPy"]\nstart_methods = ["spawn"]\n'
    releases = 'since_release = "4.2"\nuntil_release = "5"\nplatforms = ["linux"]\n'
    plain, narrow = loaded(tmp_path, ENTRY + ANOTHER + more + releases)
    assert plain == Deviation("tells-lies", "queue.put.full", "False", "r", "gh-1")
    narrowed = replace(
        plain, name="tells-more-lies", since="3.10", until="3.13.2", interpreters=("PyPy",), start_methods=("spawn",)
    )
    assert narrow == replace(narrowed, since_release="4.2", until_release="5", platforms=("linux",))
    assert narrow.file == tmp_path / "deviations.toml"
    assert narrow.place == f"deviation tells-more-lies of {narrow.file} (queue.put.full)"


def test_load_applies_the_subjects_of_a_file_to_its_entries(tmp_path):
    family = '[subjects]\nimplementations = ["billiard"]\nuntil = "3.13"\n'
    usual, other = loaded(tmp_path, family + ENTRY + ANOTHER + 'until = "3.10"\n')
    assert (usual.implementations, usual.until) == (("billiard",), "3.13")
    assert (other.implementations, other.until) == (("billiard",), "3.10")


def test_load_reads_a_directory_file_by_file(tmp_path):
    (tmp_path / "one.toml").write_text(ENTRY.replace("lies", "tales"))
    (tmp_path / "two.toml").write_text(ENTRY + ANOTHER)
    (tmp_path / "notes.txt").write_text("no deviations")
    places = [(d.file.name, d.name) for d in load(tmp_path, catalogue.clauses())]
    assert places == [("one.toml", "tells-tales"), ("two.toml", "tells-lies"), ("two.toml", "tells-more-lies")]


def test_load_all_refuses_two_entries_of_one_name(tmp_path):
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text(ENTRY)
    two.write_text(ENTRY.replace("queue.put.full", "queue.put.stores"))
    said = f"have the name tells-lies, in {one} (queue.put.full) and in {two} (queue.put.stores)"
    for places in ([tmp_path], [one, two]):
        with pytest.raises(BrokenDeviations) as broken:
            load_all(places, catalogue.clauses())
        assert str(broken.value) == f"Two deviations {said}: each needs one of its own."
    refused(tmp_path, ENTRY + ENTRY, "Two deviations have the name tells-lies")


def test_load_all_reads_a_place_that_is_given_twice_once(tmp_path):
    (tmp_path / "one.toml").write_text(ENTRY)
    assert len(load_all([tmp_path, tmp_path, tmp_path / "one.toml"], catalogue.clauses())) == 1


def test_load_refuses_a_directory_without_deviations(tmp_path):
    with pytest.raises(BrokenDeviations, match=r"holds no deviations"):
        load(tmp_path, catalogue.clauses())


WITNESS = {"format": 1, "clause": "queue.put.full", "make": {"maxsize": "1"}, "rounds": [{"0": ["put(1)"]}]}


def test_load_reads_the_witness_file_beside_an_entry(tmp_path):
    (tmp_path / "full.json").write_text(json.dumps(WITNESS))
    (known,) = loaded(tmp_path, ENTRY + 'witness = "full.json"\nrate = "3 in 200"\n')
    assert known.witness.script.make == {"maxsize": 1}
    assert known.rate == Rate(3, 200)


SCENARIO = (
    '[[deviation]]\nname = "refuses-late"\nclause = "semaphore.negative"\n'
    'observed = "OSError"\nreason = "r"\nissue = "gh-1"\n'
)


def test_load_makes_the_arguments_of_a_scenario_its_witness(tmp_path):
    given, without = loaded(tmp_path, SCENARIO + 'arguments = { value = "-2" }\n' + SCENARIO.replace("late", "never"))
    assert given.witness.arguments == {"value": -2}
    assert without.witness is None


def test_load_makes_a_scenario_without_arguments_its_own_witness(tmp_path):
    (known,) = loaded(tmp_path, SCENARIO.replace("semaphore.negative", "proxy.nested.own-key"))
    assert known.witness.clause == "proxy.nested.own-key"


@pytest.mark.parametrize(
    ("text", "witness", "said"),
    [
        (ENTRY + "witness = 'none.json'", WITNESS, "cannot be read"),
        (ENTRY + "witness = 'w.json'", "{", "cannot be read"),
        (ENTRY + "witness = 'w.json'", {**WITNESS, "clause": "queue.putt"}, "does not exist"),
        (ENTRY + "witness = 'w.json'", {**WITNESS, "clause": "queue.put.stores"}, "is one of queue.put.stores"),
        (ENTRY + "witness = 'w.json'", {**WITNESS, "rounds": [{"0": ["push(1)"]}]}, "no operation 'push'"),
        (ENTRY + "rate = '3 in 200'", WITNESS, "has a rate, and no witness"),
        (SCENARIO + "arguments = { size = '1' }", WITNESS, "needs the arguments value"),
        (SCENARIO + "arguments = { value = 1 }", WITNESS, "wrong type: arguments"),
        (SCENARIO + "arguments = { value = '-1' }\nwitness = 'w.json'", WITNESS, "one of them is enough"),
    ],
)
def test_load_refuses_a_broken_witness_in_a_sentence(tmp_path, text, witness, said):
    (tmp_path / "w.json").write_text(witness if isinstance(witness, str) else json.dumps(witness))
    refused(tmp_path, text, said)


def test_own_deviations_have_names_that_say_more_than_their_clauses():
    for deviation in load(own(), catalogue.clauses()):
        assert "-" in deviation.name, deviation.place
        assert deviation.name != re.sub(r"[._]", "-", deviation.clause), deviation.place


def test_own_deviations_have_witnesses_and_known_implementations():
    for deviation in load(own(), catalogue.clauses()):
        assert deviation.witness is not None, deviation.place
        assert not complaint(deviation, catalogue.clauses(), adapters.known()), deviation.place


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("since = '3.10'\nuntil = '3.10'", "no version of Python is from 3.10 on and before 3.10"),
        ("until = '3.8'", "no version of Python is from 3.8 on and before 3.8"),
        ("since = '3.51'", "no version of Python is from 3.51 on and before 999"),
        ("since_release = '2'\nuntil_release = '1.5'", "no release is from 2 on and before 1.5"),
        ("interpreters = ['Cython']", "there is no interpreter 'Cython'"),
        ("start_methods = ['fork', 'spwan']", "there is no start method 'spwan'"),
        ("platforms = ['linux2']", "there is no platform 'linux2'"),
    ],
)
def test_load_refuses_an_entry_that_no_subject_can_match(tmp_path, more, said):
    refused(tmp_path, ENTRY + more, f"(queue.put.full) concerns nobody: {said}")


def test_load_refuses_an_entry_whose_versions_do_not_promise_its_clause(tmp_path):
    text = ENTRY.replace("queue.put.full", "lock.locked.tells") + "until = '3.14'\n"
    refused(tmp_path, text, "no version from 3.8 on and before 3.14 promises the clause")


def test_complaint_reports_an_unknown_implementation():
    said = complaint(replace(KNOWN, implementations=("billard",)), catalogue.clauses(), ("billiard",))
    assert said == "there is no implementation 'billard' (billiard)"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (('"r"', '"?"'), "is a proposal: fill in its reason"),
        (('"gh-1"', '"?"'), "is a proposal: fill in its issue"),
        (('"False"', '""'), "is a proposal: fill in its observed"),
        (('"tells-lies"', '"?"'), "Deviation 1 of"),
        (('"tells-lies"', '"?"'), "is a proposal: fill in its name"),
        (('"gh-1"', '"unreported"'), "is unreported: it needs the name of its reproducer"),
    ],
)
def test_load_refuses_an_entry_with_question_marks_left(tmp_path, change, said):
    refused(tmp_path, ENTRY.replace(*change), said)


@pytest.mark.parametrize("rate", [Rate(1, 1), Rate(1, 200), Rate(3, 200), Rate(77, 100), Rate(50, 50)])
def test_rate_needs_just_enough_replays_to_leave_no_doubt(rate):
    """All hits among the first tries, by chance: a hypergeometric probability, below 0.1 % and hardly so."""

    def chance(more):
        return math.comb(rate.tries, rate.hits) / math.comb(rate.tries + more, rate.hits)

    assert chance(rate.needed) <= DOUBT
    assert (rate.tries / (rate.tries + rate.needed - 1)) ** rate.hits > DOUBT


def refused(tmp_path, text, said):
    """Fails unless the text of a file is refused, with one sentence."""
    with pytest.raises(BrokenDeviations) as broken:
        loaded(tmp_path, text)
    message = str(broken.value)
    assert said in message
    assert str(tmp_path / "deviations.toml") in message
    assert message.endswith(".")
    assert "\n" not in message


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "deviation = []\n"])
def test_load_accepts_an_empty_file(tmp_path, text):
    assert loaded(tmp_path, text) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[[deviation", "cannot be read"),
        (b"\xff", "cannot be read"),
        ("deviation = 1", "something else than [subjects] and a list of [[deviation]] tables"),
        ("[deviation]\nclause = 'queue.put.full'", "something else than [subjects] and a list of [[deviation]] tables"),
        (ENTRY.replace("deviation", "deviations"), "something else than [subjects] and a list of [[deviation]] tables"),
        ("deviation = [1]", "Deviation 1 of"),
        (ENTRY + "[[deviation]]\n", "Deviation 2 of"),
        (ENTRY.replace("name", "nom"), "needs name, clause, observed, reason, issue"),
        (ENTRY.replace('"tells-lies"', "1"), "wrong type: name = 1"),
        *(
            (
                ENTRY.replace("tells-lies", name),
                f"has the name '{name}', which is not lower-case words joined by hyphens",
            )
            for name in (
                "Tells-lies",
                "tells_lies",
                "tells--lies",
                "-lies",
                "lies-",
                "tells lies",
                "lies-gh-12",
                "lügt",
            )
        ),
        (ENTRY.replace("reason", "raison"), "Deviation tells-lies of"),
        (ENTRY + "colour = 'blue'", "knows no keys but"),
        (ENTRY.replace("put", "putt"), "names the clause 'queue.putt.full', which does not exist"),
        (ENTRY.replace('"queue.put.full"', '["queue.put.full"]'), "wrong type: clause = ['queue.put.full']"),
        (ENTRY.replace('"False"', "false"), "wrong type: observed = False"),
        (ENTRY + "since = 3.9", "wrong type: since = 3.9"),
        (ENTRY + "until = 'tomorrow'", "has a version that is none"),
        (ENTRY + "since = ''", "has a version that is none"),
        (ENTRY + "rate = 0.5", "wrong type: rate = 0.5"),
        (ENTRY + "rate = '0 in 5'", "has the rate '0 in 5', which is none such as '3 in 200'"),
        ("[subjects]\nclause = 'queue.put.full'", "The table [subjects] of"),
        ("[subjects]\nsince = 3", "wrong type: since = 3"),
        ("subjects = 3", "something else than [subjects]"),
        (ENTRY + "start_methods = 'fork'", "wrong type: start_methods = 'fork'"),
        (ENTRY + "start_methods = [1]", "wrong type: start_methods = [1]"),
        (ENTRY + "implementations = 'billiard'", "wrong type: implementations = 'billiard'"),
    ],
)
def test_load_refuses_a_broken_file_in_a_sentence(tmp_path, text, said):
    refused(tmp_path, text, said)


def test_load_refuses_a_file_that_cannot_be_opened(tmp_path):
    with pytest.raises(BrokenDeviations, match="cannot be read"):
        load(tmp_path / "missing.toml", catalogue.clauses())


@pytest.mark.parametrize(
    ("known", "concerned"),
    [
        (KNOWN, True),
        (replace(KNOWN, implementations=("billiard", "multiprocessing")), True),
        (replace(KNOWN, implementations=("billiard",)), False),
        (replace(KNOWN, interpreters=("CPython",)), True),
        (replace(KNOWN, interpreters=("PyPy",)), False),
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
        (replace(KNOWN, platforms=(sys.platform,)), True),
        (replace(KNOWN, platforms=("plan9",)), False),
        (replace(KNOWN, since_release="2"), True),
    ],
)
def test_deviation_concerns_the_subjects_that_it_names(known, concerned):
    assert known.concerns(SUBJECT) is concerned
    assert expected([known], NAME, SUBJECT) == [known] * concerned
    assert expected([known], "queue.put.closed", SUBJECT) == []


@pytest.mark.parametrize(
    ("since", "until", "concerned"),
    [
        ("", "", True),
        ("4.2", "", True),
        ("4.2.1", "", True),
        ("4.2.2", "", False),
        ("4", "4.2", False),
        ("", "5", True),
    ],
)
@pytest.mark.parametrize("release", ["4.2.1", "4.2.1rc1", "4.2.1+cpu"])
def test_deviation_concerns_releases_of_the_implementation(release, since, until, concerned):
    subject = Subject(replace(REAL, release=release), "fork")
    assert replace(KNOWN, since_release=since, until_release=until).concerns(subject) is concerned


def findings(exercised=0, observed="", times=1, unknown="", replays=0):
    """What runs have shown of the clause."""
    found = Findings()
    found.exercised[NAME] = exercised
    call = Call(1, 0, "put", ("a",), {}, 10).finished(10, 20, Observed("returned", "False"))
    for _ in range(times if observed else 0):
        found.add(Violation(Witness(NAME), "a promise", observed, history=(call,)))
    found.replays[NAME, KNOWN.observed] = replays
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
        (HELD, [], "holds"),
        (NOTHING, [], "unproven"),
        (SEEN, [], "violated"),
        (UNSURE, [], "unknown"),
        (BOTH, [], "violated"),
        (SEEN, [KNOWN], "deviation"),
        (SEEN, [RARE], "deviation"),
        (SEEN, [replace(KNOWN, observed="OSError", name="is-new"), KNOWN], "unexpected pass"),
        (OTHER, [KNOWN], "violated"),
        (OTHER, [RARE], "violated"),
        (HELD, [KNOWN], "unexpected pass"),
        (HELD, [KNOWN, RARE], "unexpected pass"),
        (HELD, [RARE], "deviation"),
        (NOTHING, [RARE], "deviation"),
        (findings(exercised=5, replays=RARE.tries - 1), [RARE], "deviation"),
        (findings(exercised=5, replays=RARE.tries), [RARE], "unexpected pass"),
        (findings(replays=RARE.tries), [RARE], "unexpected pass"),
        (NOTHING, [KNOWN], "unproven"),
        (UNSURE, [KNOWN], "unknown"),
        (UNSURE, [RARE], "unknown"),
    ],
)
def test_judge_reaches_the_verdict_of_findings_and_known_deviations(shown, known, verdict):
    record = judge(CLAUSE, SUBJECT, shown, known)
    assert (record.clause, record.subject, record.verdict) == (NAME, str(SUBJECT), verdict)
    assert (record.exercised, record.times) == (shown.exercised[NAME], shown.times[NAME])
    assert bool(record.message) == (verdict != "holds")


@pytest.mark.parametrize("version", [(3, 8, 18), (3, 15, 0)])
@pytest.mark.parametrize("known", [[], [KNOWN]])
def test_judge_calls_what_is_not_promised_not_applicable(version, known):
    subject = Subject(replace(REAL, version=version), "fork")
    assert judge(CLAUSE, subject, SEEN, known).verdict == "not applicable"


def test_verdicts_are_seven_and_three_are_unexpected():
    assert len(VERDICTS) == 7
    assert UNEXPECTED == ("violated", "unexpected pass", "unknown")


def test_judge_explains_its_verdict_in_the_message():
    assert judge(CLAUSE, SUBJECT, SEEN, [KNOWN]).message == "gh-1: for a reason"
    seldom = judge(CLAUSE, SUBJECT, findings(exercised=5, replays=12), [RARE]).message
    assert "not seen in 12 replays of its witness" in seldom
    assert f"({RARE.tries} prove that it is gone, with 99.9 % confidence: its rate is 3 in 200)" in seldom
    gone = judge(CLAUSE, SUBJECT, findings(exercised=5, replays=RARE.tries), [RARE]).message
    assert f"did not show in {RARE.tries} replays of its witness" in gone
    assert f"delete deviation {RARE.name} of" in gone
    assert "nor in any of the 5 times" in gone
    assert "did not show in any of the 5 times" in judge(CLAUSE, SUBJECT, HELD, [KNOWN]).message
    unknown = judge(CLAUSE, SUBJECT, UNSURE, []).message
    assert "not known, because it does not return" in unknown
    assert "its stacks" in unknown


def test_judge_records_of_each_deviation_whether_it_was_seen():
    other = replace(KNOWN, observed="OSError", name="is-new")
    assert judge(CLAUSE, SUBJECT, SEEN, [KNOWN, other]).deviations == {KNOWN.place: "seen", other.place: "gone"}
    assert judge(CLAUSE, SUBJECT, HELD, [RARE]).deviations == {RARE.place: "unsure"}


def test_judge_gives_details_of_violations_only():
    assert judge(CLAUSE, SUBJECT, SEEN, []).details["observed"] == "put() returned False"
    assert judge(CLAUSE, SUBJECT, SEEN, [KNOWN]).details["history"][0]["call"] == "put('a')"
    assert judge(CLAUSE, SUBJECT, HELD, [KNOWN]).details == {}

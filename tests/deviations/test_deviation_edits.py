"""What a run says of the entries becomes edits of their text, and only what was seen."""

import json
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from conformance import catalogue
from conformance.checking.record import Record
from conformance.commands import deviations as deviations_command
from conformance.deviations import BrokenDeviations, Rate, load
from conformance.deviations.editing import Add, Change, Remove, difference, edited
from conformance.subjects.subject import Interpreter, Subject

CLAUSE = "queue.put.full"
WITNESS = {"format": 1, "clause": CLAUSE, "make": {"maxsize": "1"}, "rounds": [{"0": ["put(1)", "put(2, False)"]}]}

FILE = """# What is known of liars.

[subjects]
implementations = ["liar"]

# The first one.
[[deviation]]
name = "puts-after-close"
clause = "queue.put.closed"
observed = "returned None"
reason = "it is not in the mood"  # really
issue = "gh-1"

# The second one,
# in two lines.
[[deviation]]
name = "overfills"
clause = "queue.put.full"
observed = "returned None"
reason = "it never is"
issue = "gh-2"
"""


def subject(version="3.13.1", start_method="fork", name="CPython", implementation="liar"):
    numbers = tuple(map(int, version.split(".")))
    return Subject(
        Interpreter(sys.executable, implementation, numbers, name, ("fork", "spawn", "forkserver")), start_method
    )


def subjects(*versions, **others):
    """By all start methods."""
    return [subject(version, method, **others) for version in versions for method in ("fork", "spawn", "forkserver")]


@pytest.fixture
def family(tmp_path):
    """A directory with one file of deviations."""
    (tmp_path / "liar.toml").write_text(FILE)
    return tmp_path


def proposed(path, shown, monkeypatch=None, verdict="violated", observed="put(2, False) returned None", change=""):
    """The texts after the edits that a run asks for; ``shown`` tells for each subject a status or a verdict."""
    file = path / "liar.toml"
    file.write_text(file.read_text().replace('issue = "gh-2"\n', f'{change}issue = "gh-2"\n'))
    known = load(path, catalogue.clauses())
    details = {"observed": observed, "witness": WITNESS}
    records = []
    for on, status in shown:
        place = next((d.place for d in known if d.clause == CLAUSE and d.concerns(on)), None)
        if status in ("seen", "gone"):
            assert place, "the entry does not concern the subject"
            kind = {"seen": "deviation", "gone": "unexpected pass"}[status]
            records.append(Record(CLAUSE, str(on), kind, deviations={place: status}))
        else:
            records.append(Record(CLAUSE, str(on), status, 1, details=details if status == "violated" else {}))
    edits = deviations_command.edits(known, records, [on for on, _ in shown], path)
    return edited(edits)


def all_of(status, *among):
    return [(on, status) for on in among]


def lines(texts, mark):
    """The lines that a diff adds or takes away."""
    return [
        line[1:] for line in difference(texts).splitlines() if line.startswith(mark) and not line.startswith(mark * 3)
    ]


def test_edits_leave_an_entry_that_is_seen_everywhere(family):
    assert proposed(family, all_of("seen", *subjects("3.8.1", "3.13.1"))) == {}


def test_edits_remove_an_entry_that_is_gone_with_its_comment(family):
    texts = proposed(family, all_of("gone", *subjects("3.8.1", "3.13.1"), *subjects("3.11.9", name="PyPy")))
    assert lines(texts, "+") == []
    assert lines(texts, "-")[:3] == ["", "# The second one,", "# in two lines."]
    assert texts[family / "liar.toml"][1] == FILE[: FILE.index("\n# The second")]


def test_edits_end_an_entry_at_the_first_version_without_it(family):
    texts = proposed(
        family, [*all_of("seen", *subjects("3.8.1", "3.12.4")), *all_of("gone", *subjects("3.13.1", "3.14.0"))]
    )
    assert (lines(texts, "-"), lines(texts, "+")) == ([], ['until = "3.13"'])


def test_edits_end_an_entry_at_a_micro_version(family):
    texts = proposed(family, [*all_of("seen", *subjects("3.12.3")), *all_of("gone", *subjects("3.12.4"))])
    assert lines(texts, "+") == ['until = "3.12.4"']


def test_edits_begin_an_entry_after_versions_without_it(family):
    texts = proposed(
        family, [*all_of("gone", *subjects("3.8.1")), *all_of("seen", *subjects("3.13.1"))], change='since = "3.8"\n'
    )
    assert (lines(texts, "-"), lines(texts, "+")) == (['since = "3.8"'], ['since = "3.13"'])


def test_edits_only_end_an_entry_if_older_versions_were_not_run(family):
    assert lines(proposed(family, all_of("gone", *subjects("3.13.1"))), "+") == ['until = "3.13"']


def test_edits_narrow_an_entry_to_start_methods_that_show_it(family):
    shown = [*all_of("gone", *(subject(v, "spawn") for v in ("3.8.1", "3.13.1")))]
    shown += all_of("seen", *(subject(v, m) for v in ("3.8.1", "3.13.1") for m in ("fork", "forkserver")))
    assert lines(proposed(family, shown), "+") == ['start_methods = ["fork", "forkserver"]']


def test_edits_narrow_an_entry_to_interpreters_that_show_it(family):
    shown = [*all_of("seen", *subjects("3.11.9")), *all_of("gone", *subjects("3.11.9", name="PyPy"))]
    assert lines(proposed(family, shown), "+") == ['interpreters = ["CPython"]']


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (all_of("gone", subject("3.8.1", "fork")), "run it by spawn and forkserver, too"),
        ([(subject("3.8.1", "fork"), "gone"), (subject("3.9.1", "fork"), "unknown")], "not sure on"),
        ([(subject("3.8.1"), "seen"), (subject("3.9.1"), "gone"), (subject("3.10.1"), "seen")], "and not on"),
    ],
)
def test_edits_report_and_leave_what_a_run_cannot_decide(family, capsys, shown, said):
    assert proposed(family, shown) == {}
    assert said in capsys.readouterr().err


def test_edits_conclude_nothing_from_not_applicable(family):
    assert proposed(family, all_of("not applicable", *subjects("3.8.1"))) == {}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ('until = "3.12"\n', ['until = "3.14"']),
        ('since = "3.14"\n', ['since = "3.13"']),
        ('start_methods = ["spawn"]\n', ['start_methods = ["fork", "spawn"]']),
    ],
)
def test_edits_widen_an_entry_that_is_seen_elsewhere(family, change, expected):
    assert lines(proposed(family, all_of("violated", subject("3.13.1", "fork")), change=change), "+") == expected


def test_edits_add_an_implementation_that_shows_just_the_same(family):
    texts = proposed(family, all_of("violated", *subjects("3.13.1", implementation="other.liar")))
    assert lines(texts, "+") == ['implementations = ["liar", "other.liar"]']


@pytest.fixture
def unmeasured(monkeypatch):
    """No replays: how often something shows is given."""

    def rates(rate):
        monkeypatch.setattr(deviations_command, "measured", lambda new: rate)

    return rates


def test_edits_propose_a_new_entry_with_question_marks(family, unmeasured):
    unmeasured(Rate(3, 40))
    shown = [*all_of("holds", *subjects("3.8.1", "3.9.1")), *all_of("violated", *subjects("3.12.1", "3.13.1"))]
    texts = proposed(family, shown, observed="put(2, False) raised OSError(1)")
    witness = family / "witnesses" / "queue.put.full.json"
    assert json.loads(texts[witness][1]) == WITNESS
    entry = texts[family / "liar.toml"][1].removeprefix(FILE)
    assert entry.splitlines() == [
        "",
        "[[deviation]]",
        'name = "?"',
        'clause = "queue.put.full"',
        'observed = "put(2, False) raised OSError(1)"',
        'since = "3.12"',
        'reason = "?"',
        'issue = "?"',
        'rate = "3 in 40"',
        'witness = "witnesses/queue.put.full.json"',
    ]


def test_edits_create_a_file_for_an_implementation_without_one(family, unmeasured):
    unmeasured(None)
    shown = all_of("violated", *subjects("3.13.1", implementation="other.liar"))
    texts = proposed(family, shown, observed="it did something else")
    assert '[subjects]\nimplementations = ["other.liar"]\n\n[[deviation]]' in texts[family / "other.liar.toml"][1]
    assert "--- /dev/null\n" in difference(texts)


def test_edits_propose_an_entry_that_loads_once_it_is_filled_in(family, unmeasured):
    unmeasured(None)
    for file, (_, text) in proposed(
        family, all_of("violated", subject()), observed="put() raised 'this' \"\\n\""
    ).items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text.replace('name = "?"', 'name = "raises-this"').replace('"?"', '"gh-3"'))
    new = load(family, catalogue.clauses())[-1]
    assert (new.clause, new.observed, new.name) == (CLAUSE, "put() raised 'this' \"\\n\"", "raises-this")
    assert new.witness.script.make == {"maxsize": 1}
    assert replace(new, file=Path()).concerns(subject())


def test_edits_of_one_file_do_not_disturb_each_other(family):
    known = load(family, catalogue.clauses())
    gone = subjects("3.8.1", "3.13.1") + subjects("3.11.9", name="PyPy")
    records = [Record(d.clause, str(s), "unexpected pass", deviations={d.place: "gone"}) for d in known for s in gone]
    ((_, after),) = edited(deviations_command.edits(known, records, gone, family)).values()
    assert after == FILE[: FILE.index("\n# The first")]


LAYOUT = """# What is known of liars.

# The first one.
[[deviation]]  # an old one
name = "puts-after-close"
clause = "queue.put.closed"
observed = "returned None"
reason = '''
# it is not in the mood'''
issue = "gh-1"

# A remark on the rest.

# The second one.
[[deviation]]  # a new one
name = "overfills"
clause = "queue.put.full"
observed = "returned None"
start_methods = [
    "fork",  # the usual one
    # slower:
    "spawn",
]
# what it is for
reason = "it never is"  # really
issue = "gh-2"
# About the third one.
[[deviation]]
name = "loses-things"
clause = "queue.put.stores"
observed = "queue.Empty"
reason = "it is careless"
issue = "gh-3"
[deviation.arguments]

# The end.
"""
FILE_OF_LAYOUT = Path("liar.toml")


@pytest.fixture
def diff(tmp_path):
    """The lines that edits take away from a file with this layout, and those that they add."""

    def differ(*edits, text=LAYOUT):
        (tmp_path / FILE_OF_LAYOUT).write_text(text)
        texts = edited(replace(edit, file=tmp_path / FILE_OF_LAYOUT) for edit in edits)
        tomllib.loads(texts[tmp_path / FILE_OF_LAYOUT][1])
        return lines(texts, "-"), lines(texts, "+")

    return differ


@pytest.mark.parametrize(
    ("key", "value", "less", "more"),
    [
        ("start_methods", ("spawn",), ['    "fork",  # the usual one'], []),
        ("start_methods", ("fork",), ['    "spawn",'], []),
        ("start_methods", ("fork", "forkserver", "spawn"), [], ['    "forkserver",']),
        ("since", "3.9", [], ['since = "3.9"']),
        ("implementations", ("liar",), [], ['implementations = ["liar"]']),
        ("reason", "who knows", ['reason = "it never is"  # really'], ['reason = "who knows"  # really']),
    ],
)
def test_change_touches_only_the_lines_of_its_key(diff, key, value, less, more):
    assert diff(Change(FILE_OF_LAYOUT, "overfills", key, value)) == (less, more)


def test_change_removes_a_list_with_all_of_its_lines(diff):
    start = LAYOUT.index("start_methods")
    gone = LAYOUT[start : LAYOUT.index("# what it is for")].splitlines()
    assert diff(Change(FILE_OF_LAYOUT, "overfills", "start_methods", ())) == (gone, [])


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("puts-after-close", "# The first one.", 'issue = "gh-1"'),
        ("overfills", "# The second one.", 'issue = "gh-2"'),
        ("loses-things", "# About the third one.", "[deviation.arguments]"),
    ],
)
def test_remove_takes_the_comment_of_its_entry_and_no_other(diff, name, first, last):
    less, more = diff(Remove(FILE_OF_LAYOUT, name))
    assert more == []
    gone = [line for line in less if line]
    assert (gone[0], gone[-1]) == (first, last)
    assert len(less) - len(gone) <= 1, "blank lines"


def test_remove_tolerates_a_change_of_the_same_entry(diff):
    less, more = diff(Remove(FILE_OF_LAYOUT, "overfills"), Change(FILE_OF_LAYOUT, "overfills", "since", "3.9"))
    assert ('name = "overfills"' in less, more) == (True, [])


def test_remove_can_take_all_entries(diff):
    names = ("puts-after-close", "overfills", "loses-things")
    less, more = diff(*(Remove(FILE_OF_LAYOUT, name) for name in names))
    left = [line for line in LAYOUT.splitlines() if line and line not in less]
    assert (left, more) == (["# What is known of liars.", "# A remark on the rest.", "# The end."], [])


def test_add_leaves_the_other_entries_as_they_are(diff):
    entry = {
        "name": "new-one",
        "observed": 'say "no"',
        "arguments": {"one": "'é'", "two": "1"},
        "platforms": ("linux",),
    }
    less, more = diff(Add(FILE_OF_LAYOUT, entry))
    assert less == []
    assert more == [
        "",
        "[[deviation]]",
        'name = "new-one"',
        "observed = 'say \"no\"'",
        """arguments = { one = "'é'", two = "1" }""",
        'platforms = ["linux"]',
    ]


@pytest.mark.parametrize("text", ["deviation = []\n", "[[deviation]]\n[subjects]\n[[deviation]]\n"])
def test_edits_refuse_a_file_whose_layout_would_move(diff, text):
    with pytest.raises(BrokenDeviations, match="cannot be edited"):
        diff(Add(FILE_OF_LAYOUT, {"name": "new-one"}), text=text)

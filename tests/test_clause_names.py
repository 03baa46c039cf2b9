"""Names of clauses never get lost: whoever asks for one that was published is told what became of it."""

import pytest
from support.runs import TESTS, main, refused

from conformance import catalogue
from conformance.checking.witness import BrokenWitness, Witness
from conformance.deviations.files import BrokenDeviations, parse
from conformance.renaming import Former, read_former

CLAUSES, FORMER = catalogue.clauses(), catalogue.former()
PUBLISHED = TESTS / "published_clauses.txt"  # a name a line, sorted; names are added and never removed
WITHDRAWN = "event.is_set.old-name"


def published():
    return PUBLISHED.read_text(encoding="utf-8").split()


def test_a_published_name_is_that_of_a_clause_or_former_and_explained():
    lost = sorted(set(published()) - set(CLAUSES) - set(FORMER))
    assert lost == [], f"specs/renamed.toml must say what became of {', '.join(lost)}"


def test_every_name_is_published():
    new = sorted({*CLAUSES, *FORMER} - set(published()))
    assert new == [], f"add to {PUBLISHED.name}: {', '.join(new)}"
    assert published() == sorted(set(published()))


def test_a_former_name_is_not_used_again_and_leads_to_clauses_or_to_a_reason():
    assert set(FORMER) & set(CLAUSES) == set()
    assert {name for each in FORMER.values() for name in each.names} <= set(CLAUSES)
    assert [each.name for each in FORMER.values() if bool(each.names) == bool(each.reason)] == []
    assert [each.name for each in FORMER.values() if each.reason.endswith(".")] == []


@pytest.mark.parametrize(
    ("entry", "fate"),
    [
        ('name = "a.b"\nnames = ["a.c"]', "is now called 'a.c'"),
        ('name = "a.b"\nnames = ["a.c", "a.d"]', "is now called 'a.c' and 'a.d'"),
        ('name = "a.b"\nreason = "it rained"', "was withdrawn: it rained"),
    ],
)
def test_an_entry_says_what_became_of_a_clause(tmp_path, entry, fate):
    path = tmp_path / "renamed.toml"
    path.write_text(f"[[clause]]\n{entry}\n")
    found = read_former(path)
    assert list(found) == ["a.b"]
    assert found["a.b"].fate == fate


@pytest.mark.parametrize(
    "arguments",
    [("explain", WITHDRAWN), ("run", "--clause", WITHDRAWN), ("list", WITHDRAWN), ("list", "*.is_set.old*")],
)
def test_who_asks_for_a_former_name_is_told_what_became_of_it(capsys, arguments):
    refused(main(capsys, *arguments), f"The clause '{WITHDRAWN}' was withdrawn: {FORMER[WITHDRAWN].reason}.")


def test_who_asks_for_a_renamed_clause_is_told_the_new_name(capsys, monkeypatch):
    monkeypatch.setitem(FORMER, "queue.old", Former("queue.old", ("queue.made",)))
    refused(main(capsys, "explain", "queue.old"), "The clause 'queue.old' is now called 'queue.made'.")


def test_a_witness_or_an_entry_of_a_former_clause_is_refused_with_what_became_of_it(tmp_path):
    with pytest.raises(BrokenWitness, match="which was withdrawn: the manual"):
        Witness.from_json({"format": 1, "clause": WITHDRAWN, "arguments": {}})
    entry = "[[deviation]]\n" + "\n".join(f'{key} = "x"' for key in ("name", "observed", "reason", "issue"))
    with pytest.raises(BrokenDeviations, match="which was withdrawn: the manual"):
        parse(tmp_path / "own.toml", f'{entry}\nclause = "{WITHDRAWN}"\n', CLAUSES)


def test_a_clause_that_there_never_was_does_not_exist():
    assert catalogue.fate("queue.nope") == "does not exist"

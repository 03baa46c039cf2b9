"""Coverage of the manual: editions, fingerprints, reasons, and what changes between two of them."""

import json
import zlib

import pytest
from support.runs import command, finished

from conformance import catalogue
from conformance.documentation import coverage, edition, sphinx
from conformance.documentation.edition import BrokenDocumentation, Edition, Topic

INVENTORY = b"# Sphinx inventory version 2\n# Project: Python\n# Version: %s\n# The remainder is zlib.\n"
PAGE = """<section id="module-multiprocessing"><p>A package.</p>
<section id="reference"><p>All of it.</p>
<dl class="py class"><dt id="multiprocessing.Queue">Queue<a class="headerlink" href="#">¶</a></dt><dd><p>{queue}</p>
  <dl class="py method"><dt id="multiprocessing.Queue.put">put()</dt><dd><p>{put}</p></dd></dl>
</dd></dl></section></section>"""
OBJECTS = """multiprocessing py:module 0 library/multiprocessing.html#module-$ -
multiprocessing.Queue py:class 1 library/multiprocessing.html#$ -
multiprocessing.Queue.put py:method 1 library/multiprocessing.html#$ -
queue.Full py:exception 1 library/queue.html#$ -
reference std:label -1 library/multiprocessing.html#reference The reference
"""


def built(path, version="3.99", queue="A queue.", put="Puts."):
    """Documentation as Sphinx leaves it, in a few words."""
    (path / "library").mkdir(parents=True)
    (path / "objects.inv").write_bytes(INVENTORY % version.encode() + zlib.compress(OBJECTS.encode()))
    (path / "library" / "multiprocessing.html").write_text(PAGE.format(queue=queue, put=put))
    (path / "library" / "multiprocessing.shared_memory.html").write_text("<section id='shared'>Shared.</section>")
    return path


def test_read_edition_finds_objects_and_sections(tmp_path):
    found = sphinx.read_edition(built(tmp_path), ["queue.Full", "multiprocessing.Queue"])
    assert found.version == "3.99"
    assert set(found.topics) == {
        "multiprocessing",
        "multiprocessing.Queue",
        "multiprocessing.Queue.put",
        "library/multiprocessing#reference",
        "library/multiprocessing.shared_memory#shared",
    }
    assert found.uri("multiprocessing") == "library/multiprocessing.html#module-multiprocessing"
    assert found.uri("library/multiprocessing#reference") == "library/multiprocessing.html#reference"
    assert found.elsewhere == {"queue.Full": "library/queue.html#queue.Full"}
    assert found.uri("queue.Empty") is None


@pytest.mark.parametrize(
    ("words", "changed"),
    [
        ({"queue": "Another queue."}, {"multiprocessing.Queue"}),
        ({"put": "Puts twice."}, {"multiprocessing.Queue.put"}),
        ({"put": " Puts.\n"}, set()),
    ],
)
def test_fingerprint_covers_the_words_of_its_own_entry(tmp_path, words, changed):
    old, new = sphinx.read_edition(built(tmp_path / "old")), sphinx.read_edition(built(tmp_path / "new", **words))
    assert {change.topic for change in coverage.changes(old, new)} == changed


def test_edition_is_the_same_after_save_and_load(tmp_path):
    found = sphinx.read_edition(built(tmp_path), ["queue.Full"])
    found.save(tmp_path / "3.99.json")
    assert edition.load(tmp_path / "3.99.json") == found


def test_changes_name_the_clauses_to_read_again():
    old = Edition("3.14", {"a": Topic("a", "1"), "multiprocessing.Queue.put": Topic("b", "1")}, {})
    new = Edition("3.15", {"c": Topic("c", "1"), "multiprocessing.Queue.put": Topic("b", "2")}, {})
    told = {change.topic: change for change in coverage.changes(old, new)}
    assert {name: change.how for name, change in told.items()} == {
        "a": "gone",
        "c": "new",
        "multiprocessing.Queue.put": "changed",
    }
    assert "queue.put.full" in told["multiprocessing.Queue.put"].clauses
    assert told["c"].clauses == ()


def test_coverage_counts_clauses_that_the_version_promises():
    (old,) = coverage.coverage(Edition("3.13", {"multiprocessing.Lock.locked": Topic("", "")}, {}))
    (new,) = coverage.coverage(Edition("3.14", {"multiprocessing.Lock.locked": Topic("", "")}, {}))
    assert not old
    assert new.clauses == ("lock.locked.tells",)


@pytest.mark.parametrize("kept", edition.kept(), ids=lambda kept: kept.version)
def test_coverage_has_a_clause_or_a_reason_for_every_topic(kept):
    assert [found.topic for found in coverage.coverage(kept) if not found] == []


def test_clauses_name_what_some_edition_documents():
    unknown = {c.documents for c in catalogue.clauses().values() if not any(e.uri(c.documents) for e in edition.kept())}
    assert unknown == set()


def test_editions_are_those_of_three_versions():
    assert [kept.version for kept in edition.kept()] == ["3.13", "3.14", "3.15"]
    assert len([name for name in edition.kept()[-1].topics if "#" not in name]) == 162


def test_coverage_command_succeeds_for_the_kept_editions():
    status, out, err = finished(command("coverage"))
    assert (status, err) == (0, "")
    assert [line.partition(":")[0] for line in out.splitlines()] == ["3.13", "3.14", "3.15"]


def test_coverage_command_fails_for_an_uncovered_topic(tmp_path):
    directory = built(tmp_path)
    extended = OBJECTS + "multiprocessing.Oracle py:class 1 library/multiprocessing.html#multiprocessing.Queue -\n"
    (directory / "objects.inv").write_bytes(INVENTORY % b"3.99" + zlib.compress(extended.encode()))
    status, out, err = finished(command("coverage", "--documentation", directory))
    assert (status, err) == (1, "")
    assert "multiprocessing.Oracle" in out
    assert "neither a clause nor a reason" in out
    assert " between 3.15 and 3.99." in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--documentation", "nowhere"], "nowhere does not hold documentation"),
        (["--changes", "3.13", "2.7"], "No edition 2.7 is kept; expected one of 3.13, 3.14, 3.15."),
        (["--record"], "--record needs --documentation DIR."),
    ],
)
def test_coverage_command_refuses_bad_input_in_a_sentence(arguments, said):
    status, out, err = finished(command("coverage", *arguments))
    assert (status, out) == (2, "")
    assert said in err
    assert len(err.splitlines()) == 1


def test_reasons_are_refused_if_needless_or_of_no_kind(tmp_path, monkeypatch):
    monkeypatch.setattr(edition, "directory", lambda: tmp_path)
    monkeypatch.setattr(edition, "kept", lambda: (Edition("3.15", {"multiprocessing.Queue.put": Topic("", "")}, {}),))
    entry = "[[uncovered]]\ntopic = {}\nkind = {}\nreason = 'because'\n"
    for topic, kind in (("multiprocessing.Nothing", "untestable"), ("multiprocessing.Queue.put", "bored")):
        (tmp_path / "uncovered.toml").write_text(entry.format(json.dumps(topic), json.dumps(kind)))
        with pytest.raises(BrokenDocumentation, match=topic):
            coverage.reasons()
    (tmp_path / "uncovered.toml").write_text(entry.format('"multiprocessing.Queue.put"', '"untestable"'))
    with pytest.raises(BrokenDocumentation, match="has clauses"):
        coverage.coverage(edition.kept()[0])

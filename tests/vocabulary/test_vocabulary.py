"""The vocabulary: what the subject's interpreter runs, and how it names what it saw."""

import ast
import inspect
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import conformance
from conformance import Blob, catalogue
from conformance.subjects import payload
from conformance.vocabulary.docstrings import entries
from conformance.vocabulary.outcomes import (
    Observed,
    blocks,
    expires,
    raised,
    raises,
    returned,
    returns,
    returns_a,
    unspecified,
)
from conformance.vocabulary.values import MANY, SHOWN, build, text

HERE = catalogue.HERE
SHIPPED = sorted(
    [
        *(HERE / path for path in payload.shipped()),
        *catalogue.specs_directory().rglob("*.py"),
    ]
)
each_shipped = pytest.mark.parametrize("path", SHIPPED, ids=[f"{path.parent.name}/{path.name}" for path in SHIPPED])
MODULES = list(catalogue.import_specs())


def python(*arguments):
    """What a fresh interpreter says."""
    return subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True).stdout.strip()


@each_shipped
def test_subject_side_parses_as_python_3_8(path):
    ast.parse(path.read_text(encoding="utf-8"), feature_version=(3, 8))


def imported(tree):
    """The dotted names that a module imports, at any depth of its code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@each_shipped
def test_subject_side_imports_only_the_standard_library_and_itself(path):
    ours = {f"conformance.{Path(name).stem}" for name in payload.SHIPPED}
    words = {f"conformance.{name}" for name in __import__("conformance").__all__}
    for name in imported(ast.parse(path.read_text(encoding="utf-8"))):
        root, within = name.partition(".")[0], ".".join(name.split(".")[:2])
        if root == "specs":
            assert "specs" in path.parts, name  # a spec may build on another
            continue
        assert within in ours | words or root in sys.stdlib_module_names - {"multiprocessing"}, name


def test_payload_needs_no_package(tmp_path):
    payload.vocabulary(tmp_path / "code", "")
    payload.specs(tmp_path / "code", catalogue.import_specs())
    modules = ["conformance.stage.stage", *catalogue.import_specs()]
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'code')!r}); import {', '.join(modules)}"
    found = python("-I", "-S", "-c", code + "; print(sorted({m.partition('.')[0] for m in sys.modules}))")
    assert not {"multiprocessing", "hypothesis", "pytest"} & set(ast.literal_eval(found))
    shipped = [path for path in SHIPPED if path.stem != "conftest"]
    assert sorted(path.name for path in shipped) == sorted(path.name for path in (tmp_path / "code").rglob("*.py"))


IMPORT_EACH = """
import importlib, sys
sys.path.insert(0, {code!r})
for name in {modules}:
    for other in [each for each in sys.modules if each.partition('.')[0] == 'specs']:
        del sys.modules[other]
    importlib.import_module(name)
    print([each for each in sys.modules if each.partition('.')[0] == 'specs'])
"""


def test_payload_has_what_each_spec_imports(tmp_path):
    payload.vocabulary(tmp_path / "code", "")
    payload.specs(tmp_path / "code", catalogue.import_specs())
    printed = python("-I", "-S", "-c", IMPORT_EACH.format(code=str(tmp_path / "code"), modules=MODULES))
    for name, found in zip(MODULES, printed.splitlines(), strict=True):
        assert set(ast.literal_eval(found)) == payload.needed(frozenset([name])), name


def test_actor_imports_nothing_slow(tmp_path):
    payload.vocabulary(tmp_path / "code", "")
    payload.specs(tmp_path / "code", catalogue.import_specs())
    modules = {"conformance.stage.actor", *(entry.module for entry in catalogue.entries() if entry.spec.operations)}
    code = f"import sys; sys.path.insert(0, {str(tmp_path / 'code')!r}); import {', '.join(sorted(modules))}"
    found = set(ast.literal_eval(python("-I", "-S", "-c", code + "; print(sorted(sys.modules))")))
    assert modules <= found
    assert not {"typing", "dataclasses", "inspect", "difflib", "textwrap", "concurrent.futures", "logging"} & found


def test_driver_imports_no_multiprocessing():
    modules = "conformance.commands.cli, conformance.commands.run, conformance.plugin"
    code = f"import sys; sys.path.insert(0, {str(HERE.parent)!r}); import {modules}"
    assert python("-c", code + "; print('multiprocessing' in sys.modules)") == "False"


class Nameless:
    def __repr__(self):
        raise RuntimeError("no name")


SIMILAR = [True, 1, 1.0, "1", b"1", bytearray(b"1"), (1,), [1], (True,), None, "None", False, 0, -0.0, "", b"", ()]
LARGE = [bytes(SHOWN + 1), bytes(SHOWN + 2), bytearray(SHOWN + 1), bytes(SHOWN) + b"1", "a" * 500, "a" * 499 + "b"]


def test_text_distinguishes_values():
    values = SIMILAR + LARGE + [Blob(300, 1), Blob(300, 2), Blob(301, 1), Blob(30, 1)]
    assert len({text(value) for value in values}) == len(values)


def test_text_of_equal_values_is_equal():
    assert text(bytes(1000)) == text(bytes(1000))
    assert text((1, [b"x" * 1000, {"k": 2}])) == text((1, [b"x" * 1000, {"k": 2}]))


@pytest.mark.parametrize("kind", [list, tuple])
def test_text_of_very_many_items_is_short(kind):
    """A broken get() that returns a million of them must have a verdict within seconds, too."""
    items = [bytes(1 << 20)] * 10**6
    found = text(kind(items))
    assert "crc" in found
    assert "... 999900 more (crc " in found
    assert len(found) < 10_000
    assert found != text(kind(items[1:]))
    assert "more" not in text(kind(items[:MANY]))
    numbers = list(range(2000))
    swapped = [*numbers[:1000], 1001, 1000, *numbers[1002:]]
    assert text(kind(numbers)) != text(kind(swapped))


def test_text_of_a_blob_is_that_of_its_bytes():
    for blob in (Blob(0, 3), Blob(20, 3), Blob(100_000, 3)):
        assert len(build(blob)) == blob.size
        assert text(blob) == text(build(blob))
        assert text((1, blob)) == text((1, build(blob)))
    assert build([1]) == [1]


def test_text_is_short_and_ascii():
    for value in LARGE:
        assert len(text(value)) < SHOWN + 100
    assert text("\u00e9\ud800\n").isascii()


def test_text_survives_a_broken_repr():
    assert text(Nameless()) == "<Nameless with a broken repr: RuntimeError>"
    assert text([1, Nameless()]) == "[1, <Nameless with a broken repr: RuntimeError>]"


class Late(TimeoutError):
    pass


Late.__module__ = "billiard.exceptions"


@pytest.mark.parametrize(
    ("outcome", "admitted", "refused"),
    [
        (returns(True), returned(True), returned(1)),
        (returns(None), returned(None), raised(ValueError())),
        (returns_a(int), returned(3), returned(True)),
        (returns_a(bool), returned(True), returned(1)),
        (raises(OSError), raised(FileNotFoundError(2, "no")), raised(ValueError())),
        (raises(ValueError, "a", 1), raised(ValueError("a", 1)), raised(ValueError("a"))),
        (raises("Late"), raised(Late()), raised(TimeoutError())),
        (raises(TimeoutError), raised(Late()), returned(None)),
        (expires(0.1, returns(False)), returned(False), returned(True)),
        (unspecified, raised(ValueError()), Observed("died", "")),
        (unspecified, returned(1), Observed("died", "")),
    ],
    ids=str,
)
def test_outcome_admits_what_it_says(outcome, admitted, refused):
    assert outcome.admits(admitted)
    assert not outcome.admits(refused)


def test_outcome_that_blocks_admits_no_observation():
    assert not blocks.admits(returned(None))
    assert not expires(None, returns(False)).admits(returned(False))


def test_outcomes_and_observations_read_well():
    assert [str(o) for o in (blocks, unspecified)] == ["blocks", "may return or raise anything"]
    assert str(expires(0.5, raises(ValueError))) == "raises ValueError after 0.5 s"
    assert str(returns_a(bool)) == "returns some bool"
    assert str(raised(ValueError("a"))) == "raised builtins.ValueError('a')"
    assert str(returned(Blob(2, 0))) == "returned b'00'"
    assert str(Observed("died", "")) == "died"


def test_raises_fails_if_its_block_raises_something_else():
    with raises(OSError):
        raise FileNotFoundError(2, "no")
    with (
        pytest.raises(AssertionError, match=r"builtins\.OSError was promised, and nothing was raised"),
        raises(OSError),
    ):
        pass
    with pytest.raises(KeyError), raises(OSError):
        raise KeyError("another")


def test_example_of_the_vocabulary_is_a_spec():
    text = conformance.__doc__.partition("This one is whole:\n")[2].partition("\n``acquire``")[0]
    names = {name: getattr(conformance, name) for name in conformance.__all__}
    exec(textwrap.dedent(text), names := {**names, "__name__": "example"})
    lock = names["lock"]
    assert list(lock.clauses) == [
        "lock.made",
        "lock.inherited",
        *(f"lock.acquire.{slug}" for slug in ("takes", "busy", "waits", "expires")),
        "lock.exit.locked",
    ]
    free, held = lock.state(), lock.state(locked=True)
    permitted = [
        [move.slug for move in lock.operations["acquire"].moves(state, 0, (), given, conformance.Others())]
        for state, given in ((free, {}), (held, {"block": False}), (held, {}))
    ]
    assert permitted == [["takes"], ["busy"], ["waits", "expires"]]


@pytest.mark.parametrize("word", [word for word in conformance.__all__ if callable(getattr(conformance, word))])
def test_docstring_of_each_word_names_its_parameters(word):
    documented = inspect.getdoc(getattr(conformance, word))
    told = inspect.signature(getattr(conformance, word)).parameters if word != "Frozen" else ()
    assert [name for name in told if not re.search(rf"\b{name}\b", documented)] == []


@pytest.mark.parametrize("method", ["op", "adopt", "scenario", "stream", "law", "pin", "rescue"])
def test_docstring_of_each_spec_method_names_its_parameters(method):
    documented = inspect.getdoc(getattr(conformance.Spec, method))
    told = list(inspect.signature(getattr(conformance.Spec, method)).parameters)[1:]
    assert [name for name in told if not re.search(rf"^ +\**{name}: ", documented, re.MULTILINE)] == []


def test_entries_reads_slugs_and_versions_of_a_docstring():
    def documented():
        """The first line: is no entry.

        full: Without a slot, it raises Full,
            whatever the timeout.
        closed (since 3.9): It raises ValueError.
        too-many (until 3.12): It raises.
        This line: is none, as its slug is no slug.
        """

    assert list(entries(documented)) == [
        ("full", "Without a slot, it raises Full, whatever the timeout.", {}),
        ("closed", "It raises ValueError.", {"since": (3, 9)}),
        ("too-many", "It raises.", {"until": (3, 12)}),
    ]
    assert list(entries(lambda: None)) == []

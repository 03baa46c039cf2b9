"""Asserts of the specs: a failing one says which values it compared, without pytest."""

import pickle
import sys
from pathlib import Path

import pytest

from conformance.stage.assertions import import_explained
from conformance.vocabulary.values import text

ASSERTING = """
def equal(left, right):
    assert left == right

def same(left, right):
    assert (left
            is not right)

def true(value):
    assert value, "said"

def unexplained(value):
    if value:
        assert not value
"""


@pytest.fixture
def asserting(tmp_path, monkeypatch):
    """A module whose asserts explain themselves."""
    (tmp_path / "asserting_module.py").write_text(ASSERTING)
    monkeypatch.syspath_prepend(tmp_path)
    yield import_explained("asserting_module")
    del sys.modules["asserting_module"]


def test_explained_assert_shows_both_values(asserting):
    asserting.equal(1, 1)
    with pytest.raises(AssertionError) as failed:
        asserting.equal([1, "a"], bytes(300))
    shown = f"promised: left == right; observed on the left: [1, 'a']; on the right: {text(bytes(300))}"
    assert str(failed.value) == shown
    for error in (failed.value, pickle.loads(pickle.dumps(failed.value))):
        assert error.compared == ("left == right", "[1, 'a']", text(bytes(300)))
    with pytest.raises(AssertionError, match="promised: left is not right; observed on the left: None"):
        asserting.same(None, None)


def test_explained_assert_shows_its_source_or_its_message(asserting):
    with pytest.raises(AssertionError, match=r"^said$"):
        asserting.true(0)
    with pytest.raises(AssertionError, match=r"^not value$"):
        asserting.unexplained(1)


def test_import_explained_explains_a_module_once(asserting):
    assert import_explained("asserting_module") is asserting is sys.modules["asserting_module"]
    assert Path(asserting.equal.__code__.co_filename).name == "asserting_module.py"


def test_import_explained_binds_a_module_in_its_package(tmp_path, monkeypatch):
    """Picklers that take functions by value where they do not find them, such as dill, look there."""
    (tmp_path / "apackage").mkdir()
    (tmp_path / "apackage/__init__.py").write_text("")
    (tmp_path / "apackage/amodule.py").write_text("def function():\n    pass\n")
    monkeypatch.syspath_prepend(tmp_path)
    module = import_explained("apackage.amodule")
    assert sys.modules["apackage"].amodule is module


def test_import_explained_explains_what_a_module_imports_of_its_package(tmp_path, monkeypatch):
    package = tmp_path / "asserting_package"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "first.py").write_text("from asserting_package.second import equal")
    (package / "second.py").write_text(ASSERTING)
    monkeypatch.syspath_prepend(tmp_path)
    import_explained("asserting_package.first")
    with pytest.raises(AssertionError, match="promised: left == right"):
        import_explained("asserting_package.second").equal(1, 2)

"""Imports spec modules so that a failing assert says which values it compared.

A scenario reads best with plain asserts, and the subject's interpreter has no pytest to
explain them. ``assert a == b`` becomes a call that keeps both values.
"""

from __future__ import annotations

import importlib
import importlib.util
import marshal
import operator
import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from types import CodeType, ModuleType

from conformance.vocabulary.values import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

BY_SYMBOL = {"==": operator.eq, "!=": operator.ne, "is": operator.is_, "is not": operator.is_not}


def holds(left: Any, symbol: str, right: Any, source: str) -> None:
    """Raises AssertionError with both values unless the comparison holds.

    The exception has them, as texts, in its attribute ``compared``, which pickles go along with.
    """
    if not BY_SYMBOL[symbol](left, right):
        compared = (source, text(left), text(right))
        error = AssertionError("promised: %s; observed on the left: %s; on the right: %s" % compared)
        error.compared = compared  # type: ignore[attr-defined]
        raise error


class Explainer:
    """Finds the modules of some packages, and loads them with their asserts rewritten."""

    def __init__(self) -> None:
        self.packages: set[str] = set()

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """Where a module is, as the import system asks; None if it is of no such package."""
        if name.partition(".")[0] not in self.packages:
            return None
        found = PathFinder.find_spec(name, path)
        if found is not None and found.origin and found.submodule_search_locations is None:
            found.loader = self  # type: ignore[assignment]
        return found

    def create_module(self, spec: ModuleSpec) -> None:
        """Leaves it to the import system to create the module."""

    def exec_module(self, module: ModuleType) -> None:
        """Runs the code of a module that was found."""
        module.__dict__["_holds"] = holds
        assert module.__file__ is not None
        shown = os.path.join(*module.__name__.split(".")) + ".py"
        exec(explained(module.__file__, shown), module.__dict__)


EXPLAINER = Explainer()


def import_explained(name: str) -> ModuleType:
    """Imports a module with its asserts rewritten, and so what it imports of its package.

    A module that is imported first because another one needs it would else not explain its asserts when its own
    scenarios are run, later and in the same stage. Children that spawn import all of them plainly.
    """
    EXPLAINER.packages.add(name.partition(".")[0])
    if EXPLAINER not in sys.meta_path:
        sys.meta_path.insert(0, EXPLAINER)
    return importlib.import_module(name)


def explained(path: str, shown: str) -> CodeType:
    """The code of a file with its asserts rewritten: what an earlier stage compiled, if that was this text.

    Traces show the file as ``shown``, which must not name the directory of one stage.
    """
    with open(path, "rb") as file:
        source = file.read()
    key = importlib.util.MAGIC_NUMBER + importlib.util.source_hash(source)
    kept = importlib.util.cache_from_source(path, optimization="explained")
    try:
        with open(kept, "rb") as file:
            if file.read(len(key)) == key:
                code: CodeType = marshal.load(file)
                return code
    except FileNotFoundError:
        pass
    from conformance.stage.rewriting import rewritten  # what most stages can do without

    code = rewritten(source, shown)
    write_atomically(kept, key + marshal.dumps(code))
    return code


def write_atomically(path: str, data: bytes) -> None:
    """Writes a file at once, for whoever reads it meanwhile."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    unfinished = "%s.%d" % (path, os.getpid())
    with open(unfinished, "wb") as file:
        file.write(data)
    os.replace(unfinished, path)

"""Imports spec modules so that a failing assert says which values it compared.

A scenario reads best with plain asserts, and the subject's interpreter has no pytest to
explain them. ``assert a == b`` becomes a call that keeps both values.
"""

from __future__ import annotations

import importlib.util
import marshal
import operator
import os
import sys
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


def import_explained(name: str) -> ModuleType:
    """Imports a module with its asserts rewritten; children that spawn import it plainly."""
    if name in sys.modules:
        return sys.modules[name]
    found = importlib.util.find_spec(name)
    assert found is not None and found.origin is not None, name
    code = explained(found.origin, os.path.join(*name.split(".")) + ".py")
    module = importlib.util.module_from_spec(found)
    module.__dict__["_holds"] = holds
    sys.modules[name] = module
    exec(code, module.__dict__)
    package, _, last = name.rpartition(".")
    if package:  # as any import does: picklers such as dill look for functions there
        setattr(sys.modules[package], last, module)
    return module


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

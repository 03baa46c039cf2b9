"""What an interpreter reports about itself and an implementation, before any stage is started on it."""

import importlib
import pickle
from typing import Any, Dict, List

from conformance.implementation import BrokenAdapter, Implementation
from conformance.stage import origin, programs, stagehand
from conformance.vocabulary.capabilities import CAPABILITIES, NECESSARY, claims

# The names about which scenarios pass the module to processes.
PASSED = ("Process", "active_children", "current_process", "parent_process", "Manager", "managers", "shared_memory")


def facts(path: List[str]) -> Dict[str, Any]:
    """Everything that the driver wants to know, or the end of a sentence that says what is wrong.

    The package must be in a directory of the path, if there are any. The grammatical subject of the sentence is
    the interpreter, under the keys ``failed`` and ``misplaced``, or the ``adapter``.
    """
    try:
        found = stagehand.implementation()
    except BrokenAdapter as error:
        return {"adapter": str(error)}
    failed = semaphores() or imported(found)
    if failed:
        return {"failed": failed}
    try:
        return elsewhere(found, path) or unusable(found) or described(found, path)
    except (Exception, SystemExit) as error:
        return {"adapter": "fails: %s" % describe_error(error)}


def semaphores() -> str:
    """What keeps the interpreter from creating semaphores; empty if all is well."""
    try:
        native = importlib.import_module("_multiprocessing")
    except Exception as error:
        return "has no working _multiprocessing module: %s" % describe_error(error)
    try:
        importlib.import_module("multiprocessing.synchronize")
        lock = importlib.import_module("multiprocessing").Lock()
        with lock:
            pass
    except Exception as error:
        why = "" if hasattr(native, "SemLock") else ", since it was built without them"
        return "cannot create semaphores%s: %s" % (why, describe_error(error))
    return ""


def imported(found: Implementation) -> str:
    """What keeps the interpreter from importing the implementation; empty if all is well."""
    try:
        found.imported()
    except Exception as error:
        what = found.name if found.name == found.package else "%s, the package of %s" % (found.package, found.name)
        return "cannot import %s: %s" % (what, describe_error(error))
    return ""


def elsewhere(found: Implementation, path: List[str]) -> Dict[str, str]:
    """What of the package is not where the user says it is; empty if all is well."""
    why = origin.misplaced(found.module, path)
    return {"misplaced": why} if why else {}


def unusable(found: Implementation) -> Dict[str, str]:
    """What is wrong with the implementation, or with what its adapter declares; empty if all is well."""
    said = "adapter" if found.bind or found.start_methods or found.context else "failed"
    wrong = {"adapter": "fails", "failed": "finds no API of multiprocessing in %s" % found.name}[said]
    try:
        methods = found.methods()
    except Exception as error:
        hint = "" if said == "failed" else "; without get_all_start_methods(), an adapter must declare start_methods"
        return {said: "%s: %s%s" % (wrong, describe_error(error), hint)}
    for method in methods:
        why = shortcoming(found, method)
        if why:
            return {said: "%s: %s(%r) %s" % (wrong, "bind" if found.bind else "get_context", method, why)}
    why = submodules(found) or program(found)
    return {"adapter": why} if why else {}


def shortcoming(found: Implementation, method: str) -> str:
    """What is wrong with what is bound to a start method; empty if all is well."""
    try:
        mp = found.bound(method)
    except (Exception, SystemExit) as error:
        return "raises %s" % describe_error(error)
    if not hasattr(mp, "Process"):
        return "returns %s, which has no Process" % kind(mp)
    if not getattr(mp, "__hash__", None):
        return "returns %s, which is not hashable, but specs use it as a key" % kind(mp)
    passed = any(claims(name, found.provides) for name in PASSED)
    if passed and not found.threads and method != "fork":
        try:
            pickle.loads(pickle.dumps(mp))
        except Exception as error:
            return "returns %s, which cannot be pickled (__reduce__ helps): %s" % (kind(mp), describe_error(error))
    return ""


def submodules(found: Implementation) -> str:
    """What is wrong with the package of the submodules; empty if all is well."""
    try:
        importlib.import_module(found.home)
    except (Exception, SystemExit) as error:
        return "declares submodules=%r, which cannot be imported: %s" % (found.submodules, describe_error(error))
    return ""


def program(found: Implementation) -> str:
    """What is wrong with the source by which programs import the implementation; empty if all is well."""
    if not found.program:
        return ""
    ended = programs.program("mp.Process" if claims("Process", found.provides) else "mp")  # some have nothing but pools
    said = ended.errors.strip().splitlines() or ["exit status %d" % ended.status]
    return "declares a program= that does not bind the API to the name mp: %s" % said[-1] if ended.status else ""


def kind(thing: object) -> str:
    """An object in a few words."""
    return "None" if thing is None else "something of type %s" % type(thing).__name__


def described(found: Implementation, path: List[str]) -> Dict[str, Any]:
    """What the adapter declares, where the package is, and which names are there without being claimed."""
    methods = found.methods()
    mp, declared = found.bound(methods[0]), found.provides | found.borrows
    there = [name for name in CAPABILITIES if found.has(mp, name) and name not in NECESSARY]
    return elsewhere(found, path) or {  # now that submodules have been imported
        **origin.origin(found.module),
        "implementation": found.name,
        "start_methods": methods,
        "provides": sorted(found.provides),
        "lacks": sorted(found.lacks),
        "borrows": sorted(found.borrows),
        "threads": found.threads,
        "importable": found.importable,
        "inherits": found.inherits,
        "unclaimed": [name for name in there if not claims(name, declared, found.lacks)],
    }


def describe_error(error: BaseException) -> str:
    """An exception as text: its message, preceded by its type unless it is an ImportError."""
    kind = "" if isinstance(error, ImportError) else type(error).__name__ + ": "
    return " ".join((kind + str(error)).split())

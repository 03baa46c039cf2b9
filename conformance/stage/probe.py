"""What an interpreter says of itself and of an implementation, before any stage is started on it."""

import importlib
from typing import Any, Dict

from conformance.implementation import CAPABILITIES, NECESSARY, BrokenAdapter, Implementation, claims
from conformance.stage import stagehand


def facts(name: str) -> Dict[str, Any]:
    """All that the driver wants to know; or, as ``failed``, the end of a sentence that says what is wrong.

    The interpreter is the subject of that sentence.
    """
    try:
        found = stagehand.implementation()
    except BrokenAdapter as error:
        return {"adapter": str(error)}
    failed = semaphores() or imported(found)
    if failed:
        return {"failed": failed}
    try:
        return described(found)
    except Exception as error:
        return {"adapter": "fails: %s" % told(error)}


def semaphores() -> str:
    """What keeps the interpreter from making semaphores; nothing, if all is well."""
    try:
        native = importlib.import_module("_multiprocessing")
    except Exception as error:
        return "has no working _multiprocessing module: %s" % told(error)
    try:
        importlib.import_module("multiprocessing.synchronize")
        lock = importlib.import_module("multiprocessing").Lock()
        with lock:
            pass
    except Exception as error:
        why = "" if hasattr(native, "SemLock") else ", being built without"
        return "cannot make semaphores%s: %s" % (why, told(error))
    return ""


def imported(found: Implementation) -> str:
    """What keeps the interpreter from using the implementation; nothing, if all is well."""
    try:
        found.imported()
    except Exception as error:
        return "cannot import %s: %s" % (found.name, told(error))
    try:
        for method in found.methods():
            found.bound(method).Process
    except Exception as error:
        return "finds no API of multiprocessing in %s: %s" % (found.name, told(error))
    return ""


def described(found: Implementation) -> Dict[str, Any]:
    """What the adapter declares, and what is there without being claimed."""
    methods = found.methods()
    mp, declared = found.bound(methods[0]), found.provides | found.borrows
    there = [name for name in CAPABILITIES if found.has(mp, name) and name not in NECESSARY]
    package = importlib.import_module(found.package.partition(":")[0].partition(".")[0])
    return {
        "implementation": found.name,
        "start_methods": methods,
        "release": getattr(package, "__version__", None),
        "provides": sorted(found.provides),
        "lacks": sorted(found.lacks),
        "borrows": sorted(found.borrows),
        "threads": found.threads,
        "unclaimed": [name for name in there if not claims(name, declared, found.lacks)],
    }


def told(error: Exception) -> str:
    """An exception in words: its message, and its type where that says more."""
    kind = "" if isinstance(error, ImportError) else type(error).__name__ + ": "
    return " ".join((kind + str(error)).split())

"""The script around a body: what was promised, what happened, the check, and a main that never hangs."""

import os
import re
import shlex
from textwrap import fill, indent
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance.reproduction.body import DIES, HANGS, WRONG, Body, ImportPath, Promise
from conformance.reproduction.imports import all_imports, used_imports
from conformance.vocabulary.clauses import Version

WIDTH = 100
OLDEST = (3, 8)
START_METHODS = ("fork", "spawn", "forkserver")
PATIENCE = {HANGS: 10, WRONG: 60, DIES: 60}  # seconds: of silence, or for the whole check
LONGEST = 60  # seconds for a check that may hang, and still works
SUPERVISING = (
    "import os",
    "import signal",
    "import subprocess",
    "import traceback",
    "from contextlib import suppress",
)
LOOKING = ("import faulthandler", "import glob", "import time", "from collections import deque")
ALARM = ("import os", "import signal", "import traceback")
SHORT = ("OSError", "BlockingIOError")  # the exceptions that may say that the machine refuses something
LACKS = ("ImportError", "NotImplementedError")  # how a platform says that it does not have something
TEMPLATES = Environment(
    loader=PackageLoader("conformance.reproduction"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,
)


def standalone(body: Body, promise: Promise, implementation: ImportPath) -> str:
    """A script that exits with 1 if the promise is broken, 0 if it is kept, 2 if it does not apply, and 3 otherwise."""
    facts = facts_of(body, promise, implementation)
    imports = [*used_imports(body), "import sys", *supervision(body, promise)]
    return TEMPLATES.get_template("standalone.py.jinja").render(
        docstring=docstring(promise),
        imports=all_imports(imports, implementation, "sys.exit(2)", "print(error, file=sys.stderr)"),
        **facts,
    )


def unittest_case(body: Body, promise: Promise, implementation: ImportPath) -> str:
    """A module with the check, and a test case that calls it for every start method.

    It is a process of its own if it may hang or die. What does not apply is skipped.
    """
    methods = repr(promise.start_methods) if promise.start_methods else f"{implementation.name}.get_all_start_methods()"
    words = [word.capitalize() for word in re.split(r"[^a-zA-Z0-9]+", promise.clause)]
    facts = facts_of(body, promise, implementation)
    apart = promise.shows in (HANGS, DIES)
    imports = [*used_imports(body), "import unittest", *(supervision(body, promise) if apart else [])]
    imports += ["import sys"] if apart or facts["versions"] else []
    imports += ["import traceback"] if facts["raised"] and not apart else []
    return TEMPLATES.get_template("unittest.py.jinja").render(
        docstring=indent(closed(promise.statement), "    ").strip(),
        imports=all_imports(imports, implementation, "raise unittest.SkipTest(str(error)) from None"),
        class_name="".join(words) + "Test",
        methods=methods,
        apart=apart,
        skips=f"({', '.join(LACKS)})" if promise.raised not in LACKS else "",
        test_name="_".join(re.split(r"[^a-zA-Z0-9]+", promise.clause.partition(".")[2])),
        **facts,
    )


def facts_of(body: Body, promise: Promise, implementation: ImportPath) -> dict[str, Any]:
    """What the templates need to know of a script."""
    versions, promised = window(max(promise.since, body.since), promise.until)
    return {
        "definitions": spaced(body.definitions),
        "check": body.check.strip("\n"),
        "promise": promise,
        "implementation": implementation.name,
        "versions": versions,
        "promised": promised,
        "supervised": is_supervised(body, promise),
        "hangs": promise.shows == HANGS,
        "dies": promise.shows == DIES,
        "seconds": PATIENCE[promise.shows],
        "longest": LONGEST,
        "shown": "(AssertionError, SystemExit)" if promise.shows == DIES else "AssertionError",
        "raised": "" if promise.raised == "AssertionError" else promise.raised,
        "short": promise.raised in SHORT,
    }


def is_supervised(body: Body, promise: Promise) -> bool:
    """Whether the check needs a process of its own: it may hang or die, or leave processes behind."""
    return body.starts_processes or promise.shows in (HANGS, DIES)


def supervision(body: Body, promise: Promise) -> list[str]:
    """The lines that import what the main function needs."""
    needed = [*(SUPERVISING if is_supervised(body, promise) else ALARM), *errno_of(promise)]
    return [*needed, *(LOOKING if promise.shows == HANGS else ())]


def errno_of(promise: Promise) -> list[str]:
    """The line that imports errno, if the script asks for one: what the machine refuses shows nothing."""
    return ["import errno"] if promise.raised in SHORT else []


def window(since: Version, until: Version | None) -> tuple[str, str]:
    """The condition that a version of Python does not make the promise, and in words which ones do; empty if all do."""
    conditions, words = [], []
    if since > OLDEST:
        conditions.append(f"sys.version_info < {since}")
        words.append(f"from Python {'.'.join(map(str, since))} on")
    if until is not None:
        conditions.append(f"sys.version_info >= {until}")
        words.append(f"before Python {'.'.join(map(str, until))}")
    return " or ".join(conditions), " and ".join(words)


def spaced(definitions: str) -> str:
    """The definitions, preceded by the blank lines that belong between them and the imports."""
    definitions = definitions.strip("\n")
    compound = re.match(r"(#.*\n)*(def|class|@)", definitions)
    return definitions and ("\n\n\n" if compound else "\n\n") + definitions


def docstring(promise: Promise) -> str:
    """The title, as of a bug report; what was observed, and on which subject; and how to run the script."""
    facts = [
        f"Clause:   {promise.clause}",
        f"Manual:   {promise.where}",
        f"Observed: {promise.observed}",
        f"Seen on:  {promise.subject}, start method {promise.start_method}",
    ]
    run = f"Usage: {usage(promise)}    (default: {promise.start_method})"
    meaning = "Exit status: 1, the bug occurs; 0, it does not; 2, it does not apply here; 3, it could not be tried."
    parts = [prose(f"{promise.title}: {promise.statement}", '"""'), "\n".join(facts), f"{run}\n{meaning}"]
    text = "\n\n".join(parts).replace('"""', "'''")
    raw = "r" if "\\" in text else ""
    return f'{raw}"""{text}\n"""'


def usage(promise: Promise) -> str:
    """The command that runs the script."""
    path = f"PYTHONPATH={shlex.quote(os.pathsep.join(promise.path))} " if promise.path else ""
    return f"{path}python reproducer.py [{'|'.join(promise.start_methods or START_METHODS)}]"


def prose(text: str, opening: str = "") -> str:
    """Text wrapped into lines, for a docstring; its first line follows an opening."""
    broken = fill(opening + quoted(text), WIDTH, break_long_words=False, break_on_hyphens=False)
    return broken[len(opening) :]


def closed(text: str) -> str:
    """A docstring of one paragraph, whose closing quotation marks stand alone if there are several lines."""
    lines = prose(text, '"""')
    return lines + ('\n"""' if "\n" in lines else '"""')


def quoted(text: str) -> str:
    """Text escaped for a docstring."""
    return text.replace("\\", "\\\\").replace('"""', "'''")

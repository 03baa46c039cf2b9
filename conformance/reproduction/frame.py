"""The script around a body: what was promised, what happened, the check, and a main that never hangs."""

import os
import re
import shlex
from collections.abc import Iterable, Iterator
from textwrap import fill, indent

from jinja2 import Environment, PackageLoader, StrictUndefined

from conformance.reproduction.body import DIES, HANGS, WRONG, Body, ImportPath, Promise
from conformance.reproduction.names import used

WIDTH = 100
START_METHODS = ("fork", "spawn", "forkserver")
PATIENCE = {HANGS: 10, WRONG: 60, DIES: 60}  # seconds after which a check is taken to hang
SUPERVISING = (
    "import os",
    "import signal",
    "import subprocess",
    "import traceback",
    "from contextlib import suppress",
)
WATCHING = {HANGS: ("import signal",), DIES: ("import subprocess", "import sys"), WRONG: ()}
TEMPLATES = Environment(
    loader=PackageLoader("conformance.reproduction"),
    undefined=StrictUndefined,
    keep_trailing_newline=True,
    autoescape=False,
)


def standalone(body: Body, promise: Promise, implementation: ImportPath) -> str:
    """A script that exits with 1 if the promise is broken, 0 if it is kept, and another status if it cannot tell."""
    supervised = body.starts_processes or promise.shows == DIES
    hangs = promise.shows == HANGS
    needed = ["import sys", *(SUPERVISING if supervised else [] if hangs else ["import signal"])]
    needed += ["import faulthandler"] if hangs else []
    return TEMPLATES.get_template("standalone.py.jinja").render(
        docstring=docstring(promise),
        imports=sorted_imports([*used_imports(body), *needed], implementation),
        definitions=spaced(body.definitions),
        check=body.check.strip("\n"),
        promise=promise,
        implementation=implementation.name,
        supervised=supervised,
        hangs=hangs,
        dies=promise.shows == DIES,
        seconds=PATIENCE[promise.shows],
    )


def unittest_case(body: Body, promise: Promise, implementation: ImportPath) -> str:
    """A module with the check, and a test case that calls it for every start method."""
    methods = repr(promise.start_methods) if promise.start_methods else f"{implementation.name}.get_all_start_methods()"
    words = [word.capitalize() for word in re.split(r"[^a-zA-Z0-9]+", promise.clause)]
    return TEMPLATES.get_template("unittest.py.jinja").render(
        docstring=indent(closed(promise.statement), "    ").strip(),
        imports=sorted_imports([*used_imports(body), "import unittest", *WATCHING[promise.shows]], implementation),
        definitions=spaced(body.definitions),
        check=body.check.strip("\n"),
        class_name="".join(words) + "Test",
        methods=methods,
        hangs=promise.shows == HANGS,
        dies=promise.shows == DIES,
        seconds=PATIENCE[promise.shows],
        test_name="_".join(re.split(r"[^a-zA-Z0-9]+", promise.clause.partition(".")[2])),
        implementation=implementation.name,
    )


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
    meaning = "Exit status: 1, the bug occurs; 0, it does not; any other, the script cannot tell."
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


def used_imports(body: Body) -> Iterator[str]:
    """The imports of a body that it uses, one line for each name."""
    names = used(f"{body.definitions}\n{body.check}")
    for line in body.imports:
        start, imported, several = line.rpartition("import ")
        for each in several.split(", "):
            if each.rpartition(" as ")[2].partition(".")[0] in names:
                yield start + imported + each


def sorted_imports(lines: Iterable[str], implementation: ImportPath) -> str:
    """Import lines sorted as tools do it: modules first, then names; all names of a module on one line."""
    plain: set[str] = set()
    names: dict[str, set[str]] = {}
    for line in {*lines, implementation.imported}:
        module, _, imported = line.removeprefix("from ").partition(" import ")
        if imported:
            names.setdefault(module, set()).update(imported.split(", "))
        else:
            plain.add(line)
    several = [f"from {module} import {', '.join(sorted(found, key=order))}" for module, found in sorted(names.items())]
    return "\n".join([*sorted(plain), *several])


def order(name: str) -> tuple[int, str]:
    """The sort key of a name within an import: constants, then classes, then the rest."""
    return (0 if name.isupper() else 1 if name[0].isupper() else 2), name

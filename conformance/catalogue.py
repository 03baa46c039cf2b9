"""Finds specs, and clauses by name."""

import difflib
import fnmatch
import importlib
import importlib.util
import inspect
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from conformance.misuse import Misuse
from conformance.renaming import Former, read_former
from conformance.vocabulary.spec import Clause, Spec

HERE = Path(__file__).resolve().parent


class UnknownClause(Misuse):
    """No clause matches a pattern."""


@dataclass(frozen=True)
class Entry:
    """A spec and the module that holds it."""

    module: str
    spec: Spec

    @property
    def modules(self) -> frozenset[str]:
        """The modules with its operations and its scenarios."""
        return frozenset([self.module, *(scenario.module for scenario in self.spec.scenarios.values())])


def specs_directory() -> Path:
    """Where the specs are: inside the installed package, or beside it in a checkout."""
    inside = HERE / "specs"
    return inside if inside.is_dir() else HERE.parent / "specs"


@cache
def modules() -> tuple[str, ...]:
    """The spec modules, without packages, in the order of chapters and files."""
    files = sorted(specs_directory().rglob("[!_]*.py"))
    return tuple(module_of(path) for path in files if path.stem != "conftest")


def module_of(path: Path) -> str:
    """The name of the spec module in a file."""
    return ".".join(["specs", *path.relative_to(specs_directory()).with_suffix("").parts])


def import_specs() -> Iterator[str]:
    """Imports every spec module under the name that the stage knows it by."""
    directory = specs_directory()
    if "specs" not in sys.modules:
        found = importlib.util.spec_from_file_location(
            "specs", directory / "__init__.py", submodule_search_locations=[str(directory)]
        )
        assert found is not None and found.loader is not None, directory
        sys.modules["specs"] = package = importlib.util.module_from_spec(found)
        found.loader.exec_module(package)
    for module in modules():
        yield importlib.import_module(module).__name__


@cache
def entries() -> tuple[Entry, ...]:
    """Every spec, in the order of the files and their text, after all modules have registered their scenarios."""
    modules = list(import_specs())
    return tuple(
        Entry(module, found)
        for module in modules
        for found in vars(sys.modules[module]).values()
        if isinstance(found, Spec) and found.module == module
    )


def entry(name: str) -> Entry:
    """The spec of this name."""
    return next(e for e in entries() if e.spec.name == name)


def clauses() -> dict[str, Clause]:
    """Every clause by its name."""
    return {name: clause for e in entries() for name, clause in e.spec.clauses.items()}


def select(patterns: Iterable[str]) -> dict[str, Clause]:
    """The clauses that match any of the glob patterns; all clauses if there are no patterns.

    Raises UnknownClause for a pattern that matches nothing; for former names it says what became of them.
    """
    known = clauses()
    patterns = list(patterns)
    chosen: set[str] = set()
    for pattern in patterns:
        matching = fnmatch.filter(known, pattern)
        if not matching and (once := fnmatch.filter(former(), pattern)):
            raise UnknownClause(f"The clause {once[0]!r} {fate(once[0])}.")
        if not matching:
            raise UnknownClause(
                f"No clause matches {pattern!r}{meant(pattern)}; `mpconform list` shows all {len(known)}."
            )
        chosen.update(matching)
    return {name: clause for name, clause in known.items() if name in chosen or not patterns}


@cache
def former() -> dict[str, Former]:
    """The names that clauses once had, and what became of each."""
    return read_former(specs_directory() / "renamed.toml")


def fate(name: str) -> str:
    """What became of a clause that there is not, as the end of a sentence that begins with its name."""
    return former()[name].fate if name in former() else "does not exist"


def meant(pattern: str, several: bool = True) -> str:
    """Suggests a similar name, of one clause or, with ``several``, of a group; empty if there is none."""
    known, groups = list(clauses()), set[str]()
    if several:
        groups = {f"{prefix}.*" for name in known for prefix in (name.partition(".")[0], name.rpartition(".")[0])}
    within = [f"{pattern}.*"] if f"{pattern}.*" in groups else []
    found = within or difflib.get_close_matches(pattern, [*known, *sorted(groups)], 1)
    return f" (did you mean {found[0]!r}?)" if found else ""


@cache
def owner(clause: str) -> Entry:
    """The spec that states a clause."""
    return next(e for e in entries() if clause in e.spec.clauses)


def home(entry: Entry, clause: Clause) -> str:
    """The module that states a clause."""
    if clause.kind == "object":
        state: str = entry.spec.state.__module__
        return state
    return entry.spec.scenarios[clause.name].module if clause.kind == "scenario" else entry.module


@cache
def stated(module: str) -> tuple[tuple[Entry, str], ...]:
    """The names of the clauses that a module states, each with its spec."""
    return tuple((e, name) for e in entries() for name, clause in e.spec.clauses.items() if home(e, clause) == module)


def proof(spec: Spec, clause: Clause) -> Callable[..., object]:
    """What checks the clause: a relation, a scenario, a law, or the state class."""
    slug = clause.name.partition(".")[2]
    if clause.kind == "operation":
        return spec.operations[slug.partition(".")[0]].relation
    if clause.kind == "scenario":
        return spec.scenarios[clause.name].run
    if clause.kind == "law":
        return next(s.laws[slug] for s in spec.streams.values() if slug in s.laws)
    state: Callable[..., object] = spec.state
    return state


def text(proof: Callable[..., object]) -> str:
    """The source of what checks a clause, preceded by the standalone programs that it runs."""
    source = inspect.getsource(proof)
    known = getattr(inspect.unwrap(proof), "__globals__", {})
    named = {name: known.get(name) for name in re.findall(r"\b[A-Z_]+\b", source)}
    programs = [f'{name} = """{each}"""' for name, each in named.items() if isinstance(each, str) and "\n" in each]
    return "\n\n".join([*programs, source])

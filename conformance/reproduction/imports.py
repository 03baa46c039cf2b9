"""The import lines of a script."""

from collections.abc import Iterable, Iterator
from textwrap import indent

from conformance.reproduction.body import Body, ImportPath
from conformance.reproduction.names import used


def used_imports(body: Body) -> Iterator[str]:
    """The imports of a body that it uses, one line for each name."""
    names = used(f"{body.definitions}\n{body.check}")
    for line in body.imports:
        start, imported, several = line.rpartition("import ")
        for each in several.split(", "):
            if each.rpartition(" as ")[2].partition(".")[0] in names:
                yield start + imported + each


def all_imports(lines: Iterable[str], implementation: ImportPath, otherwise: str, *before: str) -> str:
    """All import lines; those of a package that need not be installed come last, and say so ``otherwise``."""
    everything = {*lines, implementation.imported}
    packages = {package(implementation.imported), implementation.modules.partition(".")[0]} - {"multiprocessing"}
    own = {line for line in everything if package(line) in packages}
    if not own:
        return sorted_imports(everything)
    handler = [*before, otherwise]
    caught = [
        "try:",
        indent(sorted_imports(own), "    "),
        "except ImportError as error:",
        *(f"    {x}" for x in handler),
    ]
    return "\n".join([sorted_imports(everything - own), "", *caught])


def package(line: str) -> str:
    """The package that an import line is about."""
    return line.split()[1].partition(".")[0]


def sorted_imports(lines: Iterable[str]) -> str:
    """Import lines sorted as tools do it: modules first, then names; all names of a module on one line."""
    plain: set[str] = set()
    names: dict[str, set[str]] = {}
    for line in lines:
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

"""Where the package under test comes from: its place, the directories that it must be in, its release, its digest."""

import hashlib
import importlib
import os
import sys
from typing import Any, Dict, Iterable, Iterator, List, Optional

Paths = List[str]


def origin(name: str) -> Dict[str, Any]:
    """Describes a package: its name, its place, its release, and a digest of its files; None for what nobody knows."""
    place = place_of(sys.modules[name])
    return {
        "package": name,
        "place": place,
        "release": distributed(name, place) or stated(name),
        "digest": digest(place) if place else None,
    }


def misplaced(name: str, path: Paths) -> str:
    """The end of a sentence about a package, or a part of it, that is not in a directory of the path; else empty."""
    if not path:
        return ""
    for part, place in parts(name):
        if not any(is_in(place, directory) for directory in path):
            found = "it is in %s" % place if place else "it is in no file"
            return "imports %s, but not from %s: %s%s" % (part, " or ".join(path), found, hint(name, path))
    return ""


def hint(name: str, path: Paths) -> str:
    """Which directory was meant, if it is the one above; what is meant by a directory, otherwise."""
    top = name.partition(".")[0]
    for directory in path:
        above = os.path.dirname(directory)
        if os.path.basename(directory) == top and os.path.isdir(directory):
            return " (--implementation-path takes the directory that has %s in it, here %s)" % (top, above)
    return " (--implementation-path takes the directory that has %s in it)" % top


def parts(name: str) -> Iterator[Any]:
    """A package and its submodules, those that are imported and those that can be, with their places."""
    module = sys.modules[name]
    yield name, place_of(module)
    for directory in list(getattr(module, "__path__", [])):
        yield name + ("" if directory == place_of(module) else submodule_in(directory)), directory
    for full, loaded in sorted(sys.modules.items()):
        # An overlay may give a module of another package a name in its own.
        if full.startswith(name + ".") and getattr(loaded, "__name__", "") == full:
            yield full, place_of(loaded)


def submodule_in(directory: str) -> str:
    """The last part of the name of some submodule in a directory, such as ``.queues``."""
    names = sorted(file[:-3] for file in listed(directory) if file.endswith(".py") and file != "__init__.py")
    return ".%s" % names[0] if names else ""


def listed(directory: str) -> Paths:
    """The names in a directory; none if it is no directory, such as one in a zip file."""
    try:
        return os.listdir(directory)
    except OSError:
        return []


def place_of(module: Any) -> str:
    """The directory of a package, or the file of a module; empty for what is not imported from files."""
    file = str(getattr(module, "__file__", None) or "")
    if file and os.path.basename(file).startswith("__init__."):
        return os.path.dirname(os.path.abspath(file))
    if file:
        return os.path.abspath(file)
    return next((os.path.abspath(directory) for directory in getattr(module, "__path__", [])), "")


def is_in(place: str, directory: str) -> bool:
    """Whether a file is in a directory, by its name or when links are followed."""
    both = [(place, directory), (os.path.realpath(place), os.path.realpath(directory))]
    return bool(place) and any(one.startswith(os.path.join(other, "")) for one, other in both)


def digest(place: str) -> Optional[str]:
    """The SHA-256 of a file, or of the names and contents of all files below a directory, in hexadecimal."""
    found = hashlib.sha256()
    try:
        for path in files(place):
            with open(path, "rb") as file:
                data = file.read()
            found.update(b"%s\0%d\0" % (os.path.relpath(path, place).encode("utf-8", "surrogateescape"), len(data)))
            found.update(data)
    except OSError:  # it is in a zip file
        return None
    return found.hexdigest()


def files(place: str) -> Iterator[str]:
    """The files of a package, in order, without what has been compiled from them."""
    if not os.path.isdir(place):
        yield place
    for directory, below, names in os.walk(place):
        below[:] = sorted(name for name in below if name != "__pycache__")
        for name in sorted(names):
            yield os.path.join(directory, name)


def stated(name: str) -> Optional[str]:
    """The ``__version__`` of a module, or of the nearest package around it that has one."""
    while name:
        version = getattr(importlib.import_module(name), "__version__", None)
        if version:
            return str(version)
        name = name.rpartition(".")[0]
    return None


def distributed(name: str, place: str) -> Optional[str]:
    """The version of the distribution that has installed a module at its place; None if none has."""
    root = root_of(name, place)
    if not root or root == os.path.dirname(os.path.abspath(os.__file__)):  # the standard library
        return None
    from importlib.metadata import distributions  # which takes longer than all of this

    top = name.partition(".")[0]
    for each in distributions(path=[root]):
        if top in tops(each):
            return each.version
    return None


def root_of(name: str, place: str) -> str:
    """The directory from which the outermost package of a module was imported."""
    for _ in name.split("."):
        place = os.path.dirname(place)
    return place


def tops(distribution: Any) -> Iterable[str]:
    """The modules and packages at the top of what a distribution has installed."""
    said = (distribution.read_text("top_level.txt") or "").split()
    if said:
        return said
    record = (distribution.read_text("RECORD") or "").splitlines()
    first = (line.partition(",")[0].partition("/")[0] for line in record)
    return {each[:-3] if each.endswith(".py") else each for each in first}

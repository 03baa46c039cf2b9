"""Reproducers of what an implementation is claimed to have, and does not have."""

from conformance.reproduction.body import Body, ImportPath
from conformance.vocabulary.capabilities import MODULES
from conformance.vocabulary.spec import Clause

CHECK = """
def check(mp):
    assert {has}, "there is no {package}.{name}"
"""
CHECK_MODULE = """
def check(mp):
    try:
        from {package} import {first}
    except ImportError as error:
        raise AssertionError("there is no {package}.{first}") from error
"""
HAS = """\
    assert hasattr({first}, "{rest}"), "there is no {package}.{first}.{rest}"
"""


def body(clause: Clause, implementation: ImportPath) -> Body:
    """A look for the name that the clause is about: in the context, in the package, or in a submodule."""
    name, package = clause.documents.partition(".")[2], implementation.name
    first, _, rest = name.partition(".")
    if first in MODULES and not implementation.is_part:
        check = CHECK_MODULE + HAS * bool(rest)
        return look(check.format(package=implementation.modules, first=first, rest=rest))
    if first not in MODULES:
        has = f'hasattr(mp, "{name}") or hasattr({package}, "{name}")'
    else:
        has = f'hasattr(getattr(mp, "{first}", None), "{rest}")' if rest else f'hasattr(mp, "{first}")'
    return look(CHECK.format(has=has, package=package, name=name))


def look(check: str) -> Body:
    """A check that needs nothing else."""
    return Body("", check, (), starts_processes=False)

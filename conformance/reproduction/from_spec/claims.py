"""Reproducers of what an implementation is claimed to have, and does not have."""

from conformance.reproduction.body import Body, ImportPath
from conformance.vocabulary.capabilities import MODULES
from conformance.vocabulary.spec import Clause

CHECK = """
def check(mp):
    assert {has}, "there is no {package}.{name}"
"""


def body(clause: Clause, implementation: ImportPath) -> Body:
    """A look for the name that the clause is about: in the context, in the package, or in a submodule."""
    name, package = clause.documents.partition(".")[2], implementation.name
    first, _, rest = name.partition(".")
    imports: tuple[str, ...] = ()
    if first not in MODULES:
        has = f'hasattr(mp, "{name}") or hasattr({package}, "{name}")'
    elif implementation.is_part:
        has = f'hasattr(mp.{first}, "{rest}")' if rest else f'hasattr(mp, "{first}")'
    else:
        module = f"{implementation.modules}.{first}"
        has, imports = f'hasattr({module}, "{rest}")' if rest else module, (f"import {module}",)
    return Body("", CHECK.format(has=has, package=package, name=name), imports, starts_processes=False)

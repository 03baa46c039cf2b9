"""Reproducers of objects that cannot be made, or not be passed to a process."""

from collections.abc import Mapping
from typing import Any

from conformance.catalogue import Entry
from conformance.reproduction.body import Body, ImportPath, NoReproducer
from conformance.reproduction.from_spec.modules import read_module
from conformance.reproduction.from_spec.scenario import assemble
from conformance.reproduction.from_spec.slicing import Slice
from conformance.reproduction.source import write_constructor
from conformance.vocabulary.spec import Clause

MADE = """
def check(mp):
    kept = [{made} for _ in range(2)]
    assert len(kept) == 2
"""

INHERITED = """
def check(mp):
    obj = {made}
    process = mp.Process(target=use, args=(obj,))
    process.start()
    process.join()
    assert process.exitcode == 0, process.exitcode
"""

USE = """
def use(obj):
    pass  # it has been passed
"""


def body(entry: Entry, clause: Clause, recipe: Mapping[str, Any], implementation: ImportPath) -> Body:
    """The object of a recipe is made, and passed on if that is what the clause is about. Raises NoReproducer."""
    spec, passed = entry.spec, clause.name.endswith(".inherited")
    if spec.threads and passed:
        raise NoReproducer("its actors are threads of the harness")
    statement = write_constructor(spec, recipe)
    needed, module = Slice(), read_module(entry.module)
    needed.reach(module, [function.__name__ for function in statement.functions])
    check = (INHERITED if passed else MADE).format(made=statement.text).strip("\n")
    built = assemble(needed, needed.ordered, check, implementation)
    if not passed:
        return built
    return Body("\n\n\n".join(filter(None, [built.definitions, USE.strip("\n")])), built.check, built.imports)

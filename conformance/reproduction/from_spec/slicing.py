"""What a function needs: the definitions, imports and words of the vocabulary that it reaches."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from conformance import catalogue
from conformance.reproduction.body import NoReproducer
from conformance.reproduction.from_spec.modules import VOCABULARY, Definition, Imported, SpecModule, read_module
from conformance.reproduction.from_spec.pruning import pruned, unused_types


@dataclass
class Slice:
    """The part of some spec modules that a function reaches, the function included.

    Registrations of the types ``without`` are left out.
    """

    without: frozenset[str] = frozenset()
    definitions: dict[tuple[str, int], Definition] = field(default_factory=dict)
    imports: dict[str, Imported] = field(default_factory=dict)
    vocabulary: set[str] = field(default_factory=set)

    def reach(self, module: SpecModule, names: Iterable[str]) -> None:
        """Adds what these names of a module stand for, and what that needs. Raises NoReproducer."""
        for name in sorted(names):
            for definition in module.binding(name):
                self.add(module, definition)
            if name in module.imports:
                self._import(name, module.imports[name])

    def add(self, module: SpecModule, definition: Definition) -> None:
        """Adds a definition, and what it needs. Raises NoReproducer."""
        if definition.names & module.specs:
            raise NoReproducer(f"it refers to the spec {next(iter(definition.names))} itself")
        key = (module.name, definition.line)
        if key in self.definitions:
            return
        self._claim(definition)
        definition = replace(definition, source=pruned(definition.source, self.without))
        self.definitions[key] = definition
        self.reach(module, definition.uses - module.specs)
        self._effects(module)

    def _claim(self, definition: Definition) -> None:
        """Raises NoReproducer if another module has given one of the names to something else."""
        for other in self.definitions.values():
            if other.module != definition.module and other.names & definition.names:
                raise NoReproducer(f"two spec modules call different things {next(iter(definition.names))}")

    def _effects(self, module: SpecModule) -> None:
        """Adds statements of a module that bind no name, such as registrations of what is here already."""
        mine = {name for (owner, _), d in self.definitions.items() if owner == module.name for name in d.names}
        for statement in module.definitions:
            if not statement.names and statement.uses & mine and not statement.uses & module.specs:
                self.add(module, statement)

    def _import(self, name: str, imported: Imported) -> None:
        if imported.module == VOCABULARY:
            self.vocabulary.add(name)
        elif imported.whole in catalogue.modules():
            raise NoReproducer(f"it refers to the whole module {imported.whole}")
        elif imported.module in catalogue.modules():
            self.reach(read_module(imported.module), [imported.attribute])
        else:
            self.imports[name] = imported

    @property
    def ordered(self) -> list[Definition]:
        """The definitions, those of an imported module before those of the one that imports it."""
        modules: list[str] = []
        for definition in self.definitions.values():
            for name in reversed(imported_first(definition.module)):
                if name not in modules:
                    modules.append(name)
        return sorted(self.definitions.values(), key=lambda d: (modules.index(d.module), d.line))

    @property
    def lines(self) -> tuple[str, ...]:
        """The lines that import what it needs."""
        return tuple(imported.line(name) for name, imported in self.imports.items())


def reached(module: SpecModule, name: str) -> Slice:
    """What a function of a module needs, itself included. Raises NoReproducer."""
    needed = Slice()
    needed.reach(module, [name])
    while unused := unused_types(definition.source for definition in needed.ordered):
        needed = Slice(needed.without | unused)
        needed.reach(module, [name])
    return needed


def imported_first(module: str) -> list[str]:
    """A spec module, and those that it imports from, after it."""
    found = [module]
    for imported in read_module(module).imports.values():
        if imported.module in catalogue.modules():
            found += imported_first(imported.module)
    return found

"""Reproducers of scenarios: the scenario itself, what it uses, and the arguments with which it failed."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.catalogue import Entry, home
from conformance.reproduction.body import Body, ImportPath, NoReproducer
from conformance.reproduction.from_spec import plain
from conformance.reproduction.from_spec.editing import Edit, Text, edited
from conformance.reproduction.from_spec.modules import Definition, read_module
from conformance.reproduction.from_spec.observing import telling
from conformance.reproduction.from_spec.slicing import Slice, reached
from conformance.vocabulary.spec import Clause
from conformance.vocabulary.values import Blob

MANY = 10_000  # bytes or items: values of which a message shows a part
LONG = 40  # characters or bytes: values that are written in a shorter way, if they can be
STARTS = re.compile(
    r"\b(Process|Pool|Manager|SyncManager|SharedMemoryManager|BaseManager|child|program|fork)\b|\.start\("
)


def body(entry: Entry, clause: Clause, arguments: Mapping[str, Any], implementation: ImportPath) -> Body:
    """The scenario of a clause with these arguments. Raises NoReproducer."""
    run = entry.spec.scenarios[clause.name].run
    module = read_module(home(entry, clause))
    if not module.binding(run.__name__):
        raise NoReproducer("its scenario is made by another function")
    needed = reached(module, run.__name__)
    helpers = [each for each in needed.ordered if run.__name__ not in each.names]
    (scenario,) = module.binding(run.__name__)
    check = checking(scenario.source, arguments)
    return assemble(needed, helpers, check, implementation)


def assemble(needed: Slice, definitions: list[Definition], check: str, implementation: ImportPath) -> Body:
    """A body of definitions and a check, with plain equivalents of the vocabulary that they use."""
    sources = [definition.source for definition in definitions]
    everything = "\n".join([*sources, check])
    large = any(number >= MANY for number in numbers(everything))
    shown = "reprlib.repr(%s)" if large else "%s"
    plainly = [plain.equivalent(name, everything, implementation) for name in sorted(needed.vocabulary & plain.WORDS)]
    known = plain.aliases([*sources, check], implementation)
    lines = {*needed.lines, *plain.imports(everything, implementation, known)}
    lines |= {line for each in plainly for line in each.imports}
    announcers = plain.announcers(sources)
    helped = [telling(plain.plainly(source, implementation, known, announcers), shown) for source in sources]
    check = telling(plain.plainly(check, implementation, known, announcers), shown)
    if "reprlib." in check or any("reprlib." in source for source in helped):
        lines.add("import reprlib")
    whole = joined([*(each.source.strip("\n") for each in plainly), *helped])
    return Body(whole, check, tuple(sorted(lines)), bool(STARTS.search(whole + check)))


def joined(sources: list[str]) -> str:
    """Definitions, with the blank lines between them that people leave."""
    text = ""
    for before, source in zip(["", *sources], sources, strict=False):
        text += ("\n\n\n" if is_compound(before) or is_compound(source) else "\n") + source
    return text.strip("\n")


def is_compound(source: str) -> bool:
    """Whether a definition is a function or a class."""
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in ast.parse(source).body)


def checking(source: str, arguments: Mapping[str, Any]) -> str:
    """A scenario as ``check``, whose other parameters have the arguments as defaults."""
    return edited(source, lambda text: renamed(text, arguments))


def renamed(text: Text, arguments: Mapping[str, Any]) -> Iterator[Edit]:
    """The edits of the name, the parameters and the docstring."""
    (function,) = (node for node in text.tree.body if isinstance(node, ast.FunctionDef))
    head = text.span(function)[0]
    name = text.data.index(function.name.encode(), head)
    yield Edit(name, name + len(function.name.encode()), "check")
    for parameter in function.args.args:
        if parameter.arg in arguments:
            yield text.after(parameter, "=" + written(arguments[parameter.arg]))
    documented = function.body[0]
    if isinstance(documented, ast.Expr) and isinstance(documented.value, ast.Constant):
        yield text.without(documented)


def written(value: Any) -> str:
    """A drawn value as source. Raises NoReproducer."""
    if isinstance(value, Blob):
        return f'(b"{value.seed:08x}" * {value.size // 8 + 1})[:{value.size}]'
    if type(value) is tuple:
        return f"({', '.join(map(written, value))}{',' * (len(value) == 1)})"
    if type(value) is list:
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, str | bytes) and len(value) > LONG and (period := repeated(value)):
        return f"{written(value[:period])} * {len(value) // period}"
    source = repr(value)
    try:
        ast.literal_eval(source)
    except (ValueError, SyntaxError):
        raise NoReproducer(f"{source} cannot be written down") from None
    plain_text = isinstance(value, str | bytes) and '"' not in source and "\\'" not in source
    return source.replace("'", '"') if plain_text and source.count("'") == 2 else source


def repeated(value: str | bytes) -> int:
    """The length of a part of which the whole is a repetition; 0 if there is none."""
    lengths = (n for n in range(1, LONG + 1) if len(value) % n == 0 and value[:n] * (len(value) // n) == value)
    return next(lengths, 0)


def numbers(source: str) -> Iterator[int]:
    """The whole numbers in some source."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and type(node.value) is int:
            yield node.value

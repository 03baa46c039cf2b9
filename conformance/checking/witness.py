"""Witnesses: what to run again to see a clause violated, as data that people can read and edit.

A value is written as Python writes it, and a call as a spec's reader would: ``put(690, block=True)``.
"""

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conformance import catalogue
from conformance.checking.script import Planned, Round, Script
from conformance.misuse import Misuse
from conformance.vocabulary.arg import Domain
from conformance.vocabulary.spec import Spec
from conformance.vocabulary.values import Blob

FORMAT = 1


class BrokenWitness(Misuse):
    """A witness cannot be read; the message is one sentence."""


@dataclass(frozen=True)
class Witness:
    """What to run again to see a clause violated.

    A ``script`` for what calls promise, and for ``made`` and ``inherited``, where it has no rounds; the
    ``arguments`` of a scenario; the name of a ``stream``, with its arguments, for a law. Beside a script,
    arguments are there to be shown, and are not written.
    """

    clause: str
    script: Script | None = None
    stream: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The witness for a JSON file."""
        document: dict[str, Any] = {"format": FORMAT, "clause": self.clause}
        if self.script is not None:
            document["make"] = written_all(self.script.make)
            document["rounds"] = [
                {str(actor): [written_call(call) for call in calls] for actor, calls in round_.items()}
                for round_ in self.script.rounds
            ]
            return document
        stream = {"stream": self.stream} if self.stream else {}
        return {**document, **stream, "arguments": written_all(self.arguments)}

    @classmethod
    def from_json(cls, document: Any) -> "Witness":
        """The witness that a JSON document holds, whatever else it holds. Raises BrokenWitness."""
        if not isinstance(document, dict) or document.get("format") != FORMAT:
            raise BrokenWitness(f'A witness is a JSON object with "format": {FORMAT} and a clause.')
        clause = document.get("clause")
        if not isinstance(clause, str) or clause not in catalogue.clauses():
            raise BrokenWitness(f"The witness names the clause {clause!r}, which {catalogue.fate(str(clause))}.")
        try:
            return read_witness(catalogue.owner(clause).spec, clause, document)
        except (ValueError, SyntaxError, TypeError, AttributeError, KeyError, StopIteration) as error:
            raise BrokenWitness(f"The witness of {clause} cannot be read: {error}.") from None


def read_witness(spec: Spec, clause: str, document: Mapping[str, Any]) -> Witness:
    """A witness of this spec. Raises ValueError and its kin."""
    kind, stream = spec.clauses[clause].kind, document.get("stream", "")
    if kind in ("operation", "object"):
        make = read_all(document["make"], spec.domains)
        if not set(make) <= set(spec.domains):
            raise ValueError(f"{spec.name} is made with {', '.join(spec.domains) or 'nothing'}")
        return Witness(clause, Script(make, tuple(read_round(spec, each) for each in document["rounds"])))
    if kind == "law" and stream not in spec.streams:
        raise ValueError(f"{stream!r} is no stream of {spec.name}")
    domains = spec.streams[stream].domains if kind == "law" else spec.scenarios[clause].domains
    arguments = read_all(document["arguments"], domains)
    if set(arguments) != set(domains):
        raise ValueError(f"it needs the arguments {', '.join(domains) or 'none'}")
    return Witness(clause, None, stream, arguments)


def read_round(spec: Spec, document: Mapping[str, list[str]]) -> Round:
    """A round. Raises ValueError and its kin."""
    round_ = {int(actor): tuple(read_call(spec, call) for call in calls) for actor, calls in document.items()}
    unknown = [actor for actor in round_ if not 0 <= actor < spec.actors]
    if unknown:
        raise ValueError(f"there is no actor {unknown[0]}; {spec.name} has 0 to {spec.actors - 1}")
    return round_


def read_call(spec: Spec, source: str) -> Planned:
    """A call such as ``put(690, block=True)``. Raises ValueError and its kin."""
    node = ast.parse(source, mode="eval").body
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        raise ValueError(f"{source!r} is no call")
    if node.func.id not in spec.operations:
        raise ValueError(f"{spec.name} has no operation {node.func.id!r}")
    kwargs = {word.arg: value(word.value) for word in node.keywords if word.arg}
    domains = list(spec.operations[node.func.id].domains)
    if len(node.args) > len(domains) or not set(kwargs) <= set(domains[len(node.args) :]):
        raise ValueError(f"{source!r} has arguments that {node.func.id} does not take")
    return node.func.id, tuple(map(value, node.args)), kwargs


def read_all(document: Mapping[str, str], domains: Mapping[str, Domain]) -> dict[str, Any]:
    """Values by name. Raises ValueError and its kin."""
    return {name: read_value(source, domains.get(name)) for name, source in document.items()}


def read_value(source: str, domain: Domain | None) -> Any:
    """A value as Python writes it, or one of the domain that Python writes so. Raises ValueError or SyntaxError."""
    if domain is not None and domain.kind == "choices":
        chosen = [each for each in domain.values if repr(each) == source]
        if chosen:
            return chosen[0]
    return value(ast.parse(source, mode="eval").body)


def value(node: ast.expr) -> Any:
    """The value of a literal, in which ``Blob(size, seed)`` counts as one. Raises ValueError."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Blob":
        words = {word.arg: word.value for word in node.keywords}
        size, seed = [*node.args, *(words[name] for name in ("size", "seed")[len(node.args) :])]
        return Blob(ast.literal_eval(size), ast.literal_eval(seed))
    if isinstance(node, (ast.Tuple, ast.List)):
        items = [value(item) for item in node.elts]
        return tuple(items) if isinstance(node, ast.Tuple) else items
    return ast.literal_eval(node)


def written_call(planned: Planned) -> str:
    """A call as ``read_call`` reads it."""
    op, args, kwargs = planned
    return f"{op}({', '.join([*map(repr, args), *(f'{name}={value!r}' for name, value in kwargs.items())])})"


def written_all(values: Mapping[str, Any]) -> dict[str, str]:
    """Values by name as ``read_all`` reads them."""
    return {name: repr(value) for name, value in values.items()}

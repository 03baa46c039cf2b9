"""How a script makes the object of a spec."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from conformance.reproduction.source import made
from conformance.spec import Spec


@dataclass(frozen=True)
class Making:
    """An expression in terms of ``mp``, and the functions of the spec's module that it calls."""

    text: str
    names: tuple[str, ...] = ()


def making(spec: Spec, arguments: Mapping[str, Any]) -> Making:
    """The expression that makes an object with these arguments."""
    statement = made(spec, arguments)
    return Making(statement.text, tuple(function.__name__ for function in statement.functions))

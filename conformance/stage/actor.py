"""An actor: a child of the stage, or one of its threads, that makes the calls that the driver sends."""

from __future__ import annotations

import importlib
import os
from time import monotonic_ns

from conformance.stage import blame, stagehand
from conformance.stage.wire import Address, Link
from conformance.vocabulary.outcomes import UNJUDGED, Observed, raised, returned
from conformance.vocabulary.spec import Spec
from conformance.vocabulary.values import build

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Callable, Dict, List, Tuple


def main(address: Address, token: str, crew: int, index: int, objects: List[Any], module: str, name: str) -> None:
    """Runs a process that serves one driver until it hangs up, then exits without cleaning up."""
    stagehand.leave()
    try:
        serve(address, token, crew, index, objects, module, name)
    finally:
        os._exit(0)  # what the objects do at exit is left to scenarios


def serve(address: Address, token: str, crew: int, index: int, objects: List[Any], module: str, name: str) -> None:
    """Makes the calls that the driver sends, until it hangs up."""
    spec = find(module, name)
    mine = keep_own_parts(objects, index) if spec.parts else list(objects)
    calls = {op: operation.body or plain(op) for op, operation in spec.operations.items()}
    link = Link(address, token, "actor", crew, index, os.getpid())  # connecting says that it is ready
    for kind, *details in link.frames():
        if kind == "calls":
            perform(link, calls, mine, *details)
        elif kind == "drop":
            mine[details[0]] = None
    link.socket.close()


def find(module: str, name: str) -> Spec:
    """The spec with this name in a spec module."""
    found = importlib.import_module(module)
    return next(s for s in vars(found).values() if isinstance(s, Spec) and s.name == name)


def keep_own_parts(objects: List[Tuple[Any, ...]], index: int) -> List[Any]:
    """Returns this actor's part of each object, and closes its copies of the other parts."""
    for parts in objects:
        for other, part in enumerate(parts):
            if other != index:
                part.close()
    return [parts[index] for parts in objects]


def plain(op: str) -> Callable[..., Any]:
    """A function that calls the method with this name."""

    def method(subject: Any, /, *args: Any, **kwargs: Any) -> Any:
        return getattr(subject, op)(*args, **kwargs)

    return method


def perform(
    link: Link,
    calls: Dict[str, Callable[..., Any]],
    objects: List[Any],
    at: int,
    item: int,
    planned: List[Tuple[int, str, Tuple[Any, ...], Dict[str, Any]]],
) -> None:
    """Makes the planned calls on one object, one after the other, beginning at the time ``at`` (ns).

    Spinning until then lets the actors of one round start together.
    """
    obj = objects[item]
    while monotonic_ns() < at:
        pass
    for call, op, args, kwargs in planned:
        args = tuple([build(arg) for arg in args])
        kwargs = {name: build(value) for name, value in kwargs.items()}
        start, end, seen = timed(calls[op], obj, args, kwargs)
        link.send([call, start, end, seen.kind, seen.text, seen.names])


def timed(
    call: Callable[..., Any], obj: Any, args: Tuple[Any, ...], kwargs: Dict[str, Any]
) -> Tuple[int, int, Observed]:
    """Makes a call; returns its start and end in nanoseconds, and what was observed."""
    start = monotonic_ns()
    try:
        value = call(obj, *args, **kwargs)
        end = monotonic_ns()
    except BaseException as error:
        end, own = monotonic_ns(), blame.explain_own(error)
        return start, end, Observed(UNJUDGED, own) if own else raised(error)
    return start, end, returned(value)

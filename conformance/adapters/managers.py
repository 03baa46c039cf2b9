"""Manager(): every object is a proxy of one that lives in the manager's process."""

import importlib
from typing import Any, List

from conformance.implementation import EVERYTHING, Implementation
from conformance.stage.stagehand import ticks

MADE = ("Event", "Barrier")

started: List[Any] = []  # the manager of this process, once it is needed


class Proxies:
    """A context whose objects are made by one manager."""

    def __init__(self, context: Any) -> None:
        self.context = context

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") or name == "context":
            raise AttributeError(name)
        return getattr(self.manager() if name in MADE else self.context, name)

    def manager(self) -> Any:
        """The manager: one is enough, and it ends with its process."""
        if not started:
            before = set(self.context.active_children())
            started.append(self.context.Manager())
            for process in set(self.context.active_children()) - before:
                ticks(process.pid)
        return started[0]


def bind(start_method: str) -> Any:
    """A context with a manager of its own."""
    return Proxies(importlib.import_module("multiprocessing").get_context(start_method))


implementation = Implementation(
    "multiprocessing.managers",
    package="multiprocessing",
    provides=frozenset(
        ["Event", "Barrier", "Manager", "managers"]
    ),  # its other objects are those of threading and queue
    lacks=frozenset(["sharedctypes.RawValue"]),  # which cannot be passed to a manager
    borrows=EVERYTHING,
    bind=bind,
    program="import multiprocessing as mp",
)

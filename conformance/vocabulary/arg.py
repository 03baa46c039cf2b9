"""Domains: the arguments with which a method or a scenario is called, as plain data.

    @queue.op(obj=arg.items, block=arg.blocks, timeout=arg.timeouts)
    @queue.scenario("exit.flushes", objs=arg.lists(1, 5), size=arg.one_of(10, 300_000))

A parameter with a default is often left out in calls of a method. Values are as a script can write them: numbers,
strings, bytes, tuples, None, and ``Blob``. Only the driver turns domains into Hypothesis strategies.
"""

from __future__ import annotations

from conformance.vocabulary.frozen import Frozen

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Tuple

SHORT = 0.012
"""A timeout, in seconds, that a run waits out."""

LONG = 3600.0
"""A timeout, in seconds, that no run waits out."""


MONTH = 30 * 24 * 3600.0
"""A timeout, in seconds, whose milliseconds are too many for 31 bits."""


class Domain(Frozen):
    """A set of values.

    ``kind`` is ``choices`` (one of ``values``, repeated to weigh), ``integers`` (from
    ``values[0]`` to ``values[1]``), ``items`` (distinct objects of many types) or ``lists``
    (up to ``values[1]`` distinct objects, at least ``values[0]``).
    """

    kind: str
    values: Tuple[Any, ...] = ()
    positional: bool = False


def one_of(*values: Any) -> Domain:
    """One of these values, each as likely as the others: who is named twice comes twice as often."""
    return Domain("choices", values)


def integers(low: int, high: int) -> Domain:
    """A whole number from ``low`` to ``high``, both included."""
    return Domain("integers", (low, high))


def lists(low: int, high: int) -> Domain:
    """A tuple of ``low`` to ``high`` distinct objects, both included; for scenarios and streams, not for methods."""
    return Domain("lists", (low, high))


def positional(domain: Domain) -> Domain:
    """The same values, for a parameter whose name is not documented: it is never passed by keyword."""
    return Domain(domain.kind, domain.values, positional=True)


items = Domain("items")
"""Objects that pickle: numbers, strings, bytes, tuples, None and false values; few are large (100,000 bytes)."""

small_items = Domain("small_items")
"""The same, each of less than 1100 bytes: far smaller than the buffer of a pipe."""

blocks = one_of(True, False)
"""Values of ``block``."""

timeouts = one_of(None, SHORT, LONG, 0, -1)
"""Values of ``timeout``, in seconds: unlimited, waited out, never waited out, none, negative."""

unsigned_timeouts = one_of(None, SHORT, LONG, 0)
"""The same without a negative one: the manual says what that means for locks, and nothing for queues and events."""

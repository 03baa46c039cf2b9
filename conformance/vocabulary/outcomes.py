"""What a call may do: the outcomes that a relation yields, and what was observed.

Every outcome answers one question, ``admits(observed)``, and can say itself in words.
"""

from __future__ import annotations

from types import TracebackType

from conformance.vocabulary.frozen import Frozen
from conformance.vocabulary.values import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, NoReturn, Optional, Tuple, Type, Union


UNJUDGED = "unjudged"


class Observed(Frozen):
    """How a call ended: ``returned`` a value or ``raised`` an exception, as text, or ``unjudged`` with the reason.

    ``names`` are the qualified names of the value's or exception's type and its bases;
    ``text`` is the value, or the tuple of the exception's arguments.
    """

    kind: str
    text: str
    names: Tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.kind == "raised":
            return "raised %s%s" % (self.names[0] if self.names else "?", self.text)
        return "%s %s" % (self.kind, self.text) if self.text else self.kind


class Outcome(Frozen):
    """An outcome that the documentation permits."""

    def admits(self, observed: Observed) -> bool:
        """Whether a call that ended so has this outcome."""
        raise NotImplementedError


class Returns(Outcome):
    """A value, which is compared as text; ``returns()`` makes it."""

    value: str

    def admits(self, observed: Observed) -> bool:
        """Whether the call returned a value with this text."""
        return observed.kind == "returned" and observed.text == self.value

    def __str__(self) -> str:
        return "returns %s" % self.value


class ReturnsA(Outcome):
    """Any value of exactly one type, whose qualified name is ``kind``; ``returns_a()`` makes it."""

    kind: str

    def admits(self, observed: Observed) -> bool:
        """Whether the call returned a value of this type, and not of a subtype."""
        return observed.kind == "returned" and observed.names[:1] == (self.kind,)

    def __str__(self) -> str:
        return "returns some %s" % self.kind.rpartition(".")[2]


class Raises(Outcome):
    """An exception of a type or a subtype; in a scenario, a block that must end with it.

    A name without a module (``"BufferTooShort"``) stands for the implementation's own type.
    """

    name: str
    args: Optional[str] = None

    def admits(self, observed: Observed) -> bool:
        """Whether the call raised an exception of this type or a subtype, with these arguments if they are known."""
        if observed.kind != "raised":
            return False
        names = observed.names if "." in self.name else [n.rpartition(".")[2] for n in observed.names]
        return self.name in names and self.args in (None, observed.text)

    def __enter__(self) -> "Raises":
        return self

    def __exit__(
        self,
        kind: Optional[Type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> bool:
        if error is None:
            raise AssertionError("%s was promised, and nothing was raised" % self.name)
        return self.admits(raised(error))

    def __str__(self) -> str:
        return "raises %s%s" % (self.name.replace("builtins.", ""), self.args or "")


class Blocks(Outcome):
    """The call does not return in this state: it waits for the state to change."""

    def admits(self, observed: Observed) -> bool:
        """No: a call that has ended does not block."""
        return False

    def __str__(self) -> str:
        return "blocks"


class Expires(Outcome):
    """The call gives up, at its deadline and never before; ``timeout`` in seconds."""

    timeout: Optional[float]
    outcome: Outcome

    def admits(self, observed: Observed) -> bool:
        """Whether the call had a timeout and ended with the outcome; when it did is compared elsewhere."""
        return self.timeout is not None and self.outcome.admits(observed)

    def __str__(self) -> str:
        return "%s after %s s" % (self.outcome, self.timeout)


class Then(Outcome):
    """A step of a call that goes on: in another phase, and with ``outcome`` in the end, if that is known."""

    phase: str
    outcome: Optional[Outcome] = None

    def admits(self, observed: Observed) -> bool:
        """Whether the call may have ended so; any end may follow if no outcome is known yet."""
        return self.outcome is None or self.outcome.admits(observed)

    def __str__(self) -> str:
        return "goes on (%s)" % self.phase if self.outcome is None else "%s, once it may" % self.outcome


class Unspecified(Outcome):
    """The documentation is silent: any return and any exception will do."""

    def admits(self, observed: Observed) -> bool:
        """Whether the call returned or raised, and did not die."""
        return observed.kind in ("returned", "raised")

    def __str__(self) -> str:
        return "may return or raise anything"


blocks = Blocks()
"""The call may wait in this state, without limit. Without it, the call must return."""

unspecified = Unspecified()
"""The documentation is silent: the call may return anything or raise any exception, or wait."""


def returns(value: Any) -> Returns:
    """The call returns an object equal to ``value`` and of its type: ``returns(True)`` does not permit 1.

    Args:
        value: The object, or the ``Blob`` that stands for it. They are compared by their reprs.
    """
    return Returns(text(value))


def returns_a(kind: type) -> ReturnsA:
    """The call returns some object whose type is exactly ``kind``: ``returns_a(int)`` does not permit True."""
    return ReturnsA(qualified(kind))


def raises(error: Union[Type[BaseException], str], *args: Any) -> Raises:
    """The call raises an exception; in a scenario, a block that must end with one.

        yield "full", raises(queue.Full)
        with raises("AuthenticationError"):
            listener.accept()

    Args:
        error: The exception's type, or a base of it. A name without a module stands for the implementation's own type,
            wherever that is defined.
        *args: The arguments that the exception must carry, exactly; without any, it does not matter.

    Raises:
        AssertionError: The block ends without an exception. Another one than that goes on as it is.
    """
    name = error if isinstance(error, str) else qualified(error)
    return Raises(name, text(args) if args else None)


class Unproven(Exception):
    """A scenario cannot show its clause here; the message says why."""


def unproven(reason: str) -> NoReturn:
    """Ends a scenario that can show nothing on this machine, or with this start method; its clause is *unproven*.

        if not hasattr(os, "waitid"):
            unproven("this Python has no os.waitid()")

    Args:
        reason: What is missing, as the run reports it, without a full stop.

    Raises:
        Unproven: Always.
    """
    raise Unproven(reason)


def then(phase: str, outcome: Optional[Outcome] = None) -> Then:
    """The call does not return yet: it takes a step, after which the relation is asked again in another phase.

        if phase is None:
            yield "waits", then("asleep"), replace(state, holder=None)

    Args:
        phase: What the relation's keyword-only parameter ``phase`` is from now on.
        outcome: What the call ends with, whatever else comes, if that is already settled.
    """
    return Then(phase, outcome)


def phase(outcome: Outcome) -> Optional[str]:
    """The phase in which a call goes on after this outcome; None if it returns."""
    step = outcome.outcome if isinstance(outcome, Expires) else outcome
    return step.phase if isinstance(step, Then) else None


def expires(timeout: Optional[float], outcome: Outcome) -> Expires:
    """The call gives up waiting once its timeout is over, and no earlier; to be yielded beside ``blocks``.

        yield "waits", blocks
        yield "expires", expires(timeout, returns(False))

    Args:
        timeout: Seconds from the start of the call on; zero or less: at once; None: never.
        outcome: How it ends then.
    """
    return Expires(timeout, outcome)


def qualified(kind: type) -> str:
    """The name of a type with its module; an accelerator such as ``_queue`` counts as ``queue``."""
    return "%s.%s" % (kind.__module__.lstrip("_"), kind.__qualname__)


def returned(value: Any) -> Observed:
    """The observation of a call that returned."""
    return Observed("returned", text(value), (qualified(type(value)),))


def raised(error: BaseException) -> Observed:
    """The observation of a call that raised."""
    return Observed("raised", text(error.args), tuple(qualified(k) for k in type(error).__mro__[:-1]))

"""What a call may do: the outcomes that a relation yields, and what was observed.

Every outcome answers one question, ``admits(observed)``, and can say itself in words.
"""

from __future__ import annotations

from types import TracebackType

from conformance.vocabulary.frozen import Frozen
from conformance.vocabulary.values import text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Optional, Tuple, Type, Union


class Observed(Frozen):
    """How a call ended: ``returned`` a value or ``raised`` an exception, as text.

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
        raise NotImplementedError


class Returns(Outcome):
    value: str

    def admits(self, observed: Observed) -> bool:
        return observed.kind == "returned" and observed.text == self.value

    def __str__(self) -> str:
        return "returns %s" % self.value


class ReturnsA(Outcome):
    kind: str

    def admits(self, observed: Observed) -> bool:
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
        return False

    def __str__(self) -> str:
        return "blocks"


class Expires(Outcome):
    """The call gives up, at its deadline and never before; ``timeout`` in seconds."""

    timeout: Optional[float]
    outcome: Outcome

    def admits(self, observed: Observed) -> bool:
        return self.timeout is not None and self.outcome.admits(observed)

    def __str__(self) -> str:
        return "%s after %s s" % (self.outcome, self.timeout)


class Then(Outcome):
    """A step of a call that goes on: in another phase, and with ``outcome`` in the end, if that is known."""

    phase: str
    outcome: Optional[Outcome] = None

    def admits(self, observed: Observed) -> bool:
        return self.outcome is None or self.outcome.admits(observed)

    def __str__(self) -> str:
        return "goes on (%s)" % self.phase if self.outcome is None else "%s, once it may" % self.outcome


class Unspecified(Outcome):
    """The documentation is silent: any return and any exception will do."""

    def admits(self, observed: Observed) -> bool:
        return observed.kind in ("returned", "raised")

    def __str__(self) -> str:
        return "may return or raise anything"


blocks = Blocks()
unspecified = Unspecified()


def returns(value: Any) -> Returns:
    """The call returns an object equal to ``value`` and of its type."""
    return Returns(text(value))


def returns_a(kind: type) -> ReturnsA:
    """The call returns some object of exactly this type."""
    return ReturnsA(qualified(kind))


def raises(error: Union[Type[BaseException], str], *args: Any) -> Raises:
    """The call raises ``error``; with ``args``, an exception that carries exactly these."""
    name = error if isinstance(error, str) else qualified(error)
    return Raises(name, text(args) if args else None)


def then(phase: str, outcome: Optional[Outcome] = None) -> Then:
    """The call does not return yet: from now on it is in ``phase``, and ends with ``outcome``, if given."""
    return Then(phase, outcome)


def phase(outcome: Outcome) -> Optional[str]:
    """The phase in which a call goes on after this outcome; None if it returns."""
    step = outcome.outcome if isinstance(outcome, Expires) else outcome
    return step.phase if isinstance(step, Then) else None


def expires(timeout: Optional[float], outcome: Outcome) -> Expires:
    """The call ends with ``outcome`` once ``timeout`` seconds are over; never if it is None."""
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

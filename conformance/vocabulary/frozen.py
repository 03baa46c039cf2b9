"""Frozen values that are declared as dataclasses are, for what runs in the subject's interpreter.

A process that is started anew imports all of it, and thousands are started in a run: importing dataclasses, and
making the classes with it, took a third of the time that such a process lived. For the same reason nothing that it
imports needs typing, except for the type checker, which takes the name TYPE_CHECKING for true.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, FrozenSet, NoReturn, Tuple, TypeVar, dataclass_transform

    Value = TypeVar("Value", bound="Frozen")
else:

    def dataclass_transform(**_):
        """Stands for what only the type checker needs."""
        return lambda kind: kind


@dataclass_transform(frozen_default=True)
class Frozen:
    """A value whose annotated class attributes are its fields, after those of its base classes; states are such.

        class Lock(Frozen):
            holder: Optional[int] = None

    It is made with positional arguments or keywords, equal to a value of the same type with equal fields, and
    hashable if they are, as those of a state must be: tuples and frozensets, not lists. Names that begin with an
    underscore are no fields.

    Raises:
        TypeError: It is made without a field that has no default, or with what is no field.
        AttributeError: A field is assigned to; ``replace()`` makes another value.
    """

    _fields: Tuple[str, ...] = ()
    _names: FrozenSet[str] = frozenset()
    _defaults: Dict[str, Any] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        own = [name for name in getattr(cls, "__annotations__", {}) if not name.startswith("_")]
        cls._fields = tuple(dict.fromkeys([*cls._fields, *own]))
        cls._names = frozenset(cls._fields)
        cls._defaults = {**cls._defaults, **{name: vars(cls)[name] for name in own if name in vars(cls)}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        mine = vars(self)
        if len(args) == len(self._fields) and not kwargs:  # most values are made so, hundreds of thousands in a run
            mine.update(zip(self._fields, args))
            return
        given = dict(zip(self._fields, args), **kwargs)
        mine.update(self._defaults)
        mine.update(given)
        if len(given) < len(args) + len(kwargs) or mine.keys() != self._names:
            raise TypeError("%s takes the fields %s" % (type(self).__name__, ", ".join(self._fields)))

    def __setattr__(self, name: str, value: Any) -> NoReturn:
        raise AttributeError("%s is frozen: replace() makes another one" % type(self).__name__)

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        mine = vars(self)
        return hash(tuple([mine[name] for name in self._fields]))

    def __repr__(self) -> str:
        return "%s(%s)" % (type(self).__name__, ", ".join("%s=%r" % (f, getattr(self, f)) for f in self._fields))


def replace(value: Value, **changes: Any) -> Value:
    """The value with ``changes`` of some fields: ``replace(state, holder=me)``. Raises TypeError for other names."""
    new: Value = object.__new__(type(value))
    mine = vars(new)
    mine.update(vars(value))
    mine.update(changes)
    if len(mine) != len(value._names):
        raise TypeError("%s has the fields %s" % (type(value).__name__, ", ".join(value._fields)))
    return new


def defaults(kind: type[Frozen]) -> Dict[str, Any]:
    """The fields of a class that have a default, with it."""
    return dict(kind._defaults)

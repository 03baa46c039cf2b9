"""Broken implementations, each of which the specs must catch.

A mutant is multiprocessing with something wrong in it, named after the misbehaviour.
``breaks`` names the clauses that a run must report as violated. What the class defines takes
the place of what the real context has: a class is made with ``ctx``, a function is called
with the context as its first argument.
"""

import functools
import inspect
import multiprocessing
from multiprocessing import connection, reduction


class Mutant:
    """The real thing, where a subclass does not say otherwise."""

    breaks = ()

    @classmethod
    def get_context(cls, method=None):
        return Context(cls, multiprocessing.get_context(method))

    @staticmethod
    def get_all_start_methods():
        return multiprocessing.get_all_start_methods()


class Context:
    """A context of multiprocessing with some of its attributes replaced by a mutant's."""

    def __init__(self, mutant, real):
        self._mutant, self._real = mutant, real

    def __getattr__(self, name):
        if name.startswith("__") or name == "breaks":
            raise AttributeError(name)
        replaced = inspect.getattr_static(self._mutant, name, None)
        if inspect.isclass(replaced):
            return functools.partial(replaced, ctx=self)
        if inspect.isfunction(replaced):
            return functools.partial(replaced, self)
        return getattr(self._real, name)


class BrokenConnection(connection.Connection):
    """A connection whose subclass survives being sent to another process."""

    def __reduce__(self):
        handle = reduction.DupFd(self.fileno())
        return rebuild, (type(self), handle, self._readable, self._writable)


def rebuild(kind, handle, readable, writable):
    return kind(handle.detach(), readable, writable)


def pipe_of(kind, ctx, duplex=True):
    """A real pipe whose ends have become ``kind``; two kinds make the ends different."""
    first, second = kind if isinstance(kind, tuple) else (kind, kind)
    one, other = ctx._real.Pipe(duplex)
    one.__class__, other.__class__ = first, second
    return one, other

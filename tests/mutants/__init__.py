"""Broken implementations, each of which the specs must catch.

A mutant is multiprocessing with something wrong in it, named after the misbehavior.
``breaks`` names the clauses that a run must report as violated. What the class defines takes
the place of what the real context has: a class is made with ``ctx``, a function is called
with the context as its first argument; any other attribute is what the context has, such as a
``Patched`` submodule.
"""

import functools
import importlib
import inspect
import multiprocessing
from multiprocessing import connection, reduction

SUBMODULES = ("connection", "dummy", "managers", "pool", "process", "shared_memory", "sharedctypes")


class Whole(type):
    """What a mutant does not replace is the package's, so that programs can import a mutant in its place."""

    def __getattr__(cls, name):
        if name in SUBMODULES:
            return importlib.import_module(f"multiprocessing.{name}")
        return getattr(multiprocessing, name)


class Mutant(metaclass=Whole):
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
        if replaced is not None and not isinstance(replaced, (classmethod, staticmethod)):
            return replaced
        if name in SUBMODULES:
            return importlib.import_module(f"multiprocessing.{name}")
        return getattr(self._real, name)


class Patched:
    """A module with other attributes: ``shared_memory = Patched(shared_memory, ShareableList=Broken)``."""

    def __init__(self, module, **replaced):
        self._module = module
        self.__dict__.update(replaced)

    def __getattr__(self, name):
        if name.startswith("__") or name == "_module":
            raise AttributeError(name)
        return getattr(self._module, name)


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

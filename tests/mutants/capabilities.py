"""An implementation that has hardly anything of what it claims."""

import multiprocessing

from conformance.vocabulary.capabilities import CAPABILITIES, MODULES, NECESSARY, slug
from mutants import Context, Mutant, Whole

ABSENT = {name.partition(".")[0] for name in CAPABILITIES} | set(MODULES)
ABSENT -= set(NECESSARY)


class Bare(Context):
    """A context without most of what contexts have."""

    def __getattr__(self, name):
        if name in ABSENT:
            raise AttributeError(name)
        return super().__getattr__(name)


class Emptied(Whole):
    """A package without most of what packages have, and whose submodules are empty."""

    def __getattr__(cls, name):
        if name in ABSENT:
            raise AttributeError(name)
        return super().__getattr__(name)


class says_that_it_has_everything(Mutant, metaclass=Emptied):
    """Claims to have all, and has neither primitives nor submodules."""

    breaks = tuple(f"capability.{slug(name)}" for name in CAPABILITIES if name.partition(".")[0] in ABSENT)

    @classmethod
    def get_context(cls, method=None):
        return Bare(cls, multiprocessing.get_context(method))

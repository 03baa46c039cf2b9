"""Broken shared values; tests/mutants/sharedctypes/sharedctypes.py has those faults that arrays have, too."""

from multiprocessing import sharedctypes

from mutants import Mutant
from mutants.sharedctypes.sharedctypes import everywhere


@everywhere
class not_below_zero(Mutant):
    """Takes a number below zero for a mistake."""

    breaks = ("value.made", "value.typecodes", "value.types")

    def raw_value(code, *args):
        if args and isinstance(args[0], int) and args[0] < 0:
            raise ValueError("a value cannot be negative")
        return sharedctypes.RawValue(code, *args)


@everywhere
class initial_value_forgotten(Mutant):
    """Starts at zero whatever it is made with."""

    breaks = ("value.get.tells", "value.increment.adds", "value.typecodes", "value.types", "value.arguments")

    def raw_value(code, *args):
        sharedctypes.RawValue(code, *args)
        return sharedctypes.RawValue(code)


@everywhere
class read_once(Mutant):
    """Keeps in each process what that has read or stored."""

    breaks = ("value.get.tells", "value.counted")

    class Wrapper:
        known = None

        @property
        def value(self):
            with self:
                self.known = self._obj.value if self.known is None else self.known
                return self.known

        @value.setter
        def value(self, number):
            with self:
                self.known = self._obj.value = number


@everywhere
class numbers_in_words(Mutant):
    """Converts what it stores."""

    breaks = ("value.refuses",)

    class Wrapper:
        @property
        def value(self):
            with self:
                return self._obj.value

        @value.setter
        def value(self, number):
            with self:
                self._obj.value = type(self._obj.value)(number)


@everywhere
class small_numbers_only(Mutant):
    """Refuses to store what does not fit into a digit."""

    breaks = ("value.set.stores", "value.types")

    class Wrapper:
        @property
        def value(self):
            with self:
                return self._obj.value

        @value.setter
        def value(self, number):
            if not -9 <= number <= 9:
                raise OverflowError(number)
            with self:
                self._obj.value = number

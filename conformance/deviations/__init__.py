"""Known violations, strict both ways: one that shows is expected, one that does not is news."""

from conformance.deviations.entry import Deviation, Rate, expected
from conformance.deviations.files import BrokenDeviations, load, load_all, own, places

__all__ = ["BrokenDeviations", "Deviation", "Rate", "expected", "load", "load_all", "own", "places"]

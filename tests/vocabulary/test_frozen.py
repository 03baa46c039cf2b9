"""Frozen values: what specs and the harness declare on the subject's side."""

import copy
import pickle

import pytest

from conformance.vocabulary.frozen import Frozen, defaults, replace


class Point(Frozen):
    """A value."""

    x: int
    y: int = 0


class Placed(Point):
    """A value with a field more."""

    name: str = ""


def test_frozen_takes_fields_by_position_or_name_bases_first():
    placed = Placed(1, 2, name="a")
    assert (placed.x, placed.y, placed.name) == (1, 2, "a")
    assert Placed(1).y == 0
    assert defaults(Placed) == {"y": 0, "name": ""}


@pytest.mark.parametrize(
    ("args", "kwargs"),
    [((), {}), ((), {"y": 1}), ((1, 2, 3), {}), ((1,), {"x": 1}), ((1,), {"z": 1}), ((), {"y": 1, "z": 1})],
)
def test_frozen_refuses_other_arguments(args, kwargs):
    with pytest.raises(TypeError, match="Point takes the fields x, y"):
        Point(*args, **kwargs)


def test_frozen_values_are_equal_by_type_and_fields():
    assert Point(1, 2) == Point(y=2, x=1)
    assert hash(Point(1, 2)) == hash(Point(y=2, x=1))
    assert Point(1, 2) != Point(2, 1)
    assert Placed(1, 2) != Point(1, 2)


def test_frozen_value_does_not_change():
    point = Point(1)
    with pytest.raises(AttributeError, match="Point is frozen"):
        point.x = 2
    assert replace(point, y=5) == Point(1, 5)
    assert point == Point(1)
    with pytest.raises(TypeError, match="Point has the fields x, y"):
        replace(point, z=1)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, lambda value: pickle.loads(pickle.dumps(value))])
def test_frozen_copies_are_equal(copied):
    assert copied(Placed(1, name="a")) == Placed(1, name="a")


def test_frozen_repr_shows_its_fields():
    assert repr(Placed(1, name="a")) == "Placed(x=1, y=0, name='a')"

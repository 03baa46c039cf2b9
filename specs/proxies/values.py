"""Proxies of values, arrays, and namespaces."""

import array
import pickle
import re

from conformance import module, raises
from specs.proxies.proxies import MANAGERS, SYNC, like, proxy, shared

NAMESPACE = MANAGERS + ".Namespace"


@proxy.scenario("value.writable", doc=SYNC + ".Value")
def values_are_writable(mp):
    """SyncManager.Value(typecode, value) creates a new object whose attribute value can be read and assigned to."""
    kept = shared(mp)
    first, second = kept.Value("i", 7), kept.Value("d", 0.5)
    assert (first.value, second.value) == (7, 0.5)
    first.value = -8
    first.value += 1
    again = pickle.loads(pickle.dumps(first))
    assert (again.value, first.value, second.value) == (-7, -7, 0.5)
    again.value = 9
    assert first.value == 9


@proxy.scenario("array.items", doc=SYNC + ".Array")
def arrays_have_items(mp):
    """SyncManager.Array(typecode, sequence) creates an array with these items, which can be read and assigned to like
    those of an array.array."""
    for code, items in ("i", [1, -2, 3]), ("d", (0.5, 1.5)), ("B", range(4)):
        plain = array.array(code, items)
        made = shared(mp).Array(code, items)
        assert made._getvalue() == plain
        for each in (
            "len(it)",
            "it[0], it[-1]",
            "it[9]",
            "list(it)",
            "it[0] = 5",
            "it[9] = 5",
            "it[1] = 'x'",
            "it[-1] = 0",
        ):
            like(made, plain, each)
            assert (each, made._getvalue()) == (each, plain)


@proxy.scenario("array.typed", doc=SYNC + ".Array")
def arrays_have_a_type(mp):
    """The items of an array that SyncManager.Array() creates have the type that typecode specifies."""
    small, real = shared(mp).Array("B", [255]), shared(mp).Array("d", [1])
    assert repr(real[0]) == "1.0"
    with raises(OverflowError):
        small[0] = 256
    with raises(TypeError):
        small[0] = 1.5
    assert small[0] == 255


@proxy.scenario("namespace.attributes", doc=SYNC + ".Namespace")
def namespaces_have_attributes(mp):
    """Assigning or deleting an attribute through one proxy of a namespace takes effect for all its proxies. A missing
    attribute raises AttributeError."""
    space, other = shared(mp).Namespace(), shared(mp).Namespace()
    again = pickle.loads(pickle.dumps(space))
    space.x = 10
    again.y = ["hello"]
    assert (again.x, space.y) == (10, ["hello"])
    again.x = 11
    assert space.x == 11
    del again.x
    for each, name in (space, "x"), (again, "x"), (other, "y"):
        with raises(AttributeError):
            getattr(each, name)


@proxy.scenario("namespace.underscore", doc=NAMESPACE)
def proxies_have_private_attributes(mp):
    """An attribute whose name begins with an underscore belongs to the proxy: neither the namespace nor
    its other proxies have it."""
    space = shared(mp).Namespace()
    space._z = 12.3
    space.z = "shared"
    again = pickle.loads(pickle.dumps(space))
    assert (space._z, space.z, again.z) == (12.3, "shared", "shared")
    assert str(space) == "Namespace(z='shared')"
    assert not hasattr(again, "_z")
    del space._z
    assert not hasattr(space, "_z")


@proxy.scenario("namespace.representation", doc=NAMESPACE)
def namespaces_are_represented(mp):
    """The repr() of a namespace shows its attributes and their values. A namespace has no public methods."""
    plain, space = module(mp, "managers").Namespace(), shared(mp).Namespace()
    assert [name for name in dir(plain) if name[:1] != "_"] == []
    for each in plain, space:
        each.x = 10
        each.y = "hello"
    assert repr(plain) == str(space) == "Namespace(x=10, y='hello')"
    assert re.match("<NamespaceProxy object, typeid 'Namespace' at ", repr(space))

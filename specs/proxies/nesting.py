"""Nested objects: proxies inside of lists and dicts that are shared as well."""

import re

from conformance import child, module
from specs.managers.managers import collect, started
from specs.proxies.proxies import OBJECTS, SYNC, proxy, shared, strangers


@proxy.scenario("nested.same", doc=OBJECTS)
def containers_contain_proxies(mp):
    """A proxy stored in a container is returned as a proxy for the same referent, and the str() of the
    container shows it as a proxy."""
    kept = shared(mp)
    outer, inner = kept.list(), kept.list()
    outer.append(inner)
    assert re.fullmatch(r"\[<ListProxy object, typeid 'list' at .*>\]", str(outer))
    inner.append("hello")
    assert (str(outer[0]), str(inner)) == ("['hello']", "['hello']")
    outer[0].append("again")
    assert inner._getvalue() == ["hello", "again"]
    assert type(outer._getvalue()[0]) is type(inner)


@proxy.scenario("nested.mixed", doc=SYNC)
def containers_mix(mp):
    """Lists and dicts can be nested in each other, and nested objects stay shared even if no
    other proxy of them is left."""
    kept = shared(mp)
    outer = kept.list([kept.dict() for _ in range(2)])
    outer.append(kept.dict(deep=kept.list([kept.Namespace()])))
    collect()
    first = outer[0]
    first["a"] = 1
    first["b"] = 2
    outer[1]["c"] = 3
    outer[2]["deep"][0].x = 4
    assert (str(outer[0]), str(outer[1])) == ("{'a': 1, 'b': 2}", "{'c': 3}")
    assert str(outer[2]["deep"][0]) == "Namespace(x=4)"


def change_the_inner(outer):
    outer["inner"].append("there")


@proxy.scenario("nested.elsewhere", doc=OBJECTS)
def contained_proxies_work_elsewhere(mp):
    """Another process can take a proxy out of a container and use it."""
    kept = shared(mp)
    outer = kept.dict({"inner": kept.list(["here"])})
    with child(mp, change_the_inner, outer) as process:
        process.join()
    assert process.exitcode == 0
    assert outer["inner"]._getvalue() == ["here", "there"]


@proxy.scenario("nested.used-there", doc=OBJECTS)
def contained_proxies_are_used_there(mp):
    """The methods of a container use the proxies in it like their referents: sort(key=len) sorts a
    list of lists by length."""
    kept = shared(mp)
    outer = kept.list([kept.list("abc"), kept.list(), kept.list("de")])
    collect()
    outer.sort(key=len)
    assert [str(inner) for inner in outer] == ["[]", "['d', 'e']", "['a', 'b', 'c']"]


@proxy.scenario("nested.own-key", doc=OBJECTS)
def containers_with_a_key(mp):
    """Objects can be nested even if their manager has an authkey of its own."""
    made = strangers(module(mp, "managers").SyncManager)(ctx=mp, authkey=b"a key of its own")
    with started(mp, made):
        outer = made.list([made.list(["inside"])])
        assert outer[0][0] == "inside"


@proxy.scenario("nested.plain", doc=OBJECTS)
def plain_containers_are_copied(mp):
    """Changes to a plain object in a shared container are not seen until the object is assigned to its item again."""
    kept = shared(mp)
    for outer, key in (kept.list([{}]), 0), (kept.dict(inner={}), "inner"):
        inner = outer[key]
        inner["a"] = 1
        outer[key]["b"] = 2
        assert outer[key] == {}
        outer[key] = inner
        assert outer[key] == {"a": 1}
        inner["c"] = 3
        assert outer[key] == {"a": 1}

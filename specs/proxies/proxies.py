"""Proxies: objects that stand for an object in the process of a manager.

A proxy calls the methods of its referent, and still does so in a process to which it is passed.
This module covers proxies in general; those that every SyncManager creates are in ``containers`` and ``values``, and
proxies inside of others in ``nesting``.
"""

import array
import pickle
import re
import threading
from functools import lru_cache

from conformance import Secret, Spec, arg, child, module, raises
from specs.managers.managers import Remade, collect, newcomer

MANAGERS = "multiprocessing.managers"
BASE, SYNC = MANAGERS + ".BaseProxy", MANAGERS + ".SyncManager"
CALL = BASE + "._callmethod"
PAGE = "library/multiprocessing"
OBJECTS = PAGE + "#proxy-objects"

proxy = Spec("proxy", documents=BASE)


class Moody(Exception):
    """An exception of our own."""


class Strange:
    """An object with methods of kinds that a list does not have."""

    def __init__(self):
        self.called = []

    def arguments(self, *args, **kwds):
        self.called.append((args, kwds))
        return args, kwds

    def calls(self):
        return self.called

    def fail(self, kind, *args):
        raise kind(*args)

    def fail_unpicklably(self):
        raise Moody(Secret())

    def unpicklable(self):
        return Secret()

    def become_unpicklable(self):
        self.inner = Secret()

    def _secret(self):
        self.called.append("the secret")

    def __repr__(self):
        return "<a strange object>"

    def __str__(self):
        return "how it introduces itself"


@lru_cache(maxsize=None)
def strangers(base):
    class Strangers(base, metaclass=Remade):
        maker, made_of = strangers, (base,)

    Strangers.register("Strange", Strange)
    return Strangers


@lru_cache(maxsize=None)
def shared(mp):
    """Returns the one manager of all scenarios of a stage, which ends with the stage."""
    before, kept = mp.active_children(), mp.Manager()
    newcomer(mp, before)
    return kept


@lru_cache(maxsize=None)
def strange(mp):
    """Returns another manager, whose objects are of our own type, and which lives as long."""
    before, kept = mp.active_children(), strangers(module(mp, "managers").SyncManager)(ctx=mp)
    kept.start()
    newcomer(mp, before)
    return kept


def containers(mp):
    """Returns one proxy of each kind of this chapter that old versions have as well."""
    kept = shared(mp)
    return [
        kept.list([1, 2]),
        kept.dict({"one": 1}),
        kept.Value("i", 3),
        kept.Array("i", [4, 5]),
        kept.Namespace(),
    ]


def outcome(code, subject):
    """Returns the result of an expression or a statement about ``it``, or the exception that it raises."""
    names = {"it": subject}
    try:
        try:
            compiled = compile(code, code, "eval")
        except SyntaxError:
            compiled = compile(code, code, "exec")
        result = eval(compiled, names)
    except Exception as error:
        return type(error), None if isinstance(error, TypeError) else error.args  # which may name the operand's type
    assert names["it"] is subject, "%s binds the name to another object" % code
    return result


def like(subject, plain, codes):
    """Fails unless a proxy behaves like a plain object, line by line."""
    for code in codes.strip().splitlines():
        promised, observed = outcome(code, plain), outcome(code, subject)
        assert (code, observed) == (code, promised)


# ------------------------------------------------------------------ proxies in general


@proxy.scenario("instance")
def proxies_are_instances(mp):
    """Every proxy is an instance of a subclass of BaseProxy, and not of the type of its referent."""
    base = module(mp, "managers").BaseProxy
    for each in [*containers(mp), strange(mp).Strange()]:
        assert isinstance(each, base)
        assert type(each) is not base
        assert not isinstance(each, (list, dict, Strange))


@proxy.scenario("methods", doc=OBJECTS)
def methods_call_methods(mp):
    """A proxy has no public method that its referent does not have."""
    for kind in "Lock", "RLock", "Semaphore", "BoundedSemaphore", "Condition", "Event":
        proxied, referent = getattr(shared(mp), kind)(), getattr(threading, kind)()
        idle = [name for name in dir(proxied) if not name.startswith("_") and not hasattr(referent, name)]
        assert (kind, idle) == (kind, [])


@proxy.scenario("callmethod.calls", doc=CALL)
def methods_are_called(mp):
    """_callmethod(name, args, kwds) calls the method once with these arguments and returns its result."""
    odd = strange(mp).Strange()
    assert odd._callmethod("arguments") == ((), {})
    assert odd._callmethod("arguments", (1, [2])) == ((1, [2]), {})
    assert odd._callmethod("arguments", (), {"key": "word"}) == ((), {"key": "word"})
    assert odd.arguments(3, four=(4, None)) == ((3,), {"four": (4, None)})
    expected = [((), {}), ((1, [2]), {}), ((), {"key": "word"}), ((3,), {"four": (4, None)})]
    assert odd._callmethod("calls", args=(), kwds={}) == expected
    numbers = shared(mp).list(range(10))
    assert numbers._callmethod("__len__") == 10
    assert numbers._callmethod("__getitem__", (slice(2, 7),)) == [2, 3, 4, 5, 6]


@proxy.scenario("callmethod.copies", doc=CALL)
def results_are_copies(mp):
    """A method called through a proxy takes and returns copies: changing an argument or a result later does
    not change the referent."""
    odd, given = strange(mp).Strange(), [1]
    odd.arguments(given)
    given.append(2)
    calls = odd.calls()
    assert calls == [(([1],), {})]
    calls.clear()
    assert odd.calls() == [(([1],), {})]


@proxy.scenario("callmethod.raises", doc=CALL)
def exceptions_are_raised_again(mp):
    """_callmethod() raises the exception that the method raised, with the same type and the same arguments."""
    odd = strange(mp).Strange()
    errors = [
        Moody("a", 1),
        KeyError("key"),
        AttributeError("name"),
        StopIteration(5),
        EOFError("end"),
        OSError(2, "no"),
    ]
    for error in errors:
        with raises(type(error), *error.args):
            odd._callmethod("fail", (type(error), *error.args))
        with raises(type(error), *error.args):
            odd.fail(type(error), *error.args)
    with raises(IndexError):
        shared(mp).list(range(10))._callmethod("__getitem__", (20,))
    assert odd.arguments() == ((), {})


@proxy.scenario("callmethod.remote-error", doc=CALL)
def other_failures_are_remote_errors(mp):
    """_callmethod() raises RemoteError if the result or exception of the method cannot be sent back; the
    proxy can still be used."""
    odd = strange(mp).Strange()
    for name in "unpicklable", "fail_unpicklably":
        with raises("RemoteError"):
            odd._callmethod(name)
        assert odd.arguments(name) == ((name,), {})


@proxy.scenario("callmethod.not-exposed", doc=CALL)
def hidden_methods_are_not_called(mp):
    """_callmethod() raises RemoteError and calls nothing if the method is not exposed."""
    odd, numbers = strange(mp).Strange(), shared(mp).list([1])
    for each, name in (odd, "_secret"), (odd, "no_such_method"), (odd, "__init__"), (numbers, "__class__"):
        with raises("RemoteError"):
            each._callmethod(name)
    assert odd.calls() == []
    assert numbers[0] == 1


@proxy.scenario("getvalue.copies", doc=BASE + "._getvalue")
def values_are_copies(mp):
    """_getvalue() returns a copy of the referent, of the same type; changing the copy does not change the referent."""
    referents = [[1, {"two": 3}], {"one": [1]}]
    for made, plain in zip([shared(mp).list(referents[0]), shared(mp).dict(referents[1])], referents):
        copy = made._getvalue()
        assert type(copy) is type(plain)
        assert copy == plain
        copy.clear()
        assert made._getvalue() == plain
    assert shared(mp).Array("d", [1.5])._getvalue() == array.array("d", [1.5])
    assert type(strange(mp).Strange()._getvalue()) is Strange


@proxy.scenario("getvalue.unpicklable", doc=BASE + "._getvalue")
def values_that_do_not_pickle(mp):
    """_getvalue() raises an exception if the referent cannot be pickled; the proxy can still be used."""
    odd = strange(mp).Strange()
    odd.become_unpicklable()
    with raises(Exception):
        odd._getvalue()
    assert odd.arguments(1) == ((1,), {})


@proxy.scenario("repr", doc=BASE + ".__repr__")
def repr_represents_the_proxy(mp):
    """The repr() of a proxy shows the type of the proxy, its typeid, and its address, but nothing of the referent."""
    names = ["list", "dict", "Value", "Array", "Namespace", "Strange"]
    for each, typeid in zip([*containers(mp), strange(mp).Strange()], names):
        shown = "<%s object, typeid %r at " % (type(each).__name__, typeid)
        assert repr(each)[: len(shown)] == shown
        assert re.fullmatch("0x[0-9a-fA-F]+>", repr(each)[len(shown) :])
    assert type(shared(mp).list()).__name__ == "ListProxy"


@proxy.scenario("str", doc=BASE + ".__str__")
def str_represents_the_referent(mp):
    """The str() of a proxy is the repr() of its referent, not the str() of its referent."""
    numbers, empty = shared(mp).list(range(3)), shared(mp).dict()
    assert str(numbers) == "[0, 1, 2]"
    assert str(empty) == "{}"
    numbers.append("text")
    assert "%s" % numbers == "[0, 1, 2, 'text']"
    assert str(strange(mp).Strange()) == "<a strange object>"


@proxy.scenario("identity", doc=OBJECTS)
def values_are_not_compared(mp):
    """A proxy equals itself, but neither a plain object with the value of its referent nor the
    proxy of another such object."""
    kept, mine = shared(mp), shared(mp).list([1, 2, 3])
    assert (mine == mine, mine != mine) == (True, False)
    for other in [1, 2, 3], kept.list([1, 2, 3]), kept.list(mine):
        assert (mine == other, mine != other) == (False, True)
    words = kept.dict({"a": 1})
    assert (words == {"a": 1}, words == kept.dict(words)) == (False, False)
    assert mine._getvalue() == [1, 2, 3]


@proxy.scenario("pickles", doc=OBJECTS)
def proxies_pickle(mp):
    """Unpickling a pickled proxy returns a proxy of the same kind for the same referent."""
    for made in shared(mp).list(), strange(mp).Strange():
        again = pickle.loads(pickle.dumps(made))
        assert again is not made
        assert re.sub(" at .*", "", repr(again)) == re.sub(" at .*", "", repr(made))
    numbers = shared(mp).list([1])
    receiver, sender = mp.Pipe(False)
    sender.send({"numbers": numbers})
    again = receiver.recv()["numbers"]
    again.append(2)
    assert numbers._getvalue() == [1, 2]
    del numbers
    collect()
    assert again._getvalue() == [1, 2]


def fill(numbers, words, value, space, items):
    numbers.reverse()
    words[1], words["2"], words[0.25] = "1", 2, None
    value.value += 1
    space.word = "there"
    items[0] = numbers[0]


@proxy.scenario("passes", doc=PAGE + "#sharing-state-between-processes")
def processes_share(mp):
    """A proxy passed as an argument to a new process refers to the same object in that process."""
    kept = shared(mp)
    numbers, words, value = kept.list(range(5)), kept.dict(), kept.Value("i", 6)
    space, items = kept.Namespace(), kept.Array("i", [7])
    with child(mp, fill, numbers, words, value, space, items) as process:
        process.join()
    assert process.exitcode == 0
    assert numbers._getvalue() == [4, 3, 2, 1, 0]
    assert words._getvalue() == {1: "1", "2": 2, 0.25: None}
    assert (value.value, space.word, items[0]) == (7, "there", 4)


def append_each(conn, count):
    numbers, name = conn.recv()
    for number in range(count):
        numbers.append((name, number))


@proxy.scenario("concurrent", doc=PAGE + "#programming-guidelines", count=arg.integers(20, 100))
def processes_do_not_interfere(mp, count):
    """Every call takes effect while several processes use proxies of one object, and the calls of each
    process keep their order."""
    numbers = shared(mp).list()
    mine, theirs = mp.Pipe()
    with child(mp, append_each, theirs, count) as process:
        mine.send((numbers, "theirs"))
        for number in range(count):
            numbers.append(("mine", number))
        process.join()
        assert process.exitcode == 0
    found = numbers._getvalue()
    for name in "mine", "theirs":
        assert [number for who, number in found if who == name] == list(range(count))
    assert len(found) == 2 * count

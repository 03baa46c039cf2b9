"""The vocabulary of the specs, and nothing else.

A spec file imports names from here and from the standard library. Everything reachable from this module runs in the
subject's interpreter too, so it is standard library only and Python 3.8 syntax. This one is whole:

    class Lock(Frozen):
        '''A lock that a process, or nobody, holds.

        made: Lock() creates a lock that is unlocked.
        inherited: A lock passed as an argument to a new process refers to the same lock in that process.
        '''

        locked: bool = False

    lock = Spec("lock", Lock, make=lambda mp: mp.Lock(), documents="multiprocessing.Lock")

    @lock.op(block=arg.blocks, timeout=arg.timeouts)
    def acquire(state, me, block=True, timeout=None):
        '''Locks the lock.

        takes: acquire() locks the lock and returns True if the lock is unlocked.
        busy: acquire() returns False at once if the lock is locked and block is false.
        waits: acquire() blocks while the lock is locked, unless block is false.
        expires: acquire() returns False once timeout seconds have elapsed, and no earlier.
        '''
        if not state.locked:
            yield "takes", returns(True), replace(state, locked=True)
        elif not block:
            yield "busy", returns(False)
        else:
            yield "waits", blocks
            yield "expires", expires(timeout, returns(False))

    def acquire_and_exit(acquired):
        acquired.acquire()

    @lock.scenario("exit.locked")
    def exit_leaves_it_locked(mp):
        '''A lock stays locked when the process that has acquired it exits.'''
        acquired = mp.Lock()
        with child(mp, acquire_and_exit, acquired):
            pass
        assert acquired.acquire(False) is False

``acquire`` is a relation: a generator function that is called with a state, the number of the actor that makes the call
(from 0 on), and the arguments of the call, under the names and with the defaults that the documentation gives them. It
yields every outcome that the documentation permits in that state, each as one of

    "slug", outcome             promised by the clause of this slug; the state stays as it is
    "slug", outcome, state      the same; this is the state from then on
    outcome                     permitted, and promised by no clause, such as ``unspecified``
    outcome, state              the same; this is the state from then on

and changes nothing itself: a state is ``Frozen``, and ``replace()`` makes another one. A single outcome must come
about, one of several may, and none that is not yielded. Where a call may wait, ``blocks`` is one of them;
``expires(...)`` is another one where it gives up in the end.

Below its first line, the docstring of a relation states the clause of each slug, for the newest version of Python
unless it says otherwise. Deeper lines go on with the statement:

    closed (since 3.8): put() raises ValueError in a process that has closed the queue,
        whatever block and timeout are.
    slow (until 3.12): ...

A relation may have two more parameters, by keyword only. ``others`` are the calls of other actors that overlap this one
(``Others``). A call that takes several steps, as a wait that gives up a lock and takes it again, moves through phases:
``then("waiting")`` is such a step, and the relation is asked again with ``phase="waiting"`` (at first it is None).
"""

from conformance.stage.children import child, kill, module
from conformance.stage.programs import interpreters, program
from conformance.stage.stagehand import ticks
from conformance.vocabulary import arg, laws
from conformance.vocabulary.frozen import Frozen, replace
from conformance.vocabulary.outcomes import blocks, expires, raises, returns, returns_a, then, unproven, unspecified
from conformance.vocabulary.spec import Others, Spec, call
from conformance.vocabulary.values import Blob, Secret

__all__ = [
    "Blob",
    "Frozen",
    "Others",
    "Secret",
    "Spec",
    "arg",
    "blocks",
    "call",
    "child",
    "expires",
    "interpreters",
    "kill",
    "laws",
    "module",
    "program",
    "raises",
    "replace",
    "returns",
    "returns_a",
    "then",
    "ticks",
    "unproven",
    "unspecified",
]

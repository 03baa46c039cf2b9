"""What a script does, process by process, and what the relation permits it to do.

The calls of a script overlap as they like, within the order that the script itself makes: every
interleaving counts, at whatever speed. So what is not permitted here proves a violation, whenever it is seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from conformance.checking.script import Call
from conformance.checking.worlds import EARLY, TooManyWorlds, World, moves
from conformance.vocabulary.outcomes import Blocks, Expires, Observed, Outcome
from conformance.vocabulary.spec import Move, Spec
from conformance.vocabulary.values import Blob

PATIENT = 60.0  # seconds: a timeout that is longer is never over while a script runs
NODES = 20_000  # looked at before the search is given up

PIPE = 60_000  # bytes: who has put more into a queue does not end before somebody gets it

MAIN = 0


@dataclass(frozen=True)
class Part:
    """Calls that one process makes one after the other.

    Whatever comes later in the script begins after them, unless they are ``background``: a call may wait there.
    Then it begins after ``ready_after`` of them, by number.
    """

    process: int
    calls: tuple[Call, ...]
    background: bool = False
    ready_after: int = 0

    def has(self, call: Call) -> bool:
        """Whether the call is made here."""
        return any(each.id == call.id for each in self.calls)


@dataclass(frozen=True)
class Program:
    """Parts in the order in which they begin; each has a process of its own, but for those of the main process."""

    make: Mapping[str, Any]
    parts: tuple[Part, ...]

    @property
    def calls(self) -> list[Call]:
        """All calls, part by part."""
        return [call for part in self.parts for call in part.calls]

    def same(self, call: Call) -> Call:
        """The call as this program makes it."""
        return next(each for each in self.calls if each.id == call.id)

    @property
    def settled(self) -> "Program":
        """The same, where only who is overtaken says when its first calls are over."""
        last = self.parts[-1]
        return replace(
            self,
            parts=(
                *(part if part.background else replace(part, ready_after=0) for part in self.parts[:-1]),
                replace(last, ready_after=0),
            ),
        )

    def part_of(self, call: Call) -> Part:
        """The part in which a call is made."""
        return next(part for part in self.parts if part.has(call))


class Possible(NamedTuple):
    """What one call of a program may do: return with ``outcomes``, or wait for ever.

    ``stuck`` says whether somebody may wait for ever who is waited for; ``slugs`` are those of the clauses
    that say what the call may do.
    """

    outcomes: frozenset[Outcome]
    waits: bool
    may_block_others: bool
    slugs: frozenset[str]

    def permits(self, observed: Observed | None) -> bool:
        """Whether the call may end so; without an observation, not end at all."""
        return self.waits if observed is None else any(outcome.admits(observed) for outcome in self.outcomes)


class Node(NamedTuple):
    """A point of a run: the world, how far each part is, and what the call in question came back with."""

    world: World
    done: tuple[int, ...]
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Question:
    """What may the call do that is ``asked`` about, given what others, by their ids, came back with?

    It does not give up after more than ``elapsed`` seconds.
    """

    spec: Spec
    program: Program
    asked: Call
    seen: Mapping[int, Observed] = field(default_factory=dict)
    elapsed: float = PATIENT

    def answer(self) -> Possible:
        """All that may happen. Raises TooManyWorlds."""
        nodes = self._nodes()
        leaves = [node for node, steps in nodes.items() if not steps and self._have_returned(node)]
        outcomes = frozenset(leaf.outcome for leaf in leaves if leaf.outcome is not None)
        waits = any(leaf.outcome is None for leaf in leaves)
        slugs = {move.slug for node in nodes for move in self._permitted(node, self.asked)}
        return Possible(outcomes, waits, any(self._stuck(leaf) for leaf in leaves), frozenset(slugs))

    def _nodes(self) -> dict[Node, list[Node | None]]:
        """All points of all runs, each with those that may come next."""
        start = Node(World(self.spec.state(**self.program.make)), (0,) * len(self.program.parts))
        nodes: dict[Node, list[Node | None]] = {}
        stack = [start]
        while stack:
            node = stack.pop()
            if node not in nodes:
                nodes[node] = [after for call in self._under_way(node) for after in self._steps(node, call)]
                stack += [after for after in nodes[node] if after is not None]
            if len(nodes) > NODES:
                raise TooManyWorlds(f"more than {NODES} ways through a script")
        return nodes

    def _under_way(self, node: Node) -> list[Call]:
        """The calls that may be under way: the next one of every part that has begun."""
        found: list[Call] = []
        for part, done in zip(self.program.parts, node.done, strict=True):
            over = done == len(part.calls)
            found += [] if over else [part.calls[done]]
            if not over and not (part.background and done >= part.ready_after):
                break
        return found

    def _have_returned(self, leaf: Node) -> bool:
        """Whether all calls have returned that were seen to."""
        parts = zip(self.program.parts, leaf.done, strict=True)
        return not any(call.id in self.seen for part, done in parts for call in part.calls[done:])

    def _stuck(self, leaf: Node) -> bool:
        parts = zip(self.program.parts, leaf.done, strict=True)
        return any(done < (part.ready_after if part.background else len(part.calls)) for part, done in parts)

    def _steps(self, node: Node, call: Call) -> list[Node | None]:
        """What comes next if this call goes on: it takes effect, or returns. None: it was seen to return otherwise."""
        effect = node.world.effect(call)
        if effect is None or not node.world.over(call):
            permitted = [move for move in self._permitted(node, call) if self._happens(call, move.outcome)]
            return [node._replace(world=node.world.after(call, move)) for move in permitted]
        if call.id in self.seen and effect and not effect.outcome.admits(self.seen[call.id]):
            return [None]
        done = tuple(n + (call in part.calls) for n, part in zip(node.done, self.program.parts, strict=True))
        outcome = effect.outcome if call.id == self.asked.id else node.outcome
        assert effect is not None
        return [Node(World(node.world.state, node.world.effects - {effect}), done, outcome)]

    def _permitted(self, node: Node, call: Call) -> list[Move]:
        """What the relation permits the call to do next, if it is under way and not over."""
        near = self._under_way(node)
        open_ = any(each.id == call.id for each in near) and not node.world.over(call)
        return moves(self.spec, node.world, call, near) if open_ else []

    def _happens(self, call: Call, outcome: Outcome) -> bool:
        """Whether a call gets on with this outcome before the script ends."""
        if not isinstance(outcome, Expires):
            return not isinstance(outcome, Blocks)
        limit = self.elapsed + EARLY / 1e9 if call.id == self.asked.id else PATIENT
        return outcome.timeout is not None and outcome.timeout < limit


@dataclass(frozen=True)
class Proof:
    """Why what a call does in a program is a violation.

    It may do what is ``possible``, given the results of the ``conditions``; whatever others do, it may do what is
    possible ``anyway``. ``early``: it may do what it did, but not as soon as that.
    """

    possible: Possible
    anyway: Possible
    conditions: tuple[Call, ...] = ()
    early: bool = False

    @property
    def says(self) -> tuple[frozenset[Outcome], bool]:
        """What is promised: how the call returns, and whether it may wait for ever."""
        return self.anyway.outcomes, self.anyway.waits


def prove(spec: Spec, program: Program, asked: Call) -> Proof | None:
    """Why what was observed of the call is a violation in this program, in which only it may wait for ever.

    None if it would be none, or if the script would wait for somebody who may wait for ever. Raises TooManyWorlds.
    """
    observed, question = asked.observed, Question(spec, program, asked)
    anyway = question.answer()
    if anyway.may_block_others:
        return None
    if not anyway.permits(observed):
        return Proof(anyway, anyway)
    if observed is not None and asked.end is not None:
        hasty = replace(question, elapsed=(asked.end - asked.start) / 1e9)
        if not hasty.answer().permits(observed):
            return Proof(anyway, anyway, early=True)
    known = needed(question)
    if known is None:
        return None
    given = replace(question, seen=known).answer()
    return Proof(given, anyway, tuple(call for call in program.calls if call.id in known))


def needed(question: Question) -> dict[int, Observed] | None:
    """Few results of other calls that make what was observed a violation; None if all of them do not."""
    asked = question.asked
    others = [call for call in question.program.calls if call.id != asked.id]
    known = {call.id: call.observed for call in others if call.observed is not None}
    if replace(question, seen=known).answer().permits(asked.observed):
        return None
    for number in list(known):
        fewer = {other: seen for other, seen in known.items() if other != number}
        if not replace(question, seen=fewer).answer().permits(asked.observed):
            known = fewer
    return known


def stays(spec: Spec, program: Program) -> bool:
    """Whether a process might rightly not end: somebody has put more into a queue than a pipe takes."""
    if not spec.buffers or all(part.process == MAIN for part in program.parts):
        return False
    values = [value for call in program.calls for value in (*call.args, *call.kwargs.values())]
    return any(isinstance(value, Blob) and value.size > PIPE for value in values)

"""Plays one script on one object, and judges it while it runs.

A round starts calls of some of the actors that are idle; then completions are read until
some explanation exists in which every call still open waits as the relation lets it. Nothing
on this path sleeps: a wait ends with an answer, or with what the vigil finds.
"""

from collections import Counter, deque
from collections.abc import Collection, Iterable
from textwrap import indent
from typing import Any

from conformance.checking.findings import HUNG, Unknown, Violation
from conformance.checking.rest import at_rest, unexplained
from conformance.checking.script import Call, Round, Script
from conformance.checking.witness import Witness
from conformance.checking.worlds import Explained, Refuted, TooManyWorlds, World, absorb, explain, moves
from conformance.driver import dependence
from conformance.driver.channel import now
from conformance.driver.crew import Crew, Hung, Reply, Unresponsive
from conformance.driver.stage import HangWatch
from conformance.generation import rescue
from conformance.vocabulary.frozen import defaults
from conformance.vocabulary.outcomes import UNJUDGED, Blocks, Expires

HANGS = "does not return"  # how a call ends that has to, and does not
RESCUES = 16  # attempts to free who waits at the end
GLANCE = 0.0003  # seconds in which the calls of a round usually come back
CROWDED = 500  # explanations, beyond which no round is begun: three more calls may have forty times as many
SOON = 1.0  # seconds: a timeout that is worth waiting for


class Found(Exception):
    """The script has shown a violation, or cannot be judged."""

    def __init__(self, verdict: Violation | Unknown) -> None:
        super().__init__(verdict.clause)
        self.verdict = verdict


class Play:
    """A script under way. ``exercised`` counts the slugs of the clauses that calls went through."""

    def __init__(self, crew: Crew, item: int, script: Script) -> None:
        self.spec, self.crew, self.item, self.script = crew.entry.spec, crew, item, script
        self.worlds: frozenset[World] = frozenset({World(self.spec.state(**script.make))})
        self.planned: dict[int, deque[Call]] = {}  # of each busy actor; the first call is open
        self.history: dict[int, Call] = {}
        self.latest = 0  # the end of the last call that was judged, in ns
        self.exercised: Counter[str] = Counter()
        self.waited: set[tuple[int, str]] = set()

    def run(self) -> None:
        """Plays every round and lets everybody finish. Raises Found, Silent or Ended."""
        try:
            for round_ in self.script.rounds:
                if len(self.worlds) > CROWDED:
                    break
                self._await_deadlines(set(round_))
                self._begin({actor: calls for actor, calls in round_.items() if actor not in self.planned})
                self._settle()
            self._finish()
        except TooManyWorlds as error:
            latest = next(reversed(self.history.values()))
            raise Found(Unknown(self._blamed(latest.op), str(error), history=self._calls())) from None

    @property
    def open(self) -> list[Call]:
        """The calls that have been started and have not returned."""
        return [calls[0] for calls in self.planned.values()]

    @property
    def left_waiting(self) -> bool:
        """Whether somebody still waits at the end: the crew cannot be used again."""
        return bool(self.planned)

    def _begin(self, calls: Round) -> None:
        start = now()
        for actor, planned in calls.items():
            self.planned[actor] = deque(
                Call(next(self.crew.ids), actor, op, args, kwargs, start) for op, args, kwargs in planned
            )
            self.history.update({call.id: call for call in self.planned[actor]})
        if calls:
            self.crew.begin(self.item, {actor: self.planned[actor] for actor in calls})

    def _settle(self, needed: Collection[int] = ()) -> None:
        """Reads until the open calls may wait, and the needed ones, given by their ids, have returned."""
        vigil = HangWatch(self.crew.stage)
        timeout = GLANCE
        while self.planned:
            replies = self.crew.replies(timeout)
            if replies:
                vigil.reset()
                self._absorb(replies)
                timeout = GLANCE
            elif self._rests() and not any(call.id in needed for call in self.open):
                return
            elif timeout == GLANCE:
                timeout = vigil.pause
            elif self._look(vigil):
                return
            else:
                timeout = vigil.pause

    def _look(self, vigil: HangWatch) -> bool:
        """Whether everybody sleeps for good, as the relation lets them. Raises Found where it does not."""
        try:
            return vigil.look(self.crew.channels.values(), self._rests)
        except Hung as asleep:
            refuted = unexplained(self.spec, self.worlds, self.open, now())
            raise Found(self._violation(refuted, HANGS, self._dependence(asleep))) from None
        except Unresponsive as silent:
            evidence = self._dependence(silent)
            refuted = unexplained(self.spec, self.worlds, self.open, now())
            who = f"{refuted.call} by {self.crew.noun} {refuted.call.actor}"
            reason = f"{who}: {silent.why}" if silent.why else f"{who} does not return"
            clause = self._blamed(refuted.call.op, refuted.blamed)
            raise Found(Unknown(clause, reason, evidence, self._calls())) from None

    def _dependence(self, found: Exception) -> str:
        """What the open calls wait for, before what is found about the processes."""
        lines = dependence.describe(self.spec, self.worlds, self.open, now())
        return "\n".join(["What the open calls wait for:", indent("\n".join(lines), "    "), str(found)])

    def _absorb(self, replies: Iterable[Reply]) -> None:
        for reply in replies:
            call = self._finished(reply)
            pool = [c for c in self.history.values() if c.end is None and c.id in {o.id for o in self.open}]
            in_order = call.end is not None and call.end >= self.latest
            after = absorb(self.spec, self.worlds, call, pool) if in_order else None
            if isinstance(after, Explained):
                self.worlds, self.latest = after.worlds, call.end or 0
                self._count(call, after)
            else:
                self.worlds = self._explanations()

    def _explanations(self) -> frozenset[World]:
        """The worlds that explain all replies, in the order of the calls' ends. Raises Found if there are none.

        A reply is read too late if its process was held up before it sent it. The second of two puts would
        then come after that of another process which began later, but has told of it meanwhile.
        """
        found = explain(self.spec, self.spec.state(**self.script.make), self._calls())
        if isinstance(found, Refuted):
            raise Found(self._violation(found, str(found.call.observed)))
        return found

    def _finished(self, reply: Reply) -> Call:
        """The call that the reply is about, taken from the open ones."""
        if reply.observed.kind == "died" and reply.actor not in self.planned:
            reason = f"process {reply.actor} {reply.observed} between two calls"
            raise Found(Unknown(self._clause("inherited"), reason, self.crew.stage.close(), self._calls()))
        calls = self.planned[reply.actor]
        first, died = calls.popleft(), reply.observed.kind == "died"
        call = first.finished(first.start if died else reply.start, reply.end, reply.observed)
        if calls and not died:
            calls[0] = later = Call(calls[0].id, reply.actor, *_said(calls[0]), start=reply.end)
            self.history[later.id] = later
        else:
            del self.planned[reply.actor]
        self.history[call.id] = call
        if reply.observed.kind == UNJUDGED:
            raise Found(Unknown(self._blamed(call.op), reply.observed.text, history=self._calls()))
        return call

    def _rests(self) -> bool:
        resting = at_rest(self.spec, self.worlds, self.open, now())
        if resting:
            self._count_waits(resting)
        return bool(resting)

    def _count(self, call: Call, after: Explained) -> None:
        self.exercised.update(f"{call.op}.{slug}" for slug in after.slugs)

    def _count_waits(self, resting: list[World]) -> None:
        """A call that every resting world holds back has exercised the clause of waiting."""
        for call in self.open:
            slugs = {
                move.slug
                for world in resting
                for move in moves(self.spec, world, call, self.open)
                if isinstance(move.outcome, Blocks)
            }
            if len(slugs) == 1 and (waits := (call.id, f"{call.op}.{slugs.pop()}")) not in self.waited:
                self.waited.add(waits)
                self.exercised[waits[1]] += 1

    def _await_deadlines(self, actors: set[int]) -> None:
        """Waits for the calls of these actors that are about to give up."""
        worlds = at_rest(self.spec, self.worlds, self.open, now()) or self.worlds
        needed = {call.id for call in self.open if call.actor in actors and self._gives_up_soon(call, worlds)}
        if needed:
            self._settle(needed)

    def _gives_up_soon(self, call: Call, worlds: Iterable[World]) -> bool:
        return any(
            isinstance(move.outcome, Expires) and move.outcome.timeout is not None and move.outcome.timeout < SOON
            for world in worlds
            for move in moves(self.spec, world, call, self.open)
        )

    def _finish(self) -> None:
        """Lets everybody finish: deadlines pass, and the relation says which calls help.

        A call that should help need not: a get may raise Empty for as long as it likes.
        """
        for _ in range(RESCUES):
            self._await_deadlines(set(self.planned))
            if not self.planned:
                return
            steps = rescue.search(self.spec, at_rest(self.spec, self.worlds, self.open, now()), self.open)
            if not steps:
                return
            for actor, planned in steps:
                if actor not in self.planned:
                    self._begin({actor: (planned,)})
                    self._settle()

    def _last_words(self, call: Call) -> str:
        """How the process of a call died, as far as it is known, and what was printed last."""
        stage = self.crew.stage
        said = str(stage.ended()) if stage.gone else stage.close()
        how = self.crew.died.get(call.actor, "died")
        words = ["Last lines of standard error:", indent(said, "    ")] if said else []
        return "\n".join([f"{self.crew.noun} {call.actor} {how}", *words])

    def _clause(self, slug: str) -> str:
        return f"{self.spec.name}.{slug}"

    def _blamed(self, op: str, slug: str = "") -> str:
        """A clause of an operation; the first that it states where a step that is no clause cannot be taken."""
        prefix = f"{self.spec.name}.{op}."
        first = next((name for name in self.spec.clauses if name.startswith(prefix)), prefix)
        return f"{prefix}{slug}" if slug else first.rstrip(".")

    def _calls(self) -> tuple[Call, ...]:
        begun = [call for call in self.history.values() if call.end is not None or call in self.open]
        return tuple(sorted(begun, key=lambda call: call.start))

    def _violation(self, refuted: Refuted, observed: str, evidence: str = "") -> Violation:
        call, promised = refuted.call, [f"{slug or 'unspecified'}: {outcome}" for slug, outcome in refuted.permitted]
        clause = self._blamed(call.op, refuted.blamed)
        if call.observed and call.observed.kind == "died":
            evidence = self._last_words(call)
        return Violation(
            Witness(clause, self.script),
            promised=f"{call} by process {call.actor} must be one of: {'; '.join(promised) or 'nothing'}",
            observed=f"{call} {observed}",
            permitted=tuple(promised),
            state=describe_state(refuted.state),
            history=self._calls(),
            evidence=evidence,
            outcome=observed,
            call=call.id,
            manner=call.observed.kind if call.observed else HUNG,
        )


def describe_state(state: Any) -> str:
    """A state in words: what differs from the state class's defaults."""
    shown = ", ".join(
        f"{name}={value!r}" for name, usual in defaults(type(state)).items() if (value := getattr(state, name)) != usual
    )
    return f"{type(state).__name__}({shown})"


def _said(call: Call) -> tuple[str, tuple[object, ...], dict[str, object]]:
    return call.op, call.args, dict(call.kwargs)

"""A crew: the actors of one stage, with a stock of fresh objects."""

import itertools
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from conformance.catalogue import Entry
from conformance.checking.findings import HUNG, OWN, RAISED
from conformance.checking.script import Call
from conformance.driver.channel import Channel, Lost, now, ready
from conformance.driver.stage import HangWatch, Hung, StageExited, StageProcess, Unresponsive
from conformance.forensics import endings
from conformance.vocabulary.outcomes import Observed

HEAD_START = 60_000  # ns between sending a round and its start, so that its actors start together


class Reply(NamedTuple):
    """What an actor says of one call; without a call, the actor has died."""

    actor: int
    call: int
    start: int
    end: int
    observed: Observed


class Unmade(Exception):
    """The object of one recipe could not be made."""

    def __init__(self, recipe: int, observed: str, manner: str) -> None:
        super().__init__(observed)
        self.recipe, self.manner = recipe, manner


class Unfinished(Unresponsive):
    """The constructor of an object does not return, and nothing proves why."""


class Uninherited(Exception):
    """The actors could not be started with the objects."""

    def __init__(self, observed: str, manner: str) -> None:
        super().__init__(observed)
        self.manner = manner


class Crew:
    """Actors that share the objects made by ``recipes``, one object for each recipe.

    Raises Unmade or Uninherited with what was observed, Silent or Ended if the stage fails.
    """

    def __init__(self, stage: StageProcess, entry: Entry, recipes: Sequence[Mapping[str, Any]], actors: int) -> None:
        self.stage, self.entry, self.actors = stage, entry, actors
        self.channels: dict[int, Channel] = {}
        self.pids: dict[int, int | None] = {}
        self.stranded = False  # whether an actor that cannot be ended may be in a call
        self.ids = itertools.count()
        self.died: dict[int, str] = {}  # actors that are dead, and how they ended, in words
        stage.crews += 1
        try:
            made = stage.ask("make", entry.module, entry.spec.name, [dict(recipe) for recipe in recipes])
        except Hung as asleep:
            raise Unmade(0, f"the constructor does not return\n{asleep}", HUNG) from None
        except Unresponsive as silent:
            raise Unfinished(str(silent), silent.why) from None
        if "failed" in made:
            stage.ask("dismiss", [])
            own = made.get("own")
            raise Unmade(made["failed"], own or made["observed"], OWN if own else RAISED)
        self._start()

    def _start(self) -> None:
        try:
            started = self.stage.ask("start", self.stage.crews, self.actors, self.entry.module, self.entry.spec.name)
            if "failed" in started:
                own = started.get("own")
                raise Uninherited(own or f"{started['observed']}\n{started['trace']}", OWN if own else RAISED)
            self._assemble()
            self.stage.ask("started")
        except Hung as asleep:
            raise Uninherited("\n".join([str(asleep), *self.stage.last_words()]), HUNG) from None

    def _assemble(self) -> None:
        """Waits until every actor has called. Raises Asleep, Silent or Ended."""
        vigil = HangWatch(self.stage)
        while len(self.channels) < self.actors:
            sources = [self.stage.listener.socket, self.stage.channel]
            heard = ready(sources, vigil.pause)
            if not heard:
                vigil.look(sources)
            elif self.stage.channel in heard:
                raise self.stage.ended()
            else:
                channel = self.stage.listener.accept()
                if channel and channel.role[:2] == ["actor", self.stage.crews]:
                    self.channels[channel.role[2]] = channel
                    self.pids[channel.role[2]] = channel.pid
                    self.stage.meet(channel, f"process {channel.role[2]}")

    @property
    def noun(self) -> str:
        """What an actor is called."""
        return "thread" if self.entry.spec.threads else "process"

    @property
    def complete(self) -> bool:
        """Whether no actor has died."""
        return len(self.channels) == self.actors

    def begin(self, item: int, calls: Mapping[int, Sequence[Call]]) -> None:
        """Starts calls of several actors on one object, together. Raises Ended if an actor is gone."""
        at = now() + HEAD_START
        together = len(calls) > 1 and not self.entry.spec.threads  # who spins keeps other threads from running
        for actor, planned in calls.items():
            told = [(call.id, call.op, call.args, dict(call.kwargs)) for call in planned]
            try:
                self.channels[actor].send(("calls", at if together else 0, item, told))
            except Lost as lost:
                how = f"process {actor} died {self._cause(actor)}".rstrip()
                raise StageExited(f"{how}, before it was told of its next call: {lost}") from None

    def replies(self, timeout: float) -> list[Reply]:
        """What the actors say within ``timeout`` seconds, in the order of the calls' ends.

        Reads until nothing is left: while one actor is heard, another may answer and make its next call,
        whose effect the first one then tells of. Without that answer, it would seem to be explained by nothing.
        """
        heard: list[Reply] = []
        while channels := set(ready(self.channels.values(), timeout)):
            for actor, channel in list(self.channels.items()):
                heard += self._hear(actor) if channel in channels else ()
            timeout = 0
        return sorted(heard, key=lambda reply: reply.end)

    def _hear(self, actor: int) -> list[Reply]:
        """What has arrived from one actor."""
        channel = self.channels[actor]
        try:
            return [Reply(actor, c, start, end, Observed(k, t, tuple(n))) for c, start, end, k, t, n in channel.read()]
        except (Lost, ValueError, TypeError):
            end, cause = now(), self._cause(actor)
            channel.close()
            del self.channels[actor]
            return [Reply(actor, -1, 0, end, Observed("died", cause))]

    def _cause(self, actor: int) -> str:
        """Of what an actor that hung up has died; empty if nobody knows. Raises Ended if it was the stage that died."""
        if self.entry.spec.threads:
            return ""
        pid = self.channels[actor].pid
        status = None if pid is None else endings.status(pid)
        if self.stage.gone:
            raise self.stage.ended()
        if status is None:  # reaped, as by the forkserver: its parent was told
            with suppress(Hung, Unresponsive, StageExited):
                status = self.stage.ask("exit_code", actor).get("exited")
        if status is None:
            return ""
        self.died[actor] = endings.words(status)
        return endings.cause(status)

    def drop(self, item: int) -> None:
        """Lets the actors forget an object."""
        for channel in self.channels.values():
            try:
                channel.send(("drop", item))
            except Lost:
                continue  # the next round finds out

    def dismiss(self) -> None:
        """Ends the actors. Raises Asleep, Silent or Ended if the stage cannot."""
        self.hang_up()
        pids = [] if self.entry.spec.threads else [self.pids[actor] for actor in self.channels]
        self.stage.ask("dismiss", [pid for pid in pids if pid is not None])

    def hang_up(self) -> None:
        """Lets go of the actors: those that are processes end."""
        for channel in self.channels.values():
            channel.close()


__all__ = ["Crew", "Hung", "Reply", "StageExited", "Unfinished", "Uninherited", "Unmade", "Unresponsive"]

"""The driver's view of a stage: starting it, sending it commands, and waiting without guessing."""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from conformance.driver.channel import Channel, Listener, Lost, now, ready
from conformance.forensics import certificate, endings, examination, outside, polling, process, procfs, stacks
from conformance.stage.programs import PEERS
from conformance.stage.stagehand import IMPLEMENTATION
from conformance.subjects import payload
from conformance.subjects.subject import Subject, Unusable

BOOT = """
import json, sys
code, path, *arguments = json.loads(sys.argv[1])
sys.path[:] = [code] + path + [p for p in sys.path if p]
from conformance.stage.stage import main
main(*[tuple(a) if isinstance(a, list) else a for a in arguments])
"""
LONGEST_BASE = 55  # characters; AF_UNIX allows 107, and the subject's own names need the rest
FIRST_LOOK = 0.02  # seconds of silence before the first try to certify a hang
PATIENCE = 10.0  # seconds of uncertified silence (of processor time, if it works) after which the verdict is unknown
AT_WORK = 0.5  # the share of the time for which a working subject uses the processor or waits for it
LONGEST = 6  # times the patience: the longest wait for a subject that works
OVERSLEEP = 1.0  # seconds without waking, whatever the calls, after which a round may rest
ENDING = 5.0  # seconds for a stage that has hung up to end, including its warden's cleanup
SPARE_DESCRIPTORS = 8  # that a stage may gain, for its forkserver and its tracker, and still be handed on
LISTENING = 0.1  # seconds for the last output to arrive
LAST_WORDS = 20  # lines of standard error that are shown
LONG = 300  # characters of such a line
CRASH = "Fatal Python error"  # how faulthandler begins its report


class Hung(Exception):
    """Every thread of the subject sleeps for good: the message is the certificate, with all stacks."""


class Unresponsive(Exception):
    """The subject did not answer, and nothing proves why: the message has all stacks, ``why`` what is known of it."""

    def __init__(self, message: str, why: str = "") -> None:
        super().__init__(message)
        self.why = why


class StageExited(Exception):
    """The stage is gone: the message has its exit status and last lines of output, ``how`` the exit status alone."""

    def __init__(self, message: str, how: str = "") -> None:
        super().__init__(message)
        self.how = how


class HangWatch:
    """Watches a silent subject: certifies a hang as soon as possible, and gives up eventually.

    A certificate counts only if nothing has arrived at the ``sources`` when it is complete: a
    subject that sleeps because it has answered does not hang. It accuses only if no process outside of
    the subject could end one of its waits, and none of them ends by itself: slow is not violated.
    """

    def __init__(self, stage: "StageProcess") -> None:
        self.stage = stage
        self.reset()

    def reset(self) -> None:
        """Starts again: the subject has answered."""
        self.since = now()
        self.pause = FIRST_LOOK
        self.before: procfs.Work | None = None  # what the subject had done when the silence began
        self.peer: outside.Peer | None = None  # a process outside that could end a wait
        self.hopeless = False  # whether nothing will happen while patience lasts

    def look(self, sources: Iterable[Any], rests: Callable[[], bool] = lambda: False) -> bool:
        """Returns whether all threads sleep for good, and ``rests`` says that they may.

        Raises Hung, with a certificate, if they may not, or Unresponsive once patience ends. No process of the
        subject is left then: reading what they were doing ends them.
        """
        silent = (now() - self.since) / 1e9
        self.pause = min(self.pause * 2, 0.5)
        may_rest = rests()
        found = self._sleep(silent, may_rest)
        if ready(sources, 0):
            return False
        if found is not None and rests():
            return True
        if found is not None and not may_rest:
            raise Hung(f"{found.summary}\n{self.stage.examine()}")
        if self.hopeless or (silent > PATIENCE and not self._goes_on(silent)):
            why = self._why()
            raise Unresponsive(self.stage.examine(), why)
        return False

    def _sleep(self, silent: float, may_rest: bool) -> certificate.Certificate | None:
        """A certificate that all sleep; one upon which the subject can be accused unless the round may rest."""
        warden, ticking = self.stage.supervised.pid, self.stage.ticking
        check = outside.refuse_nothing if may_rest else partial(outside.refuse_outsiders, harness=self.stage.harness)
        try:
            found: certificate.Certificate | None = certificate.certify_below(warden, ticking=ticking, check=check)
            if found is None and silent > OVERSLEEP:
                self.before = self.before or self._work()
                asleep = certificate.certify_below(warden, oversleep=OVERSLEEP, ticking=ticking, check=check)
                found = asleep if may_rest else None
                self.hopeless = asleep is not None and not may_rest and self._oversleeps()
            if found is None and silent > PATIENCE and not self.hopeless:
                found = polling.certify_below(warden, polling.WATCHED, check)
        except outside.Reachable as reachable:
            self.peer = reachable.peer
            return None
        self.peer = None
        return found

    def _why(self) -> str:
        """What is known of a silence that nothing explains: another process's part in it, or a timed sleep."""
        lasted = f"did not return within {(now() - self.since) / 1e9:.0f} s"
        roles = self.stage.roles
        if self.peer is not None:
            return f"{lasted}; {self.peer.describe(roles)}"
        naps = self._naps()
        return f"slow: {lasted}; {polling.describe_naps(naps, roles)}" if naps else ""

    def _naps(self) -> dict[certificate.Look, float | None]:
        below = procfs.descendants(self.stage.supervised.pid)
        return polling.naps(below, self.stage.ticking, self.since / 1e9)

    def _oversleeps(self) -> bool:
        """Whether all threads sleep, and none will wake by itself before patience ends, whatever is tried."""
        ends = self._naps().values()
        latest = self.since / 1e9 + PATIENCE + polling.WATCHED * polling.LONGEST
        return bool(ends) and all(end is not None and end > latest for end in ends)

    def _work(self) -> procfs.Work:
        return procfs.work(procfs.descendants(self.stage.supervised.pid))

    def _goes_on(self, silent: float) -> bool:
        """Whether the subject is at work, on a machine that had less time for it than patience allows."""
        before, work = self.before or self._work(), self._work()
        used, waited = work.used - before.used, work.waited - before.waited
        return used < PATIENCE and used + waited > silent * AT_WORK and silent < PATIENCE * LONGEST


class StageProcess:
    """The stage process of one subject, under its warden; ``peers`` are other interpreters. Raises Unusable."""

    def __init__(self, subject: Subject, peers: Iterable[str] = ()) -> None:
        self.subject = subject
        self.directory = private_directory()
        interpreter = subject.interpreter
        self.code = self.directory / "code"
        self.compiled = payload.compiled(interpreter.executable, interpreter.adapter)
        self.listener = Listener(self.directory)
        self.provided: frozenset[str] = frozenset()  # the spec modules that it has
        self.crews = 0
        self.roles: dict[int, str] = {}  # of processes that have introduced themselves
        self.met: list[Channel] = []
        self.words: list[str] | None = None  # the last lines of output, if stacks were printed after them
        self.ticking: set[int] = set()  # threads that wake only to look at a flag
        arguments = [str(self.code), interpreter.path, self.listener.address, self.listener.token]
        command = [interpreter.executable, "-c", BOOT, json.dumps([*arguments, subject.start_method])]
        known = environment(self.directory, [str(self.code), *interpreter.path], peers)
        known[IMPLEMENTATION] = interpreter.implementation
        try:
            self.supervised = process.start(command, known, self.directory, held=True)
        except BaseException:
            self.listener.close()
            raise
        self._fill(interpreter.adapter)
        self.supervised.release()
        self.channel = self._meet()

    def _fill(self, adapter: str) -> None:
        """Makes the directory, and copies there what the stage imports. Raises OSError if there is no space left."""
        try:
            self.directory.mkdir(mode=0o700)
            self.listener.listen()
            (self.directory / "t").mkdir()
            payload.vocabulary(self.code, adapter)
            payload.specs(self.code, ())
            payload.plant(self.code, self.compiled)
        except BaseException:
            self.listener.close()
            self.supervised.close()
            raise

    def provide(self, modules: Iterable[str]) -> None:
        """Copies the spec modules that the stage does not have yet. Raises OSError if there is no space left."""
        new = frozenset(modules) - self.provided
        if new:
            payload.specs(self.code, new)
            payload.plant(self.code, self.compiled)
            self.provided |= new

    def _meet(self) -> Channel:
        vigil = HangWatch(self)
        while not ready([self.listener.socket], vigil.pause):
            if self.supervised.exited() is not None or now() - vigil.since > PATIENCE * 6e9:
                raise Unusable(f"{self.subject} does not start: {self.ended()}")
        channel = self.listener.accept()
        if channel is None or channel.role != ["stage"]:
            said = channel.role[-1] if channel and channel.role else "another process connected"
            if channel:
                channel.close()
            self.close()
            raise Unusable(f"{self.subject} does not start: {said}")
        self.meet(channel, "the stage")
        self.descriptors = 0 if channel.pid is None else procfs.count_descriptors(channel.pid)
        return channel

    @property
    def harness(self) -> outside.Harness:
        """What of the harness the subject is connected to."""
        ends = [channel.fileno() for channel in self.met] + [self.listener.socket.fileno()]  # -1 if closed
        sockets = {f"socket:[{os.fstat(end).st_ino}]" for end in ends if end >= 0}
        return outside.Harness(self.supervised.pid, sockets, self.supervised.tail.identity)

    def is_tidy(self) -> bool:
        """Whether nothing is left in the stage: no threads, few descriptors, no processes but its permanent helpers."""
        stage = None if self.gone else self.channel.pid
        if stage is None or len(procfs.threads(stage)) != 1:
            return False
        if procfs.count_descriptors(stage) > self.descriptors + SPARE_DESCRIPTORS:
            return False
        children = procfs.families().get(stage, [])
        return {stage, *children} == set(self.supervised.processes()) and all(map(procfs.is_servant, children))

    def forget(self) -> None:
        """Forgets the processes that it has met: their ids may be reused."""
        self.met = [self.channel]
        self.roles = {pid: role for pid, role in self.roles.items() if pid == self.channel.pid}
        self.ticking.clear()

    def meet(self, channel: Channel, role: str) -> None:
        """Notes the role of a process, and a channel that is closed with the stage."""
        self.met.append(channel)
        if channel.pid is not None:
            self.roles.setdefault(channel.pid, role)  # a thread is in the stage's process

    def ask(self, *command: Any) -> dict[str, Any]:
        """Sends a command and returns the answer. Raises Hung, Unresponsive or StageExited."""
        try:
            self.channel.send(command)
        except Lost:
            raise self.ended() from None
        return self.hear(HangWatch(self))

    def hear(self, vigil: HangWatch) -> dict[str, Any]:
        """Waits for the next answer. Raises Hung, Unresponsive or StageExited."""
        documents: list[Any] = []
        while not documents:
            if ready([self.channel], vigil.pause):
                documents = self._read()
            else:
                vigil.look([self.channel])
        answer: dict[str, Any] = documents[0]
        return answer

    def _read(self) -> list[Any]:
        """The answers that have arrived, without remarks that answer nothing. Raises StageExited."""
        try:
            documents = self.channel.read()
        except Lost:
            raise self.ended() from None
        remarks = [document for document in documents if isinstance(document, dict) and "ticking" in document]
        self.ticking.update(remark["ticking"] for remark in remarks)
        return [document for document in documents if document not in remarks]

    @property
    def gone(self) -> bool:
        """Whether the stage has ended, or is about to."""
        return self.supervised.exited() is not None or self.channel.hung_up

    def ended(self) -> StageExited:
        """How a stage that has hung up ended, with its last lines of output."""
        status = self.supervised.exited() if self.words is not None else self.supervised.wait(ENDING)
        how = "hung up" if status is None or self.words is not None else endings.shell_words(status)
        return StageExited("\n".join([f"the stage {how}", self.close()]).rstrip(), how)

    def examine(self) -> str:
        """Describes what every process of the subject is doing, and its last lines of output; ends them all."""
        self.words = self.last_words()  # the stacks are printed after them
        found = examination.examine(self.supervised, self.roles)
        said = self.close()
        return "\n".join([found, *titled(said.splitlines())])

    def close(self) -> str:
        """Ends every process of the subject; returns its last lines of output from before this kills processes."""
        self.supervised.tail.settle(LISTENING)
        words = self.last_words() if self.words is None else self.words
        for channel in self.met:
            channel.close()
        self.listener.close()
        payload.gather(self.code, self.compiled)
        self.supervised.close()
        return "\n".join(words)

    @property
    def printed(self) -> int:
        """How many bytes of standard error have arrived."""
        return self.supervised.tail.arrived

    def said_since(self, before: int) -> list[str]:
        """The last lines of standard error after the first ``before`` bytes, with a title; empty if there are none."""
        self.supervised.tail.settle(LISTENING)
        lines = self.supervised.tail.since(before).strip().splitlines()
        return titled([printable(line) for line in lines[-LAST_WORDS:]])

    def last_words(self) -> list[str]:
        """The last lines of standard error: from the report of a crash on, if there is one."""
        lines = [printable(line) for line in self.supervised.stderr_tail().strip().splitlines()]
        crash = next((i for i in reversed(range(len(lines))) if lines[i].startswith(CRASH)), None)
        if crash is not None and (found := stacks.parsed(lines[crash:])):
            return [lines[crash], *(f"    {line}" for stack in found for line in stack.lines())]
        return lines[-LAST_WORDS:] if crash is None else lines[crash:][:LAST_WORDS]


def titled(lines: Sequence[str]) -> list[str]:
    """Lines of standard error under a title."""
    return ["Last lines of standard error:", *(f"    {line}" for line in lines)] if lines else []


def printable(line: str) -> str:
    """A line that a terminal can show: without control characters, and only the end if it is long."""
    shown = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line[-LONG:])
    return shown if len(line) <= LONG else f"... {shown}"


def private_directory() -> Path:
    """A new name of a directory whose path is short enough for the sockets of the subject. Raises Unusable."""
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        if len(base) <= LONGEST_BASE and os.access(base, os.W_OK):
            return process.name_directory(base)
    raise Unusable(
        f"The path {tempfile.gettempdir()} is too long for sockets: set TMPDIR to {LONGEST_BASE} characters or fewer."
    )


def environment(directory: Path, path: Iterable[str], peers: Iterable[str]) -> dict[str, str]:
    """The driver's environment, with a TMPDIR that is removed at the end, and the other interpreters.

    It has the ``path`` of the payload and the implementation as well, for processes that do not get that of their
    parent, or import something before.
    """
    known = [*path, *filter(None, [os.environ.get("PYTHONPATH")])]
    more = {"TMPDIR": str(directory / "t"), "PYTHONFAULTHANDLER": "1", PEERS: os.pathsep.join(peers)}
    more["PYTHONPYCACHEPREFIX"] = ""  # bytecode stays in the directory, and vanishes with it
    return {**os.environ, **more, **({"PYTHONPATH": os.pathsep.join(known)} if known else {})}

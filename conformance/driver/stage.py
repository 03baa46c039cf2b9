"""The driver's view of a stage: starting it, asking it, and waiting without guessing."""

import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from conformance.driver import certificate, process, procfs, stacks, stock
from conformance.driver.channel import Channel, Listener, Lost, now, ready
from conformance.driver.subject import Subject, Unusable
from conformance.stage.programs import PEERS
from conformance.stage.stagehand import IMPLEMENTATION

BOOT = """
import json, sys
code, path, *arguments = json.loads(sys.argv[1])
sys.path[:] = [code] + path + [p for p in sys.path if p]
from conformance.stage.stage import main
main(*[tuple(a) if isinstance(a, list) else a for a in arguments])
"""
LONGEST_BASE = 55  # characters; AF_UNIX takes 107, and the subject's own names need the rest
FIRST_LOOK = 0.02  # seconds of silence before the first try to certify a hang
PATIENCE = 10.0  # seconds of silence, not certified, after which the verdict is unknown
OVERSLEEP = 1.0  # seconds of sound sleep, past any deadline, that prove a timed wait too long
LAST_WORDS = 20  # lines of standard error that are shown
CRASH = "Fatal Python error"  # how faulthandler begins its report


class Asleep(Exception):
    """Every thread of the subject sleeps for good: the message is the certificate."""


class Silent(Exception):
    """The subject does not answer, and nothing proves why: the message holds all stacks."""


class Ended(Exception):
    """The stage is gone: the message tells its exit status and its last words."""


class Vigil:
    """Watches a silent subject: certifies a hang as soon as it can, and gives up in the end.

    A certificate counts only if nothing has arrived at the ``sources`` when it is complete: a
    subject that sleeps because it has answered is no hang.
    """

    def __init__(self, stage: "Stage") -> None:
        self.stage = stage
        self.reset()

    def reset(self) -> None:
        """The subject has answered."""
        self.since = now()
        self.pause = FIRST_LOOK

    def look(self, sources: Iterable[Any]) -> None:
        """Raises Asleep with a certificate, or Silent when patience ends; else waits longer."""
        silent = (now() - self.since) / 1e9
        self.pause = min(self.pause * 2, 0.5)
        warden = self.stage.supervised.pid
        ticking = self.stage.ticking
        found = certificate.certify_below(warden, ticking=ticking)
        if found is None and silent > OVERSLEEP:
            found = certificate.certify_below(warden, oversleep=OVERSLEEP, ticking=ticking)
        if ready(sources, 0):
            return
        if found is not None:
            raise Asleep(found.describe())
        if silent > PATIENCE:
            raise Silent(stacks.stacks(procfs.descendants(warden)))


class Stage:
    """A stage process of one subject, under its warden; ``peers`` are other interpreters. Raises Unusable."""

    def __init__(self, subject: Subject, peers: Iterable[str] = ()) -> None:
        self.subject = subject
        self.directory = private_directory()
        interpreter = subject.interpreter
        stock.vocabulary(self.directory / "code", interpreter.adapter)
        stock.specs(self.directory / "code")
        (self.directory / "t").mkdir()
        self.listener = Listener(self.directory)
        self.crews = 0
        self.ticking: set[int] = set()  # threads that wake only to look at a flag
        arguments = [str(self.directory / "code"), interpreter.path, self.listener.address, self.listener.token]
        command = [interpreter.executable, "-c", BOOT, json.dumps([*arguments, subject.start_method])]
        known = environment(self.directory, interpreter.path, peers)
        known[IMPLEMENTATION] = interpreter.implementation
        self.supervised = process.start(command, known, self.directory)
        self.channel = self._meet()

    def _meet(self) -> Channel:
        vigil = Vigil(self)
        while not ready([self.listener.socket], vigil.pause):
            if self.supervised.exited() is not None or now() - vigil.since > PATIENCE * 6e9:
                raise Unusable(f"{self.subject} does not start: {self.close()}")
        channel = self.listener.accept()
        if channel is None or channel.role != ["stage"]:
            said = channel.role[-1] if channel and channel.role else "a stranger answered"
            self.close()
            raise Unusable(f"{self.subject} does not start: {said}")
        return channel

    def ask(self, *command: Any) -> dict[str, Any]:
        """The answer to a command. Raises Asleep, Silent or Ended."""
        try:
            self.channel.send(command)
        except Lost:
            raise Ended(self.close()) from None
        return self.hear(Vigil(self))

    def hear(self, vigil: Vigil) -> dict[str, Any]:
        """The next answer. Raises Asleep, Silent or Ended."""
        documents: list[Any] = []
        while not documents:
            if ready([self.channel], vigil.pause):
                documents = self._read()
            else:
                vigil.look([self.channel])
        answer: dict[str, Any] = documents[0]
        return answer

    def _read(self) -> list[Any]:
        """The answers that have arrived, without remarks that answer nothing. Raises Ended."""
        try:
            documents = self.channel.read()
        except Lost:
            raise Ended(self.close()) from None
        remarks = [document for document in documents if isinstance(document, dict) and "ticking" in document]
        self.ticking.update(remark["ticking"] for remark in remarks)
        return [document for document in documents if document not in remarks]

    def close(self) -> str:
        """Ends every process of the subject; returns how it ended and its last words."""
        channel = getattr(self, "channel", None)
        if channel:
            channel.close()
        self.listener.close()
        self.supervised.close()
        return "\n".join([f"exit status {self.supervised.exited()}", *self.last_words()])

    def last_words(self) -> list[str]:
        """The last lines of standard error: from the report of a crash on, if there is one."""
        lines = self.supervised.stderr_tail().strip().splitlines()
        crash = next((i for i in reversed(range(len(lines))) if lines[i].startswith(CRASH)), len(lines) - LAST_WORDS)
        return lines[max(crash, 0) :][:LAST_WORDS]


def private_directory() -> Path:
    """A new directory whose path is short enough for the sockets of the subject. Raises Unusable."""
    for base in (tempfile.gettempdir(), "/tmp", "/var/tmp"):
        if len(base) <= LONGEST_BASE and os.access(base, os.W_OK):
            return Path(tempfile.mkdtemp(prefix="mpconform-", dir=base))
    raise Unusable(
        f"{tempfile.gettempdir()} is too long for sockets: set TMPDIR to {LONGEST_BASE} characters or fewer."
    )


def environment(directory: Path, path: Iterable[str], peers: Iterable[str]) -> dict[str, str]:
    """The driver's environment, with temporary files where they are removed at the end, and other interpreters.

    The implementation's ``path`` is there, too, for processes that import it before they get their parent's.
    """
    known = [*path, *filter(None, [os.environ.get("PYTHONPATH")])]
    more = {"TMPDIR": str(directory / "t"), "PYTHONFAULTHANDLER": "1", PEERS: os.pathsep.join(peers)}
    return {**os.environ, **more, **({"PYTHONPATH": os.pathsep.join(known)} if known else {})}

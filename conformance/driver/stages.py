"""Stages that one campaign hands on to the next: starting a stage costs more than many a campaign."""

from collections.abc import Iterable

from conformance.driver.stage import Stage
from conformance.driver.subject import Subject


class Stages:
    """The stages that nobody uses at the moment, one for each subject.

    A stage is handed on only as it was at its start: nothing of the subject runs but what stays for good. ``close``
    ends all of them.
    """

    def __init__(self) -> None:
        self._idle: dict[Subject, Stage] = {}

    def take(self, subject: Subject, peers: Iterable[str]) -> Stage:
        """A stage of the subject, started if there is none. Raises Unusable if the subject cannot start."""
        return self._idle.pop(subject, None) or Stage(subject, peers)

    def give(self, stage: Stage) -> str:
        """Keeps a stage for the next campaign, or ends it and returns its last words."""
        if stage.subject in self._idle or not stage.is_tidy():
            return stage.close()
        stage.forget()
        self._idle[stage.subject] = stage
        return ""

    def close(self) -> None:
        """Ends every stage."""
        while self._idle:
            self._idle.popitem()[1].close()

"""Stages that one campaign hands on to the next: starting a stage costs more than many a campaign."""

from collections.abc import Iterable

from conformance.driver.stage import StageProcess
from conformance.subjects.subject import Subject


class Stages:
    """The stages that nobody uses at the moment, one for each subject.

    A stage is handed on only if nothing of the subject runs there but what stays for good. ``close`` ends all of them.
    """

    def __init__(self) -> None:
        self._idle: dict[Subject, StageProcess] = {}

    def take(self, subject: Subject, peers: Iterable[str]) -> StageProcess:
        """A stage of the subject, started if there is none. Raises Unusable if the subject cannot start."""
        idle = self._idle.pop(subject, None)
        if idle is not None and not idle.is_tidy():  # it died meanwhile, which says nothing about who comes next
            idle.close()
            idle = None
        return idle or StageProcess(subject, peers)

    def give(self, stage: StageProcess) -> None:
        """Keeps a stage for the next campaign, or ends it."""
        if stage.subject in self._idle or not stage.is_tidy():
            stage.close()
        else:
            stage.forget()
            self._idle[stage.subject] = stage

    def close(self) -> None:
        """Ends every stage."""
        while self._idle:
            self._idle.popitem()[1].close()

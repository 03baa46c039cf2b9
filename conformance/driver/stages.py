"""Hands stages on from one campaign to the next: starting a stage takes longer than many a campaign."""

from collections.abc import Iterable

from conformance.driver.shortage import REFUSALS, Short, explain_refusal
from conformance.driver.stage import StageProcess
from conformance.forensics.limits import out_of_memory_kills
from conformance.subjects.subject import Subject, Unusable


def start_stage(subject: Subject, peers: Iterable[str]) -> StageProcess:
    """A new stage. Raises Unusable if the subject cannot start; Short, if the machine is to blame for that."""
    kills = out_of_memory_kills()
    try:
        return StageProcess(subject, peers)
    except (Unusable, *REFUSALS) as error:
        shortage = explain_refusal(str(error) or type(error).__name__, kills=kills)
        if shortage is None:
            raise
        why = str(error) if isinstance(error, Unusable) else f"{subject} does not start: {error}"
        raise Short(f"{why}\n({shortage})", shortage) from None


class Stages:
    """The stages that are not in use at the moment, one for each subject.

    A stage is handed on only if nothing of the subject runs there except its permanent helper processes. ``close``
    ends all stages.
    """

    def __init__(self) -> None:
        self._idle: dict[Subject, StageProcess] = {}

    def take(self, subject: Subject, peers: Iterable[str]) -> StageProcess:
        """Returns a stage of the subject, started if there is none. Raises Unusable if the subject cannot start."""
        idle = self._idle.pop(subject, None)
        if idle is not None and not idle.is_tidy():  # it has died since, which says nothing about the next campaign
            idle.close()
            idle = None
        return idle or start_stage(subject, peers)

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

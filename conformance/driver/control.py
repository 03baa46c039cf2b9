"""Whether a subject can be checked at all: its processes and pools run functions of the standard library, and ours.

Processes that do not get the ``sys.path`` and the environment of the stage cannot import the specs. Nothing that
they then do is the subject's fault, and nearly every clause would seem to be violated. What cannot even run a
function of the standard library, however, is not kept from it by us, and goes on to be checked.
"""

import operator
from collections.abc import Iterable, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path

from conformance import catalogue
from conformance.driver.channel import ready
from conformance.driver.crew import Hung, StageExited, Unresponsive
from conformance.driver.stage import StageProcess
from conformance.stage import control
from conformance.subjects import payload
from conformance.subjects.adapters import DEFAULT, Unusable
from conformance.subjects.subject import Subject

POOL = "pool.Pool"
CALLING = 1.0  # seconds after the end of a process for its connection to arrive
STATUS = 7  # with which a process ends that shows nothing else
Failures = (Hung, Unresponsive, StageExited)
ADVICE = "processes need PYTHONPATH and the other environment variables of the process that starts them"


def require(subject: Subject, clauses: Iterable[str]) -> None:
    """Raises Unusable if the clauses cannot be checked, since the subject runs its own functions, but not ours."""
    modules = sorted({catalogue.home(catalogue.owner(name), catalogue.clauses()[name]) for name in clauses})
    if not modules or is_like_ours(subject):
        return
    try:
        why = refusal(subject, modules)
    except OSError:  # the machine is short of something: the run itself tells of what
        return
    if why:
        raise Unusable(f"{subject} cannot be checked: {why}; {ADVICE}.")


def refusal(subject: Subject, modules: Sequence[str]) -> str:
    """Why clauses of these modules cannot be checked, in a few words; empty if they can."""
    with_pools = [module for module in modules if has_pools(module)]
    why = refusal_of_processes(subject, modules[0])
    if not why and with_pools and subject.interpreter.offers(POOL):
        return refusal_of_pools(subject, with_pools[0])
    return why


def is_like_ours(subject: Subject) -> bool:
    """Whether its processes are known to be children that inherit everything, or threads."""
    on = subject.interpreter
    return on.threads or (on.implementation == DEFAULT and not on.path and not on.adapter)


def has_pools(module: str) -> bool:
    """Whether a module of the specs makes pools."""
    path: Path = catalogue.specs_directory().parent / payload.file_of(module)
    return ".Pool(" in path.read_text(encoding="utf-8")


@cache
def refusal_of_processes(subject: Subject, module: str) -> str:
    """Why no clause can be checked, in a few words; empty if a process answers, or none runs anything."""
    with closing(StageProcess(subject)) as stage:
        why = answer_of_process(stage, module)
    if not why:
        return ""
    with closing(StageProcess(subject)) as stage:
        sign = stage.directory / "t" / "sign"
        ended = said(stage, "run_process", "os:mkdir", str(sign))
        if sign.is_dir():
            return f"its processes run functions of the standard library, but not those of the specs ({why})"
    with closing(StageProcess(subject)) as stage:
        ended = said(stage, "run_process", "sys:exit", STATUS)
    return f"its processes have no files in common with the one that starts them ({why})" if ended == STATUS else ""


def answer_of_process(stage: StageProcess, module: str) -> str:
    """Why a process of the subject that has no objects does not connect to the driver; empty if it does."""
    stage.provide([module])
    mine = stage.listener.address, stage.listener.token
    ended = said(stage, "run_process", f"{control.__name__}:call_in", *mine, module)
    while ready([stage.listener.socket], CALLING):
        channel = stage.listener.accept()
        if channel and channel.role[:1] == ["control"]:
            channel.close()
            return ""
    return ended if isinstance(ended, str) else last_error(stage) or "none has answered"


def said(stage: StageProcess, how: str, function: str, *arguments: object) -> int | str | None:
    """The exit status of a process, or what a pool has returned, or how it failed, as text."""
    try:
        answer = stage.ask("control", how, function, *arguments)
    except Failures:
        return last_error(stage) or "it does not come to an end"
    return answer.get("failed") or answer.get("returned", answer.get("exited"))


def last_error(stage: StageProcess) -> str:
    """The last line of standard error that tells of an error."""
    lines = [line.strip() for line in stage.supervised.stderr_tail().splitlines()]
    return next((line for line in reversed(lines) if "Error" in line), "")


@cache
def refusal_of_pools(subject: Subject, module: str) -> str:
    """Why no clause can be checked that uses a pool, in a few words; empty if a pool answers, or runs nothing."""
    with closing(StageProcess(subject)) as stage:
        stage.provide([module])
        why = said(stage, "run_task", f"{control.__name__}:name_of", module)
    if why == repr(module):
        return ""
    with closing(StageProcess(subject)) as stage:
        if said(stage, "run_task", "operator:add", 1, 2) != repr(operator.add(1, 2)):
            return ""
    return f"its pools run functions of the standard library, but not those of the specs ({why})"

"""The stage: imports the implementation, makes its objects, starts actors, runs scenarios.

It serves one driver and answers every command with one JSON document.
"""

import gc
import os
import sys
import traceback
from functools import partial
from threading import Thread
from typing import Any, Callable, Dict, List, Optional

from conformance.stage import actor, blame, bytecode, control, stagehand
from conformance.stage.assertions import import_explained
from conformance.stage.children import kill
from conformance.stage.wire import Address, Link
from conformance.vocabulary.outcomes import Unproven, raised
from conformance.vocabulary.spec import Spec

MINUTE = 60.0
LONG = 2000  # characters of a line of a traceback: the text of an exception has no bounds
HERE = os.path.dirname(os.path.abspath(__file__))
CODE = os.path.dirname(os.path.dirname(HERE))  # of one stage, and private


class Stage:
    """The commands of a driver, one method each; each returns what is answered."""

    def __init__(self, address: Address, token: str, mp: Any) -> None:
        self.address, self.token, self.mp = address, token, mp
        self.spec: Optional[Spec] = None
        self.objects: List[Any] = []
        self.actors: List[Any] = []

    def make(self, module: str, name: str, recipes: List[Dict[str, Any]]) -> Any:
        """Makes the stock of fresh objects; tells which recipe failed and how."""
        self.imports(module)
        self.spec = actor.find(module, name)
        for index, recipe in enumerate(recipes):
            try:
                assert self.spec.make is not None
                self.objects.append(self.spec.make(self.mp, **recipe))
            except BaseException as error:
                return {"failed": index, "observed": str(raised(error)), "own": blame.explain_own(error)}
        return {"made": len(recipes)}

    def imports(self, *modules: str) -> None:
        """Imports modules of specs, and keeps what was compiled for it."""
        new = [module for module in modules if module not in sys.modules]
        for module in new:
            import_explained(module)
        if new:
            bytecode.keep_bytecode(CODE)
            set_apart()

    def start(self, crew: int, actors: int, module: str, name: str) -> Any:
        """Starts the actors; they call the driver themselves."""
        for index in range(actors):
            args = (self.address, self.token, crew, index, self.objects, module, name)
            try:
                process = self._starter()(args=args)
                process.start()
            except BaseException as error:
                answer = {"failed": index, "observed": str(raised(error)), "own": blame.explain_own(error)}
                return {**answer, "trace": traceback.format_exc()}
            self.actors.append(process)
        return {"started": actors}

    def _starter(self) -> Callable[..., Any]:
        """What starts an actor, through the subject's own Process where objects can be passed on."""
        if self.spec and self.spec.threads:
            return partial(Thread, target=actor.serve, daemon=True)
        return partial(self.mp.Process, target=actor.serve if stagehand.implementation().threads else actor.main)

    def started(self) -> Any:
        """Lets go of the parts that belong to the actors, once they all have theirs."""
        if self.spec and self.spec.parts:
            for parts in self.objects:
                for part in parts:
                    part.close()
        return {}

    def exit_code(self, index: int) -> Any:
        """How an actor has ended, as its parent knows it."""
        try:
            status = self.actors[index].exitcode
        except Exception:  # it is not the object of this run
            status = None
        return {"exited": status if isinstance(status, int) else None}

    def dismiss(self, pids: List[int]) -> Any:
        """Ends the actors, given the numbers of those that are processes, and drops the objects.

        A subject may call its processes by anything. A thread ends when the driver hangs up.
        """
        for pid in pids:
            if pid != os.getpid():
                kill(pid)
        for process in self.actors:
            process.join(MINUTE)
        unmake = self.spec.unmake if self.spec else None
        if unmake:
            for obj in self.objects:
                unmake(obj)
        self.actors, self.objects, self.spec = [], [], None
        gc.collect()
        return {}

    def control(self, how: str, function: str, *arguments: Any) -> Any:
        """Runs a function without any object of a spec: by ``run_process`` or ``run_task``."""
        try:
            return getattr(control, how)(self.mp, function, arguments)
        except BaseException as error:
            return {"failed": str(raised(error))}

    def scenario(self, modules: List[str], name: str, clause: str, arguments: Dict[str, Any]) -> Any:
        """Runs one scenario; an exception is the observation of a violation.

        The first of the modules has the spec, and the last the scenario.
        """
        self.imports(*modules)
        run = actor.find(modules[0], name).scenarios[clause].run
        try:
            run(self.mp, **arguments)
        except Unproven as error:
            return {"unproven": str(error)}
        except BaseException as error:
            return failure(error)
        finally:
            gc.collect()
        return {"passed": clause}


def set_apart() -> None:
    """Takes what is imported from the garbage collector, which looks for leftovers after each scenario."""
    gc.collect()
    if hasattr(gc, "freeze"):  # PyPy has no such thing
        gc.freeze()


def failure(error: BaseException) -> Dict[str, Any]:
    """The answer of a scenario that failed: whether by an assertion, and which values that compared.

    If the exception is the harness's own, the answer says so.
    """
    if isinstance(error, AssertionError) and str(error):  # specs' assertions say what was promised
        compared = getattr(error, "compared", None)
        answer: Dict[str, Any] = {"failed": "assertion", "observed": str(error), "compared": compared}
    else:
        answer = {"failed": "raised", "observed": str(raised(error))}
    return {**answer, "own": blame.explain_own(error), "trace": trace(error)}


def trace(error: BaseException) -> str:
    """Where an exception comes from, without the calls of the harness."""
    found = traceback.TracebackException.from_exception(error)
    found.stack = traceback.StackSummary.from_list([f for f in found.stack if os.path.dirname(f.filename) != HERE])
    return "".join(part[:LONG] for part in found.format())


def main(address: Address, token: str, start_method: str) -> None:
    """Serves until the driver hangs up, and ends without running exit handlers."""
    try:
        mp = stagehand.implementation().bound(start_method)
        mp.Process  # a module with an API like multiprocessing's has this
    except BaseException as error:
        Link(address, token, "failed", "%s: %s" % (type(error).__name__, error))
        os._exit(1)
    link = Link(address, token, "stage")
    stagehand.links.append(link)
    stage = Stage(address, token, mp)
    for command, *arguments in link.frames():
        link.send(getattr(stage, command)(*arguments))
    os._exit(0)

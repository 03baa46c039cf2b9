"""Processes that launchers or daemons start elsewhere: they get neither their parent's sys.path nor what is inherited.

The start methods: ``bare`` processes do not even get its environment, ``launched`` ones do; by ``pools`` only the
workers of pools are bare, as those of a cluster may be; ``texts`` and ``numbers`` call forked processes by what no
system knows.
"""

import multiprocessing
import pickle
import subprocess
import sys
from multiprocessing.context import ForkProcess

FUNCTION = "import pickle, sys; function, args, kwargs = pickle.load(sys.stdin.buffer); function(*args, **kwargs)"
TASK = """
import pickle, sys
try:
    function, args, kwargs = pickle.load(sys.stdin.buffer)
    answer = True, function(*args, **kwargs)
except BaseException as error:
    answer = False, error
pickle.dump(answer, sys.stdout.buffer)
"""
BARE = {"args": ["-I", "-S"], "env": {}}  # nor what is installed, which may be this project
LAUNCHED = {"args": [], "env": None}


def launch(how, source, task, **streams):
    """Starts an interpreter that gets a function with its arguments."""
    words = [sys.executable, *how["args"], "-c", source]
    started = subprocess.Popen(words, env=how["env"], cwd="/", stdin=subprocess.PIPE, **streams)
    started.stdin.write(pickle.dumps(task))
    started.stdin.close()
    return started


class Process:
    """A process that gets what it runs through a pipe."""

    how = LAUNCHED

    def __init__(self, group=None, target=None, name=None, args=(), kwargs=None, *, daemon=None):
        self.task, self.name, self.daemon = (target, args, kwargs or {}), name, daemon

    def start(self):
        self.started = launch(self.how, FUNCTION, self.task)

    def join(self, timeout=None):
        self.started.wait(timeout)

    @property
    def pid(self):
        return self.started.pid

    @property
    def exitcode(self):
        return self.started.poll()


class Bare(Process):
    how = BARE


class Pool:
    """Workers that get each task through a pipe."""

    how = LAUNCHED

    def __init__(self, processes=None):
        self.processes = processes

    def apply(self, func, args=(), kwds=None):
        started = launch(self.how, TASK, (func, args, kwds or {}), stdout=subprocess.PIPE)
        with started.stdout:
            done, value = pickle.loads(started.stdout.read())
        started.wait()
        if not done:
            raise value
        return value

    def terminate(self):
        pass

    close = join = terminate


class BarePool(Pool):
    how = BARE


class ByText(ForkProcess):
    @property
    def pid(self):
        return f"node-1/job-{super().pid}"


class ByNumber(ForkProcess):
    @property
    def pid(self):
        return super().pid << 40


class Context:
    """The names of one start method; those of multiprocessing, where it has none of its own."""

    def __init__(self, method):
        self.method = method
        kinds = {"bare": (Bare, BarePool), "launched": (Process, Pool), "pools": (None, BarePool)}
        kinds |= {"texts": (ByText, None), "numbers": (ByNumber, None)}
        real = multiprocessing.get_context("fork")
        process, pool = kinds[method]
        self.Process, self.Pool = process or real.Process, pool or real.Pool

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return getattr(multiprocessing.get_context("fork"), name)

    def __reduce__(self):
        return Context, (self.method,)


def get_context(method):
    return Context(method)

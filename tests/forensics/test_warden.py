"""Whatever becomes of a stage or of its driver, nothing of it stays behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.runs import TOP
from support.waiting import until

import conformance
from conformance.forensics import process, procfs, stacks
from conformance.forensics.process import TAIL, Supervised, mark, start

pytestmark = pytest.mark.skipif(not procfs.available(), reason="needs procfs")

Start = Callable[..., Supervised]

SAY = "print('ready', flush=True)\n"
PAUSE = "import signal; signal.pause()"
GRANDCHILDREN = """
import os, signal, sys
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP): signal.signal(number, signal.SIG_IGN)
for _ in range(3):
    if os.fork() == 0:
        os.setsid()
        if os.fork():
            os._exit(0)  # orphans the grandchild
        code = "import os, signal; print('up', os.getpid(), flush=True); signal.pause()"
        os.execve("/proc/self/exe", ["python", "-c", code], {"PYTHONHOME": sys.base_prefix})  # no mark of the run
signal.pause()
"""
SEMAPHORES = """
import multiprocessing, os, signal, sys
from multiprocessing import resource_tracker
def hold(semaphore, ready):
    ready.release()
    semaphore.acquire()
if __name__ == "__main__":
    mp = multiprocessing.get_context("spawn")
    held, ready = mp.Semaphore(0), mp.Semaphore(0)
    actor = mp.Process(target=hold, args=(held, ready))
    actor.start()
    ready.acquire()
    if sys.argv[1] == "kill the tracker":
        os.kill(resource_tracker._resource_tracker._pid, signal.SIGKILL)
    print(*("sem." + s._semlock.name[1:] for s in (held, ready)), "ready", flush=True)
    if sys.argv[1] == "segfault":
        import ctypes
        ctypes.string_at(0)
    actor.join()
"""
DRIVER = """
import os, sys, time
from pathlib import Path
from conformance.forensics.process import start
stage = start([sys.executable, "-c", sys.argv[2]], os.environ, Path(sys.argv[1]))
while "ready" not in stage.stderr_tail(): time.sleep(0.001)
print("ready", flush=True)
input()
"""


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """The directory of a run, with something in it."""
    run = tmp_path / "run"
    (run / "pymp-1" / "deep").mkdir(parents=True)
    (run / "pymp-1" / "deep" / "file").write_text("left behind")
    (run / "link").symlink_to(tmp_path)
    return run


@pytest.fixture
def stage(directory: Path) -> Iterator[Start]:
    """Starts a script as a stage; after the test nothing may be left of it."""
    started: list[Supervised] = []

    def begin(script: str, *arguments: str) -> Supervised:
        code = [script] if script.endswith(".py") else ["-c", script]
        started.append(start([sys.executable, *code, *arguments], os.environ, directory))
        return started[-1]

    yield begin
    for supervised in started:
        supervised.close()
    assert_gone(directory)


def assert_gone(directory: Path) -> None:
    until(lambda: not procfs.marked(mark(directory)), "the end of all processes")
    assert not directory.exists()
    assert directory.parent.exists()


def ready(supervised: Supervised, times: int = 1, word: str = "ready") -> None:
    until(lambda: supervised.stderr_tail().count(word) >= times, f"{word!r} from the stage")


@pytest.mark.parametrize(
    ("script", "status"),
    [
        ("pass", 0),
        ("raise SystemExit(7)", 7),
        ("import ctypes; ctypes.string_at(0)", 128 + signal.SIGSEGV),
        ("import os; os.abort()", 128 + signal.SIGABRT),
        ("import os; os.kill(0, 9)", 128 + signal.SIGKILL),
    ],
)
def test_warden_cleans_up_after_a_stage_that_ends(stage: Start, directory: Path, script: str, status: int) -> None:
    supervised = stage(script)
    until(lambda: supervised.exited() is not None, "the exit")
    assert supervised.exited() == status
    assert_gone(directory)  # without close


def test_warden_ends_a_stage_that_is_closed(stage: Start) -> None:
    supervised = stage(SAY + PAUSE)
    ready(supervised)
    assert supervised.exited() is None
    assert len(supervised.processes()) == 1
    supervised.close()
    assert supervised.exited() == 128 + signal.SIGKILL
    assert supervised.processes() == ()
    supervised.close()


def test_warden_reports_a_command_that_does_not_start(directory: Path) -> None:
    with start([str(directory / "missing")], os.environ, directory) as supervised:
        until(lambda: supervised.exited() is not None, "the exit")
        assert supervised.exited() == 127
        assert "cannot start" in supervised.stderr_tail()
    assert_gone(directory)


def test_warden_cleans_up_after_a_driver_that_is_killed(directory: Path) -> None:
    root = str(Path(conformance.__file__).parents[1])
    command = [sys.executable, "-c", DRIVER, str(directory), SAY + PAUSE]
    pipe, environment = subprocess.PIPE, {**os.environ, "PYTHONPATH": root}
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment) as driver:
        assert driver.stdout
        assert driver.stdout.readline() == "ready\n"
        assert procfs.marked(mark(directory))
        driver.kill()
    until(lambda: not directory.exists(), "the warden to remove the directory")
    assert_gone(directory)


def test_warden_does_not_start_a_stage_whose_driver_is_gone(directory: Path) -> None:
    mark = directory.parent / "started"
    command = [sys.executable, "-c", f"open({str(mark)!r}, 'w')"]
    supervised = start(command, os.environ, directory, held=True)
    (directory / "half").mkdir()
    supervised.close()
    assert supervised.exited() == 0
    assert not mark.exists()
    assert_gone(directory)


def test_warden_starts_a_held_stage_when_it_is_released(directory: Path) -> None:
    with start([sys.executable, "-c", SAY], os.environ, directory, held=True) as supervised:
        (directory / "filled").mkdir()
        supervised.release()
        ready(supervised)
    assert_gone(directory)


def test_warden_ends_orphans_in_sessions_of_their_own(stage: Start) -> None:
    supervised = stage(GRANDCHILDREN)
    ready(supervised, 3, "up")
    orphans = [int(line.split()[1]) for line in supervised.stderr_tail().splitlines() if line.startswith("up")]
    assert set(orphans) <= set(supervised.processes())
    supervised.close()
    assert not any(procfs.threads(pid) for pid in orphans)


def test_warden_keeps_the_tail_of_a_flood_of_output(stage: Start) -> None:
    supervised = stage(
        "import os\nfor _ in range(200): os.write(2, b'x' * 100_000)\nprint('the end'); raise SystemExit(3)"
    )
    until(lambda: supervised.exited() is not None, "the exit")
    tail = supervised.stderr_tail()
    assert supervised.exited() == 3
    assert len(tail) == TAIL
    assert tail.endswith("the end\n")


@pytest.mark.parametrize("how", ["close", "segfault", "kill the tracker"])
def test_warden_leaves_no_names_of_semaphores(stage: Start, tmp_path: Path, how: str) -> None:
    script = tmp_path / "semaphores.py"
    script.write_text(SEMAPHORES)
    supervised = stage(str(script), how)
    ready(supervised)
    if how == "segfault":
        until(lambda: supervised.exited() is not None, "the exit")
    supervised.close()
    names = [word for word in supervised.stderr_tail().split() if word.startswith("sem.")]
    assert len(names) >= 2
    assert not any((Path("/dev/shm") / name).exists() for name in names)


@pytest.mark.parametrize(
    "moment",
    ["file = open(own, 'w')", "open(own, 'w+').write('x' * 32); mapped = map(own); os.link(own, name)"],
    ids=["opened", "linked"],
)
def test_warden_unlinks_semaphores_that_are_being_created(stage: Start, moment: str) -> None:
    own, name = (Path(f"/dev/shm/sem.{kind}{os.getpid()}") for kind in ("own-", "mp-"))
    prelude = f"import mmap, os\nown, name = {str(own)!r}, {str(name)!r}\n"
    prelude += "def map(path):\n with open(path, 'r+') as file: return mmap.mmap(file.fileno(), 0)\n"
    supervised = stage(f"{prelude}{moment}\n{SAY}{PAUSE}")
    ready(supervised)
    assert own.exists()
    supervised.close()
    assert not own.exists()
    assert not name.exists()


@pytest.mark.parametrize("kind", ["mp-", "loky-"])
def test_warden_unlinks_semaphores_that_no_process_maps(stage: Start, kind: str) -> None:
    forgotten = Path(f"/dev/shm/sem.{kind}forgotten-{os.getpid()}")
    supervised = stage(f"open({str(forgotten)!r}, 'w').close()\n{SAY}{PAUSE}")
    ready(supervised)
    assert forgotten.exists()
    supervised.close()
    assert not forgotten.exists()


def test_warden_unlinks_blocks_of_a_scenario_that_was_cut_off(stage: Start) -> None:
    """Closed and untracked, only their names tell whose they are."""
    make = "from specs.memory.shared_memory import fresh\nname = fresh()\nopen('/dev/shm/' + name, 'w').close()"
    supervised = stage(f"import sys; sys.path.insert(0, {str(TOP)!r})\n{make}\nprint(name)\n{SAY}{PAUSE}")
    ready(supervised)
    left = Path("/dev/shm") / supervised.stderr_tail().split()[0]
    assert left.exists()
    supervised.close()
    assert not left.exists()


def test_warden_lets_the_tracker_unlink_shared_memory(stage: Start) -> None:
    make = (
        "from multiprocessing.shared_memory import SharedMemory\nmade = SharedMemory(create=True, size=1); made.close()"
    )
    supervised = stage(f"{make}\nprint(made.name)\n{SAY}{PAUSE}")
    ready(supervised)
    left = Path("/dev/shm") / supervised.stderr_tail().split()[0].strip("/")
    assert left.exists()
    supervised.close()
    assert not left.exists()


def test_warden_leaves_shared_memory_that_was_there_before(stage: Start) -> None:
    ours = Path(f"/dev/shm/conformance-{os.getpid()}")
    ours.write_bytes(b"x" * 4096)
    before = time.time()
    until(lambda: time.time() > before + 1.05, "the second by which times of files may be wrong")
    try:
        mapping = f"import mmap; file = open({str(ours)!r}, 'r+b'); mapped = mmap.mmap(file.fileno(), 0)\n"
        supervised = stage(f"{mapping}{SAY}{PAUSE}")
        ready(supervised)
        supervised.close()
        assert ours.exists()
    finally:
        ours.unlink()


def test_supervised_reports_a_warden_that_is_killed(stage: Start) -> None:
    supervised = stage(SAY + "import os, signal; os.fork(); signal.pause()")
    ready(supervised)
    os.kill(supervised.pid, signal.SIGKILL)
    supervised.close()
    assert supervised.exited() == -signal.SIGKILL


def test_supervised_kills_a_warden_that_does_not_finish(stage: Start) -> None:
    supervised = stage(SAY + "import os, signal; os.fork(); signal.pause()")
    ready(supervised)
    os.kill(supervised.pid, signal.SIGSTOP)
    supervised.close(deadline=0.1)
    assert supervised.exited() == -signal.SIGKILL


def test_warden_ignores_gentle_signals(stage: Start) -> None:
    supervised = stage(SAY + PAUSE)
    ready(supervised)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(supervised.pid, number)
    supervised.close()
    assert supervised.exited() == 128 + signal.SIGKILL


def test_warden_leaves_gentle_signals_to_the_stage(stage: Start) -> None:
    """It ignores them before the stage starts, or one that comes at that moment would leave the stage behind."""
    handlers = "import signal; print([signal.getsignal(number) == signal.SIG_IGN for number in (1, 15)], flush=True)"
    supervised = stage(f"{handlers}\n{SAY}{PAUSE}")
    ready(supervised)
    supervised.close()
    assert "[False, False]" in supervised.stderr_tail()


def test_name_directory_has_no_name_that_stacks_would_keep() -> None:
    for _ in range(200):
        path = f"{process.name_directory('/tmp')}/code/specs/queues/queues.py"
        assert stacks.frame(path, 1, "put").path == "specs/queues/queues.py"

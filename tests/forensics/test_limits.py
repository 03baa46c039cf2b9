"""What a machine leaves is measured against every limit, without what the subject has taken itself."""

import math
import os
import threading

import pytest

from conformance.forensics import limits, procfs
from conformance.forensics.limits import BLOCKS, DESCRIPTORS, FILES, MEMORY, PROCESSES, Limit, held, tightest

MIB = 1 << 20
CGROUPS = {
    "two": {
        "proc/self/cgroup": "0::/box/inner\n",
        "sys/fs/cgroup/box/pids.max": "100\n",
        "sys/fs/cgroup/box/pids.current": "90\n",
        "sys/fs/cgroup/box/inner/pids.max": "max\n",
        "sys/fs/cgroup/box/inner/pids.current": "80\n",
        "sys/fs/cgroup/box/memory.max": f"{300 * MIB}\n",
        "sys/fs/cgroup/box/memory.current": f"{290 * MIB}\n",
        "sys/fs/cgroup/box/memory.stat": f"anon 1\nactive_file {MIB}\ninactive_file {2 * MIB}\n",
        "sys/fs/cgroup/box/memory.events": "low 0\noom 3\noom_kill 2\n",
    },
    "one": {
        "proc/self/cgroup": "9:name=systemd:/\n8:pids:/box\n4:memory:/box\n0::/\n",
        "sys/fs/cgroup/pids/box/pids.max": "100\n",
        "sys/fs/cgroup/pids/box/pids.current": "90\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "5\n",
        "sys/fs/cgroup/memory/box/memory.limit_in_bytes": f"{300 * MIB}\n",
        "sys/fs/cgroup/memory/box/memory.usage_in_bytes": f"{290 * MIB}\n",
        "sys/fs/cgroup/memory/box/memory.stat": f"rss 7\ntotal_active_file {MIB}\ntotal_inactive_file {2 * MIB}\n",
        "sys/fs/cgroup/memory/box/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n",
    },
}


@pytest.fixture(params=CGROUPS)
def box(request, tmp_path, monkeypatch):
    """A machine that has nothing but a cgroup, of either version."""
    for name, text in CGROUPS[request.param].items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(limits, "ROOT", tmp_path)
    return tmp_path


def test_a_cgroup_limits_processes_and_what_the_subject_holds_is_its_own(box):
    assert tightest(PROCESSES, 5, "") == Limit(15, "pids.max of a cgroup")


def test_a_cgroup_limits_memory_and_copies_of_files_are_no_use_of_it(box):
    left, name = tightest(MEMORY, 0, "")
    assert left == 13 * MIB
    assert name in ("memory.max of a cgroup", "memory.limit_in_bytes of a cgroup")


def test_kills_for_want_of_memory_are_counted_in_the_cgroup_and_on_the_machine(box):
    assert limits.out_of_memory_kills() == 2
    (box / "proc/vmstat").write_text("nr_free_pages 17\noom_kill 5\n")
    assert limits.out_of_memory_kills() == 7


def test_the_kernel_limits_processes(tmp_path, monkeypatch):
    (tmp_path / "proc/sys/kernel").mkdir(parents=True)
    (tmp_path / "proc/loadavg").write_text("0.1 0.2 0.3 2/970 12345\n")
    (tmp_path / "proc/sys/kernel/pid_max").write_text("1000\n")
    monkeypatch.setattr(limits, "ROOT", tmp_path)
    assert tightest(PROCESSES, 0, "") == Limit(30, "kernel.pid_max")


@pytest.mark.parametrize(
    ("user", "mapped", "exempt"),
    [(0, "0 0 4294967295", True), (0, "0 100000 65536", False), (1000, "0 0 4294967295", False)],
)
def test_only_the_real_root_has_as_many_processes_as_it_likes(tmp_path, monkeypatch, user, mapped, exempt):
    (tmp_path / "proc/self").mkdir(parents=True)
    (tmp_path / "proc/self/uid_map").write_text(f"         {mapped}\n")
    monkeypatch.setattr(limits, "ROOT", tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert limits.is_exempt() is exempt


@pytest.mark.skipif(not procfs.available(), reason="needs procfs")
def test_threads_and_descriptors_of_a_process_are_counted():
    before = held(PROCESSES, [os.getpid()], 0), held(DESCRIPTORS, [os.getpid()], 0)
    done = threading.Event()
    thread = threading.Thread(target=done.wait)
    thread.start()
    descriptors = os.pipe()
    try:
        assert held(PROCESSES, [os.getpid()], 0) == before[0] + 1
        assert held(DESCRIPTORS, [os.getpid()], 0) == before[1] + 2
        assert held(DESCRIPTORS, [os.getpid()], int(before[1])) == 2
        assert limits.used_by(os.geteuid()) >= before[0] + 1
    finally:
        done.set()
        thread.join()
        for descriptor in descriptors:
            os.close(descriptor)


@pytest.mark.skipif(not os.path.isdir(limits.SHARED_MEMORY), reason="shared memory is elsewhere")
def test_space_is_measured_and_so_is_what_a_process_has_mapped():
    from multiprocessing.shared_memory import SharedMemory

    assert 0 < tightest(BLOCKS, 0, "").left < math.inf
    before = held(BLOCKS, [os.getpid()], 0)
    block = SharedMemory(create=True, size=MIB)
    try:
        assert held(BLOCKS, [os.getpid()], 0) == before + MIB
    finally:
        block.close()
        block.unlink()


def test_a_file_system_that_takes_no_more_files_is_full(monkeypatch):
    full = os.statvfs_result((4096, 4096, 1000, 900, 900, 50, 0, 0, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda place: full)
    assert tightest(FILES, 0, "/tmp").left == 0

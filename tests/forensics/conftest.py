"""Processes that are looked at, and ended."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

Process = subprocess.Popen[str]


@pytest.fixture
def run() -> Iterator[Callable[..., Process]]:
    """Starts scripts that print a line when they are ready, and ends them with all their children."""
    started: list[Process] = []

    def start(script: str, *arguments: object) -> Process:
        command = [sys.executable, *(("-c", script) if "\n" in script else (script,)), *map(str, arguments)]
        pipe = subprocess.PIPE
        process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, start_new_session=True)
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        os.killpg(process.pid, signal.SIGTERM)  # which resource trackers ignore: they unlink semaphores
        process.kill()  # one that is stopped
        process.communicate()

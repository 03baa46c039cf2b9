"""``mpconform smoke``: what works of an implementation, within seconds, in plain text where no terminal is."""

from support.runs import TESTS, command, finished


def test_smoke_reports_what_works():
    status, out, err = finished(command("smoke", "--implementation", "multiprocessing.dummy"))
    assert (status, err) == (0, "")
    assert "\x1b" not in out
    lines = [line.split() for line in out.splitlines()]
    (elsewhere,) = [line for line in out.splitlines() if line.startswith("not applicable: ")]
    assert {"process (Process.run is not claimed)", "queue (Queue is not claimed)"} <= set(
        elsewhere.partition(": ")[2].split(", ")
    )
    assert ["start", "methods", "threads"] in lines
    assert ["capability", "3", "hold"] in lines
    assert any(line[:1] == ["dummylock"] and line[-1] == "hold" for line in lines)


def test_smoke_reports_what_fails_in_a_line_and_in_its_exit_status():
    options = ("--adapter", TESTS / "partial/adapter.py", "--implementation-path", TESTS)
    status, out, err = finished(command("smoke", *options))
    assert (status, err) == (1, "")
    assert "violated: capability.barrier [fork] multiprocessing.Barrier is claimed, and is not there" in out
    assert "violated: barrier.made [fork] raised AttributeError" in out
    assert "Traceback" not in out
    assert "also has what it does not claim: Lock" in out


def test_smoke_refuses_a_missing_package_in_a_sentence():
    status, out, err = finished(command("smoke", "--implementation", "no_such_package"))
    assert (status, out) == (2, "")
    assert "cannot import no_such_package: No module named 'no_such_package'. There are adapters for " in err

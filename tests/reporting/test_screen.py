"""The screen: what is copied from it is whole, only a terminal is animated, and every encoding can show it."""

import io
import subprocess
import sys

import pytest
from support.runs import CALM, TOP
from support.screen import MOVEMENT, STYLE, lines_of, on_terminal

from conformance import catalogue
from conformance.checking.record import Record
from conformance.checking.soak import SoakRun
from conformance.documentation.manual import link
from conformance.reporting import soak
from conformance.reporting.characters import replace, tolerate
from conformance.reporting.summary import conclusion, failure
from conformance.reporting.terminal import Output, console

NARROW = 40  # columns
RUN = ("run", "--clause", "event.made", "--start-method", "fork", "--profile", "sample", "-n", "0")
COMMAND = (
    "mpconform run --clause queue.put.full --start-method fork --implementation-path '/a directory/of a/long name'"
)
SCRIPT = f"""Again:    {COMMAND}

import sys


def check(mp):
    queue = mp.Queue(maxsize=1)
    assert queue.put(1, block=False) is None, "a message that is wider than the terminal is, and has [brackets]"
    return [queue.get() for _ in range(1)]      # [bold]
"""


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        return True


def test_failure_is_copied_whole_from_a_narrow_terminal(monkeypatch):
    monkeypatch.setenv("COLUMNS", str(NARROW))
    monkeypatch.setenv("TERM", "xterm")
    screen = Terminal()
    out = Output(file=screen, highlight=False)
    assert (out.is_animated, out.width) == (True, NARROW)
    records = [Record("queue.put.full", subject, "violated", message=SCRIPT) for subject in ("one", "another")]
    failure(out, records)
    lines = lines_of(screen.getvalue())
    assert lines == ["", "violated: queue.put.full", *SCRIPT.split("\n"), "The same:  another", ""]


def test_soak_prints_each_run_in_one_line_on_a_narrow_terminal():
    screen = Terminal()
    out = Output(file=screen, highlight=False, width=NARROW)
    runs = [SoakRun(7, 1.5, True, (Record("queue.put.full", "one", "holds"),))]
    soak.show_run(out, runs[0], 1, 1)
    soak.show(out, runs, {}, everything=False)
    assert lines_of(screen.getvalue()) == [
        "Run 1 of 1, seed 7, 2 s: 1 verdict, as expected.",
        "1 run, 1 clause on 1 subject, 0 of which varied. Every verdict was as expected.",
        "",
    ]


def test_explain_is_copied_whole_from_a_narrow_terminal():
    clause = catalogue.clauses()["event.wait.waits"]
    status, written = on_terminal("explain", clause.name, columns=NARROW)
    lines = lines_of(written)
    assert status == 0
    assert f"             {link(clause)}" in lines
    source = catalogue.text(catalogue.proof(catalogue.owner(clause.name).spec, clause)).rstrip().split("\n")
    start = lines.index(source[0])
    assert lines[start : start + len(source)] == source


def test_console_leaves_what_looks_like_an_emoji(capsys):
    console().print("queue.py:100:in put, at [:x:]", markup=False, soft_wrap=True)
    assert capsys.readouterr().out == "queue.py:100:in put, at [:x:]\n"


def test_run_animates_only_a_terminal():
    """FORCE_COLOR asks for colors in a file, and for nothing that a file cannot take back."""
    status, written = on_terminal(*RUN, columns=NARROW)
    assert (status, lines_of(written)[-2:]) == (0, ["1 verdict, as expected.", ""])
    assert MOVEMENT.search(written)
    words = [sys.executable, "-m", "conformance", *RUN]
    done = subprocess.run(words, cwd=TOP, env={**CALM, "FORCE_COLOR": "1"}, capture_output=True, text=True, check=True)
    assert STYLE.search(done.stdout)
    assert not MOVEMENT.search(done.stdout)
    assert "\r" not in done.stdout
    assert STYLE.sub("", done.stdout).splitlines()[1] == "1/1 event[fork] done"


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", "put('caf\u00e9 \u2192 \u2026 \u2603') \u2264 3"),
        ("latin-1", "put('caf\u00e9 -> ... \\u2603') <= 3"),
        ("ascii", "put('cafe -> ... \\u2603') <= 3"),
    ],
)
def test_tolerate_writes_another_character_for_one_that_the_encoding_lacks(encoding, shown):
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding=encoding)
    tolerate(stream)
    message = "put('caf\u00e9 \u2192 \u2026 \u2603') \u2264 3"
    failure(Output(file=stream, width=NARROW), [Record("queue.put.full", "one", "violated", message=message)])
    stream.flush()
    assert written.getvalue().decode(encoding).splitlines()[-1] == shown


def test_tolerate_writes_a_file_name_that_is_not_text_as_it_is():
    written = io.BytesIO()
    stream = io.TextIOWrapper(written, encoding="utf-8")
    tolerate(stream)
    stream.write(b"/tmp/\xff".decode("utf-8", "surrogateescape"))
    stream.flush()
    assert written.getvalue() == b"/tmp/\xff"


def test_replace_raises_any_other_error():
    with pytest.raises(UnicodeDecodeError):
        replace(UnicodeDecodeError("ascii", b"\xff", 0, 1, "ordinal not in range"))


PLAIN_LOCALE = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.mark.parametrize("environment", [{"PYTHONIOENCODING": "ascii"}, PLAIN_LOCALE])
def test_run_is_shown_by_a_terminal_of_another_encoding(environment):
    status, written = on_terminal(*RUN, columns=NARROW, **environment)
    assert (status, lines_of(written)[-2:]) == (0, ["1 verdict, as expected.", ""])
    assert MOVEMENT.search(written)
    assert written.isascii()
    assert "\\u" not in written


def test_command_shows_what_the_terminal_lacks(tmp_path):
    directory = tmp_path / "r\u00e9sultats \u2192 ici"
    status, written = on_terminal("results", "--directory", directory, columns=NARROW, PYTHONIOENCODING="ascii")
    assert status == 0
    assert lines_of(written)[-2] == f"0 reports are in {tmp_path}/resultats -> ici, and RESULTS.md presents them."


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        (["holds", "deviation", "not applicable"], "3 verdicts, all as expected."),
        (["deviation"], "1 verdict, as expected."),
        (["holds", "unproven"], "2 verdicts, none unexpected, but 1 unproven."),
        (
            ["unexpected pass", "violated", "holds", "violated", "unproven"],
            "3 unexpected: 2 violated, 1 unexpected pass; see above.",
        ),
        (["unknown"], "1 unexpected: 1 unknown; see above."),
    ],
)
def test_conclusion_says_whether_all_is_as_expected(verdicts, said):
    assert conclusion([Record("queue.put.full", "subject", verdict) for verdict in verdicts]) == said

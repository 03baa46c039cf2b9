"""``mpconform deviations``: the entries make sense, and a run proposes their edits."""

import signal

import pytest
from support.overlays import LIAR
from support.runs import command, finished

from conformance import catalogue
from conformance.commands import cli
from conformance.deviations import load

FAST = ("--start-method", "fork", "--shrink", "0", "-n", "0")
ENTRY = """[[deviation]]
name = "cannot-say"
clause = "simplequeue.empty.tells"
observed = "empty() returned None"
reason = "it cannot say"
issue = "gh-1"
"""


def check(capsys, *arguments):
    """Exit status, output and errors."""
    status = cli.main(["deviations", "check", *map(str, arguments)])
    return status, *capsys.readouterr()


def test_check_accepts_the_specs_own_deviations(capsys):
    status, out, err = check(capsys)
    assert (status, err) == (0, "")
    assert " deviations of " in out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("implementations = ['lair']", "there is no implementation 'lair'"),
        ("since = '3.9'\nuntil = '3.9'", "no version of Python is from 3.9 on and before 3.9"),
        ("witness = 'none.json'", "cannot be read"),
    ],
)
def test_check_refuses_what_cannot_be_used_in_a_sentence(capsys, tmp_path, more, said):
    (tmp_path / "known.toml").write_text(ENTRY + more)
    status, out, err = check(capsys, "--deviations", tmp_path)
    assert (status, out) == (2, "")
    assert said in err
    assert err.startswith("mpconform: ")
    assert len(err.splitlines()) == 1


def test_check_refuses_a_name_that_another_entry_has_in_a_sentence(capsys, tmp_path):
    (tmp_path / "known.toml").write_text(ENTRY)
    (tmp_path / "more.toml").write_text(ENTRY)
    status, out, err = check(capsys, "--deviations", tmp_path)
    assert (status, out) == (2, "")
    assert err.startswith("mpconform: Two deviations have the name cannot-say, in ")
    assert len(err.splitlines()) == 1


def test_update_refuses_before_the_run_what_cannot_be_edited(capsys, tmp_path):
    (tmp_path / "known.toml").write_text(f"deviation = [{{ {', '.join(ENTRY.splitlines()[1:])} }}]\n")
    status = cli.main(["deviations", "update", "--deviations", str(tmp_path), "--clause", "queue.*", *FAST])
    assert (status, capsys.readouterr().err.count("cannot be edited: write its entries as [[deviation]]")) == (2, 1)


def test_check_accepts_an_implementation_that_is_named(capsys, tmp_path):
    (tmp_path / "known.toml").write_text(ENTRY + "implementations = ['liar']")
    assert check(capsys, "--deviations", tmp_path, "--implementation", "liar")[0] == 0


def test_update_proposes_edits_and_makes_them(capsys, tmp_path):
    (tmp_path / "liar.py").write_text(LIAR)
    known = tmp_path / "known"
    known.mkdir()
    (known / "liar.toml").write_text('[subjects]\nimplementations = ["liar"]\n\n' + ENTRY)
    options = ["--implementation", "liar", "--implementation-path", tmp_path, "--deviations", known, *FAST]
    clauses = ["--clause", "simplequeue.empty.tells", "--clause", "simplequeue.close.closes"]
    run = [str(word) for word in ("deviations", "update", *options, *clauses, "--write")]
    status, (out, err) = cli.main(run), capsys.readouterr()
    assert status == 1, err
    assert '+clause = "simplequeue.close.closes"' in out
    assert '+name = "?"' in out
    assert '+reason = "?"' in out
    assert "-clause" not in out
    text = (known / "liar.toml").read_text()
    assert cli.main(run) == 2, "what is not filled in is refused"
    (known / "liar.toml").write_text(text.replace('name = "?"', 'name = "not-today"').replace('"?"', '"gh-2"'))
    new = load(known, catalogue.clauses())[-1]
    assert (new.clause, new.rate) == ("simplequeue.close.closes", None)
    assert new.witness.clause == new.clause
    capsys.readouterr()
    assert (cli.main(run), capsys.readouterr().out) == (0, "")


def test_update_adds_what_is_new_to_the_last_place_only(tmp_path):
    (tmp_path / "liar.py").write_text(LIAR)
    (tmp_path / "theirs.toml").write_text(ENTRY + 'implementations = ["billiard"]')
    (tmp_path / "mine.toml").touch()
    options = ["--implementation", "liar", "--implementation-path", tmp_path, *FAST]
    places = ["--deviations", "own", "--deviations", tmp_path / "theirs.toml", "--deviations", tmp_path / "mine.toml"]
    run = ("deviations", "update", *options, *places, "--clause", "simplequeue.empty.tells", "--profile", "sample")
    status, out, err = finished(command(*run))
    assert status == 1, err
    changed = [line for line in out.splitlines() if line.startswith("+++ ")]
    assert changed[0] == f"+++ {tmp_path / 'mine.toml'}"
    assert all(str(tmp_path / "witnesses") in line for line in changed[1:])
    assert '+implementations = ["liar"]' in out


def test_update_that_is_terminated_proposes_nothing():
    run = ("deviations", "update", "--clause", "pipe.pair", "--clause", "queue.*", "--start-method", "fork")
    process = command(*run, "-n", "0")
    assert process.stderr.readline().endswith("pipe[fork] done\n")
    process.send_signal(signal.SIGTERM)
    status, out, _ = finished(process)
    assert (status, out) == (143, "")

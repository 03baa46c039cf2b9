"""The catalogue: every clause is well formed, documented, and proved by what its docstring states."""

import ast
import inspect
import re
import textwrap

import pytest

from conformance import catalogue
from conformance.documentation import manual
from conformance.generation.composition import compose
from conformance.vocabulary.docstrings import entries, sentence
from conformance.vocabulary.outcomes import Blocks
from conformance.vocabulary.spec import Others, Spec, call

CLAUSES = catalogue.clauses()
ENTRIES = {entry.spec.name: entry for entry in catalogue.entries()}
OPERATIONS = [(entry.spec, operation) for entry in catalogue.entries() for operation in entry.spec.operations.values()]

SLUG = r"[a-z][a-z0-9-]*"
NAME = {
    "object": re.compile(rf"[a-z]+\.{SLUG}"),
    "operation": re.compile(rf"[a-z]+\.[a-z_]+\.{SLUG}"),
    "scenario": re.compile(rf"[a-z]+(\.[a-z_]+)?\.{SLUG}"),
    "law": re.compile(rf"[a-z]+(\.[a-z_]+)?\.{SLUG}"),
}
SENTENCE = re.compile(r"(?:[A-Z]|\w+\().*[^.]\.")

each_operation = pytest.mark.parametrize(
    ("spec", "operation"), OPERATIONS, ids=[f"{spec.name}.{operation.name}" for spec, operation in OPERATIONS]
)


def clauses_without(holds):
    """The names of the clauses for which something does not hold; none, if all is well."""
    return [name for name, clause in CLAUSES.items() if not holds(clause)]


def test_spec_files_all_state_clauses():
    homes = {catalogue.home(e, clause) for e in catalogue.entries() for clause in e.spec.clauses.values()}
    assert homes == set(catalogue.modules())


def test_spec_files_have_at_most_400_lines():
    files = [catalogue.specs_directory().parent.joinpath(*m.split(".")).with_suffix(".py") for m in catalogue.modules()]
    assert [path.name for path in files if len(path.read_text("utf-8").splitlines()) > 400] == []


def test_pinned_scripts_have_labels_of_their_own():
    for entry in catalogue.entries():
        labels = [pinned.label for pinned in entry.spec.pinned]
        assert len(set(labels)) == len(labels)
        assert [label for label in labels if len(label.split()) < 4 or label.endswith(".")] == []


def test_pin_refuses_a_script_without_a_label():
    spec = Spec("spec")
    with pytest.raises(TypeError, match="a pinned script of spec has no label"):
        spec.pin({0: [call("get")]})
    assert spec.pinned == []


def test_clause_names_have_their_form():
    assert clauses_without(lambda clause: NAME[clause.kind].fullmatch(clause.name)) == []


def test_clause_statements_are_sentences():
    assert clauses_without(lambda clause: SENTENCE.fullmatch(clause.statement)) == []
    assert clauses_without(lambda clause: "  " not in clause.statement and len(clause.statement.split()) > 3) == []


def test_clause_names_begin_with_their_spec():
    assert clauses_without(lambda clause: catalogue.owner(clause.name).spec.name == clause.name.split(".")[0]) == []
    assert all(catalogue.entry(name) is entry for name, entry in ENTRIES.items())


def test_clauses_have_a_proof_whose_source_states_them():
    def states(clause):
        proof = catalogue.proof(catalogue.owner(clause.name).spec, clause)
        assert inspect.getsource(proof).strip()
        if clause.kind in ("object", "operation"):
            return clause.statement in [statement for _, statement, _ in entries(proof)]
        return clause.statement == sentence(proof)

    assert clauses_without(states) == []


def test_clauses_link_to_what_they_document():
    assert clauses_without(lambda clause: manual.link(clause).startswith("https://docs.python.org/3/library/")) == []
    link = manual.link(CLAUSES["queue.put.full"])
    assert link == "https://docs.python.org/3/library/multiprocessing.html#multiprocessing.Queue.put"


def test_clauses_are_promised_by_some_version():
    assert clauses_without(lambda clause: (3, 8) <= clause.since <= (3, 15)) == []
    assert clauses_without(lambda clause: clause.until is None or clause.since < clause.until) == []


def function(relation):
    """The syntax tree of a relation, or of a function that it includes."""
    return ast.parse(textwrap.dedent(inspect.getsource(relation))).body[0]


def texts(node, tree):
    """The strings that an expression may stand for; a name stands for all that is assigned to it."""
    if isinstance(node, ast.Constant):
        return {node.value}
    if isinstance(node, ast.IfExp):
        return texts(node.body, tree) | texts(node.orelse, tree)
    assert isinstance(node, ast.Name), ast.dump(node)
    assigned = [n for n in ast.walk(tree) if isinstance(n, ast.Assign) and n.targets[0].id == node.id]
    return set().union(*(texts(n.value, tree) for n in assigned))


def is_step(node):
    """Whether a yield begins with a step to another phase, which needs no slug."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "then"


def yielded(relation):
    """The slugs that a relation yields itself, and those of the functions that it includes."""
    tree = function(relation)
    own, included = set(), set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple) and not is_step(node.value.elts[0]):
            own |= texts(node.value.elts[0], tree) - {""}
        elif isinstance(node, ast.YieldFrom):
            included |= set().union(*yielded(relation.__globals__[node.value.func.id]))
    return own, included


@each_operation
def test_relation_yields_what_its_docstring_states(spec, operation):
    stated = {slug for slug, _, _ in entries(operation.relation)}
    own, included = yielded(operation.relation)
    assert own <= stated
    assert stated <= own | included
    assert {name for name in spec.clauses if name.startswith(f"{spec.name}.{operation.name}.")} >= {
        f"{spec.name}.{operation.name}.{slug}" for slug in stated
    }


@pytest.mark.parametrize("name", [name for name, entry in ENTRIES.items() if entry.spec.operations])
def test_relation_states_every_slug_that_a_state_leads_to(name):
    """What a relation includes from others depends on the state, so states are visited."""
    spec, met = ENTRIES[name].spec, set()
    for number in range(120):
        script = compose(spec, (3, 15), number).script
        state = spec.state(**script.make)
        planned = [(actor, call) for round_ in script.rounds for actor, calls in round_.items() for call in calls]
        for actor, (op, args, kwargs) in planned:
            for busy in ((), tuple(spec.operations)):
                moves = spec.operations[op].moves(state, actor, args, kwargs, Others(waiting=busy, leaving=busy))
                met |= {f"{name}.{op}.{move.slug}" for move in moves if move.slug}
            state = next((move.state for move in moves if not isinstance(move.outcome, Blocks)), state)
    assert met <= set(CLAUSES)


@each_operation
def test_operation_has_a_domain_for_every_argument(spec, operation):
    named = [p for p in inspect.signature(operation.relation).parameters if p not in ("others", "phase")]
    assert named[2:] == list(operation.domains)


COMPARING = (ast.Compare, ast.Tuple, ast.List, ast.Set, ast.Dict, ast.Assign, ast.MatchValue)
PREFIXES = ("startswith", "removeprefix")


def compared(tree):
    """The strings that a module compares with, or keeps to compare with."""
    for node in ast.walk(tree):
        beginning = isinstance(node, ast.Call) and getattr(node.func, "attr", "") in PREFIXES
        if beginning or isinstance(node, COMPARING):
            constants = (each.value for each in ast.iter_child_nodes(node) if isinstance(each, ast.Constant))
            yield from (each for each in constants if isinstance(each, str))


OTHERWISE = {  # what else the name of a spec means
    ("implementation.py", "context"): "a field of an adapter",
    ("reporting/results.py", "message"): "a key of report.json",
    ("subjects/adapters.py", "dummy"): "the name of an adapter",
    ("forensics/examination.py", "process"): "what an actor is",
    ("reproduction/from_spec/plain.py", "pool"): "a submodule",
    ("vocabulary/laws.py", "value"): "a field of a step",
    ("vocabulary/capabilities.py", "connection"): "a submodule",
    ("vocabulary/capabilities.py", "dummy"): "a submodule",
    ("vocabulary/capabilities.py", "pool"): "a submodule",
    ("vocabulary/capabilities.py", "sharedctypes"): "a submodule",
}


def test_modules_know_no_spec_by_its_name():
    """What is special about a spec is said where that is made: a new one would be forgotten elsewhere."""
    found = {
        (path.relative_to(catalogue.HERE).as_posix(), name)
        for path in catalogue.HERE.rglob("*.py")
        if path.parent.name != "adapters"  # which know their implementations, and no spec
        for name in compared(ast.parse(path.read_text(encoding="utf-8")))
        if name.strip(".") in ENTRIES
    }
    assert found == set(OTHERWISE)


@pytest.mark.parametrize(
    "source", ['spec.name in ("queue", "x")', 'SPEC = "queue"', 's.startswith("queue.")', '"queue" != s']
)
def test_compared_finds_comparisons_with_names(source):
    assert [name.strip(".") for name in compared(ast.parse(source)) if name.strip(".") in ENTRIES] == ["queue"]


def test_spec_refuses_an_unknown_word_for_smoke():
    with pytest.raises(ValueError, match="smoke is 'some', and not one of once, each, all"):
        Spec("queue", smoke="some")


def test_spec_refuses_a_clause_that_is_stated_twice():
    queue = ENTRIES["queue"].spec
    again = Spec("queue", queue.state, queue.make, queue.documents)
    again.adopt(queue, "put")
    again.adopt(queue, "put")
    with pytest.raises(ValueError, match=r"clause queue\.put\.stores is stated twice"):
        assert again.clauses


def test_select_without_a_pattern_has_all_clauses():
    assert catalogue.select([]) == CLAUSES


def test_select_matches_whole_names():
    assert list(catalogue.select(["queue.put.*"])) == [name for name in CLAUSES if name.startswith("queue.put.")]
    assert list(catalogue.select(["queue.put.full"])) == ["queue.put.full"]
    assert not [name for name in catalogue.select(["queue.*"]) if name.startswith("joinablequeue.")]


def test_select_adds_patterns_up_in_the_order_of_the_specs():
    chosen = catalogue.select(["simplequeue.made", "*queue.made", "event.made"])
    assert list(chosen) == [name for name in CLAUSES if re.fullmatch(r"(\w*queue|event)\.made", name)]


def test_select_refuses_a_pattern_that_matches_nothing():
    with pytest.raises(catalogue.UnknownClause) as refused:
        catalogue.select(["queue.made", "queue.putt.*"])
    assert str(refused.value).startswith("No clause matches 'queue.putt.*'")

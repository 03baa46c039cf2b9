"""What was observed, as a person would say it."""

import ast
import re

from conformance.checking.findings import HUNG, RAISED, Violation
from conformance.reproduction.body import DIES, HANGS, WRONG

EXPECTED = {ast.Eq: "==", ast.Is: "is"}
REMOTE = re.compile(r"'?(\w+)\(\\?'Traceback \(most recent call last\):.*?\.\.\. \(crc [0-9a-f]+\)", re.DOTALL)
EXCEPTION = re.compile(r"\braised (?:\w+\.)*(\w+)")
BUILTIN = re.compile(r"\bbuiltins\.")
OURS = re.compile(r"\bspecs\.(\w+\.)+")  # the modules of what a script has in its own


def symptom(violation: Violation) -> str:
    """How the violation shows: HANGS, DIES or WRONG."""
    if violation.manner == HUNG:
        return HANGS
    return DIES if violation.stage_end else WRONG


def raised_in(violation: Violation) -> str:
    """The name of the exception that the check must end with if the violation shows again; empty if it only asserts."""
    if violation.manner != RAISED:
        return ""
    if violation.ending is not None:
        return violation.ending.names[0].rpartition(".")[2]
    said = EXCEPTION.search(violation.observed)
    return said[1] if said else ""


def in_words(violation: Violation) -> str:
    """What happened instead of what was promised, in one line, by the names that things have in the script.

    A traceback that follows is left out, and so is the text of an exception that holds another one's traceback.
    """
    said = REMOTE.sub(r"\1(...)", OURS.sub("__main__.", BUILTIN.sub("", describe_observation(violation))))
    return " ".join(said.partition("\nTraceback (most recent call last):")[0].split())


def describe_observation(violation: Violation) -> str:
    """What happened, by the names that things have here."""
    if symptom(violation) == HANGS:
        return "check() below does not come to an end: it waits forever"
    if violation.stage_end:
        return f"the process that runs check() below {violation.stage_end}"
    return describe_comparison(*violation.compared) if violation.compared else violation.observed


def describe_comparison(source: str, left: str, right: str) -> str:
    """What was compared by an assertion that does not hold: what it expects is on the right."""
    test = ast.parse(source, mode="eval").body
    if isinstance(test, ast.Compare) and (symbol := EXPECTED.get(type(test.ops[0]))):
        before = source.encode()[: test.comparators[0].col_offset].decode()  # columns count bytes
        return f"{before.rpartition(symbol)[0].rstrip()} was {left}, expected {right}"
    return f"{source} is not so: both are {left}"

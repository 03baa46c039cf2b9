"""What was observed, as a person would say it."""

import re

from conformance.checking.findings import Violation
from conformance.reproduction.body import DIES, HANGS, WRONG

COMPARED = re.compile(r"promised: (.*); observed on the left: (.*); on the right: (.*)", re.DOTALL)
SIDES = re.compile(r"(.*?) (==|!=|is not|is) (.*)", re.DOTALL)
ENDLESS = ("does not come to an end", "does not return", "do not start")
DIED = re.compile(r"(?:the process ended: )?the stage (.*)")
REMOTE = re.compile(r"'?(\w+)\(\\?'Traceback \(most recent call last\):.*?\.\.\. \(crc [0-9a-f]+\)", re.DOTALL)
BUILTIN = re.compile(r"\bbuiltins\.")
OURS = re.compile(r"\bspecs\.(\w+\.)+")  # the modules of what a script has in its own


def symptom(violation: Violation) -> str:
    """How the violation shows: HANGS, DIES or WRONG."""
    if any(words in violation.observed for words in ENDLESS):
        return HANGS
    return DIES if DIED.match(violation.observed) else WRONG


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
    if symptom(violation) == DIES:
        died = DIED.match(violation.observed)
        assert died is not None
        return f"the process that runs check() below {died[1]}"
    compared = COMPARED.fullmatch(violation.observed)
    if not compared:
        return violation.observed
    test, left, right = compared.groups()
    sides = SIDES.fullmatch(test)
    if sides and sides[2] in ("==", "is"):
        return f"{sides[1]} was {left}, expected {right}"
    return f"{test} is not so: both are {left}"

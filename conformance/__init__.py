"""The vocabulary of the specs, and nothing else.

A spec file imports names from here and from the standard library. Everything
reachable from this module runs in the subject's interpreter too, so it is standard
library only and Python 3.8 syntax.
"""

from conformance.stage.children import child, kill, module
from conformance.stage.programs import interpreters, program
from conformance.stage.stagehand import ticks
from conformance.vocabulary import arg, laws
from conformance.vocabulary.frozen import Frozen, replace
from conformance.vocabulary.outcomes import blocks, expires, raises, returns, returns_a, then, unspecified
from conformance.vocabulary.spec import Others, Spec, call
from conformance.vocabulary.values import Blob, Secret

__all__ = [
    "Blob",
    "Frozen",
    "Others",
    "Secret",
    "Spec",
    "arg",
    "blocks",
    "call",
    "child",
    "expires",
    "interpreters",
    "kill",
    "laws",
    "module",
    "program",
    "raises",
    "replace",
    "returns",
    "returns_a",
    "then",
    "ticks",
    "unspecified",
]

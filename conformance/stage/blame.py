"""Whose exception it is: the subject's, or that of the harness, which says nothing about the subject."""

from __future__ import annotations

import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType
    from typing import Optional

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ADAPTER = os.path.join(HERE, "adapter.py")  # belongs to the implementation
MISSING = re.compile(r"No module named '?((?:specs|conformance)\b[\w.]*)")

# What calls the subject itself: where that is not written in Python, or refuses its arguments, it has no frame.
CALLERS = frozenset(
    [
        ("actor.py", "timed"),
        ("actor.py", "method"),
        ("children.py", "child"),
        ("children.py", "module"),
        ("implementation.py", "part"),
        ("stage.py", "make"),
        ("stage.py", "start"),
    ]
)


def explain_own(error: BaseException) -> str:
    """Why an exception proves nothing about the subject, in a few words; empty if it does prove something.

    It was raised by the harness itself, and not by an assertion of a spec; or the subject runs the code of the harness
    where that cannot be imported, such as in a process that does not get its parent's ``sys.path``.
    """
    missing = MISSING.search(str(error))
    if missing:
        return "the subject runs code of the harness where %s cannot be imported" % missing.group(1)
    code = last(error)
    if code is None or isinstance(error, AssertionError) or not is_own(code):
        return ""
    name = os.path.splitext(os.path.relpath(code.co_filename, os.path.dirname(HERE)))[0].replace(os.sep, ".")
    return "%s.%s() of the harness raised %s: %s" % (name, code.co_name, type(error).__name__, error)


def last(error: BaseException) -> Optional[CodeType]:
    """The function that has raised an exception."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return None if trace is None else trace.tb_frame.f_code


def is_own(code: CodeType) -> bool:
    """Whether a function belongs to the harness, and does not call the subject."""
    path = os.path.abspath(code.co_filename)
    return (
        path.startswith(os.path.join(HERE, ""))
        and path != ADAPTER
        and (os.path.basename(path), code.co_name) not in CALLERS
    )

"""The vocabulary in plain words: what a reproducer has in the place of the harness's own functions."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from conformance.reproduction.body import ImportPath
from conformance.reproduction.from_spec.editing import Edit, Text, edited
from conformance.reproduction.from_spec.observing import called_text
from conformance.reproduction.from_spec.pruning import without_leftovers
from conformance.reproduction.from_spec.wording import alone
from conformance.vocabulary import arg

VOCABULARY_LINE = "from conformance import module\n"
# What stays a name of the script.
WORDS = frozenset({"Secret", "child", "interpreters", "kill", "program", "raises", "unproven"})
PACKAGES = {"RemoteError": "managers", "MaybeEncodingError": "pool"}  # exceptions that no context has


@dataclass(frozen=True)
class Plain:
    """A function as a person would write it for one script, and the lines that import what it needs."""

    source: str
    imports: tuple[str, ...]


CHILD = """
@contextmanager
def child(mp, target, *args):
    process = mp.Process(target=target, args=args)
    process.start()
    try:
        yield process
    except BaseException:
        with suppress(ProcessLookupError):
            os.kill(process.pid, signal.SIGKILL)  # whatever is wrong with process.kill()
        raise
    finally:
        process.join()
"""

KILL = """
def kill(pid, signum=signal.SIGKILL):
    with suppress(ProcessLookupError):
        os.kill(pid, signum)
"""

RAISES = """
@contextmanager
def raises(expected):
    try:
        yield
    except expected:
        return
    raise AssertionError("%s was not raised" % expected.__name__)
"""

RAISES_WITH = """
@contextmanager
def raises(expected, *args):
    try:
        yield
    except expected as error:
        assert not args or error.args == args, error.args
    else:
        raise AssertionError("%s was not raised" % expected.__name__)
"""

PROGRAM = '''
Ended = namedtuple("Ended", "status output errors")


def program(source, *arguments, interpreter=sys.executable):
    """Runs source as the main module of a new interpreter."""
    with tempfile.TemporaryDirectory() as directory:
        path, output, errors = (os.path.join(directory, name) for name in ("program.py", "output", "errors"))
        with open(path, "w") as file:
            file.write("IMPORT\\n" + source)
        # Files, not pipes: a child that outlives the program would keep a pipe open.
        with open(output, "w+") as out, open(errors, "w+") as err:
            status = subprocess.call([interpreter, path, *arguments], stdout=out, stderr=err)
            out.seek(0)
            err.seek(0)
            return Ended(status, out.read(), err.read())
'''

CALL = """
def call(op, *args, **kwargs):
    return op, args, kwargs
"""

BLOB = """
def blob(size, seed):
    return (b"%08x" % seed * (size // 8 + 1))[:size]
"""

SECRET = """
class Secret:
    def __call__(self, *args):
        pass

    def __reduce_ex__(self, protocol):
        raise TypeError("a secret stays where it is")
"""

INTERPRETERS = """
def interpreters():
    return [sys.executable]
"""

UNPROVEN = """
def unproven(reason):
    print(reason, file=sys.stderr)
    os._exit(2)
"""


def equivalent(name: str, definitions: str, implementation: ImportPath) -> Plain:
    """What takes the place of a function of the vocabulary."""
    if name == "raises":
        source = RAISES_WITH if raises_with_arguments(definitions) else RAISES
        return Plain(source, ("from contextlib import contextmanager",))
    if name == "program":
        line = implementation.imported
        bound = line.replace(" as multiprocessing", " as mp") if " as " in line else f"{line} as mp"
        bound = implementation.heading.replace("\n", "\\n") or bound
        bound += f"\\nPACKAGE = '{implementation.modules}'" if "PACKAGE" in definitions else ""
        modules = ("import os", "import subprocess", "import sys", "import tempfile")
        return Plain(PROGRAM.replace("IMPORT", bound), (*modules, "from collections import namedtuple"))
    to_kill = ("import os", "import signal", "from contextlib import suppress")
    return {
        "Blob": Plain(BLOB, ()),
        "Secret": Plain(SECRET, ()),
        "call": Plain(CALL, ()),
        "child": Plain(CHILD, (*to_kill, "from contextlib import contextmanager")),
        "kill": Plain(KILL, to_kill),
        "interpreters": Plain(INTERPRETERS, ("import sys",)),
        "unproven": Plain(UNPROVEN, ("import os", "import sys")),
    }[name]


def raises_with_arguments(source: str) -> bool:
    """Whether some block expects an exception that carries certain arguments."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return any(called_text(call) == "raises" and len(call.args) > 1 for call in calls)


def plainly(source: str, implementation: ImportPath, known: frozenset[str], announcing: frozenset[str]) -> str:
    """A definition in which nothing of the harness is left but functions that have an equivalent.

    ``known`` are the submodules that the script imports by their own names, ``announcing`` the functions
    that are called only to tell the harness of a process, where nothing is done with what they return.
    """
    source = without_leftovers(source, edited(source, lambda text: outermost(text, text.tree.body, announcing)))
    source = edited(source, lambda text: aliasing(text, known))
    source = edited(source, lambda text: programs(text, implementation))
    return alone(edited(source, lambda text: rewritten(text, implementation, known)))


def announcers(sources: Iterable[str]) -> frozenset[str]:
    """The functions that call ticks(), and ticks() itself."""
    functions = (node for source in sources for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    telling = (f for f in functions if not f.decorator_list and any(map(is_tick, ast.walk(f))))
    return frozenset({"ticks", *(function.name for function in telling)})


def aliases(sources: Iterable[str], implementation: ImportPath) -> frozenset[str]:
    """The submodules that may be imported by their own names: nothing else is called so, and they are in no other."""
    asked: set[str] = set()
    bound: set[str] = set()
    for node in (node for source in sources for node in ast.walk(ast.parse(source))):
        if isinstance(node, ast.Call) and called_text(node) == "module":
            asked.add(ast.literal_eval(node.args[1]))
        elif isinstance(node, ast.arg):
            bound.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound.add(node.name)
        elif isinstance(node, ast.Assign) and not alias(node):
            bound |= {n.id for target in node.targets for n in ast.walk(target) if isinstance(n, ast.Name)}
        elif isinstance(node, ast.For | ast.comprehension | ast.withitem):
            target = node.optional_vars if isinstance(node, ast.withitem) else node.target
            bound |= {n.id for n in ast.walk(target) if isinstance(n, ast.Name)} if target else set()
    plain = frozenset(name for name in asked - bound if "." not in name)
    return frozenset() if implementation.is_part else plain


def alias(node: ast.AST) -> str:
    """The submodule, if a statement binds one to its own name."""
    if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call) or called_text(node.value) != "module":
        return ""
    target, name = node.targets[0], ast.literal_eval(node.value.args[1])
    return name if isinstance(target, ast.Name) and target.id == name else ""


def aliasing(text: Text, known: frozenset[str]) -> Iterator[Edit]:
    """Takes away the statements that bind a submodule which the script imports."""
    return (text.without(node) for node in ast.walk(text.tree) if isinstance(node, ast.Assign) and alias(node) in known)


def outermost(text: Text, block: Iterable[ast.stmt], announcing: frozenset[str]) -> Iterator[Edit]:
    """Takes away what only the harness wants to hear, and the statements that do nothing else."""
    for statement in block:
        if only_announces(statement, announcing):
            yield text.without(statement)
        else:
            for inner in ("body", "handlers", "orelse", "finalbody"):
                yield from outermost(text, getattr(statement, inner, ()), announcing)


def only_announces(node: ast.stmt, announcing: frozenset[str]) -> bool:
    """Whether a statement calls one of these functions, or is a loop or a condition over nothing else."""
    if isinstance(node, ast.For | ast.If):
        return not node.orelse and all(only_announces(each, announcing) for each in node.body)
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and called_text(node.value) in announcing


def is_tick(node: ast.AST) -> bool:
    """Whether a node is a call of ticks()."""
    return isinstance(node, ast.Call) and called_text(node) == "ticks"


def programs(text: Text, implementation: ImportPath) -> Iterator[Edit]:
    """Frees programs of the harness that are written as strings, and begin at a line of their own."""
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and VOCABULARY_LINE in node.value:
            source = text.of(node).strip('"')
            lines = "".join(sorted({f"{line}\n" for line in imports(source, implementation, frozenset())}))
            free = edited(source, lambda inner: rewritten(inner, implementation, frozenset()))
            yield text.replaced(node, f'"""{free.replace(VOCABULARY_LINE, lines)}"""')


def rewritten(text: Text, implementation: ImportPath, known: frozenset[str]) -> Iterator[Edit]:
    """Puts submodules, constants and exceptions in the place of what looks them up."""
    for node in ast.walk(text.tree):
        if isinstance(node, ast.Call) and called_text(node) == "module":
            name = ast.literal_eval(node.args[1])
            found = name if name in known else submodule(text.of(node.args[0]), name, implementation)
            yield text.replaced(node, found)
        elif isinstance(node, ast.Call) and called_text(node) == "raises" and isinstance(node.args[0], ast.Constant):
            yield text.replaced(node.args[0], exception(str(node.args[0].value), implementation))
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "arg":
            yield text.replaced(node, repr(getattr(arg, node.attr)))


def submodule(mp: str, name: str, implementation: ImportPath) -> str:
    """A submodule: of the package, or what a part of a package has in its place."""
    return f"{mp}.{name}" if implementation.is_part else f"{implementation.modules}.{name}"


def exception(name: str, implementation: ImportPath) -> str:
    """An exception of the implementation, or of the module that its name tells."""
    if "." in name:
        return name
    return ".".join(filter(None, (implementation.modules, PACKAGES.get(name), name)))


def imports(source: str, implementation: ImportPath, known: frozenset[str]) -> Iterator[str]:
    """The modules that a rewritten definition needs besides those of its own text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and called_text(node) == "module" and not implementation.is_part:
            name = ast.literal_eval(node.args[1])
            package = implementation.modules
            yield f"from {package} import {name}" if name in known else f"import {package}.{name}"
        elif isinstance(node, ast.Call) and called_text(node) == "raises" and isinstance(node.args[0], ast.Constant):
            name = str(node.args[0].value)
            if "." in name:
                yield f"import {name.rpartition('.')[0]}"
            elif name in PACKAGES and not implementation.is_part:
                yield f"import {implementation.modules}.{PACKAGES[name]}"
            elif implementation.submodules:
                yield f"import {implementation.submodules}"

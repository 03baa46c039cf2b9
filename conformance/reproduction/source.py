"""Source text of the parts of a script: values, objects, calls, exceptions.

What a spec expresses by functions (how an object is created, what a call that is not of a method does) is
inlined, so that a reader sees ``mp.Queue(maxsize=1)`` and ``value.value = 7``, without functions around them.
"""

import ast
import inspect
import tokenize
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from io import StringIO
from typing import Any

from conformance.checking.script import Call
from conformance.vocabulary.frozen import defaults
from conformance.vocabulary.spec import Spec
from conformance.vocabulary.values import SHOWN, Blob, build

Function = ast.FunctionDef | ast.Lambda


@dataclass(frozen=True)
class Statement:
    """A call as source; ``has_value`` unless it is a statement, or its value means nothing.

    ``functions`` are the functions that it refers to.
    """

    text: str
    has_value: bool = True
    functions: tuple[Callable[..., Any], ...] = ()


def literal(value: Any) -> str:
    """The source of a value of a script."""
    if isinstance(value, Blob):
        eight = b"%08x" % value.seed
        return repr(build(value)) if value.size <= SHOWN else f"({eight!r} * {value.size // 8 + 1})[:{value.size}]"
    if isinstance(value, (list, tuple)):
        inside = ", ".join(map(literal, value))
        return f"[{inside}]" if isinstance(value, list) else f"({inside}{',' if len(value) == 1 else ''})"
    return ascii(value)


def expression(value: Any) -> ast.expr:
    """The syntax tree of a value of a script."""
    return ast.parse(literal(value), mode="eval").body


def write_constructor(spec: Spec, arguments: Mapping[str, Any]) -> Statement:
    """How the object of a script is created, in terms of ``mp``, without arguments that are None by default."""
    assert spec.make is not None
    usual = defaults(spec.state)
    named = {k: expression(v) for k, v in arguments.items() if v is not None or usual[k] is not None}
    return inlined(spec.make, [ast.Name("mp")], named)


def write_call(spec: Spec, call: Call, name: str) -> Statement:
    """A call of the object called ``name``."""
    args, named = [expression(a) for a in call.args], {k: expression(v) for k, v in call.kwargs.items()}
    body = spec.operations[call.op].body
    if body is not None:
        return inlined(body, [ast.Name(name), *args], named)
    method = ast.Attribute(ast.Name(name), call.op)
    return Statement(text(ast.Call(method, args, [ast.keyword(k, v) for k, v in named.items()])))


def inlined(function: Callable[..., Any], args: list[ast.expr], named: dict[str, ast.expr]) -> Statement:
    """A call of a function, replaced by the function's body if that is a single statement."""
    if inspect.isbuiltin(function):
        return Statement(text(ast.Call(ast.Name(function.__name__), args, [])))
    single = statement(function)
    if single is None:
        keywords = [ast.keyword(k, v) for k, v in named.items()]
        return Statement(text(ast.Call(ast.Name(function.__name__), args, keywords)), functions=(function,))
    bound = inspect.signature(function).bind(*args, **named)
    bound.apply_defaults()
    told = single.value if isinstance(single, ast.Return) and single.value else single
    inline = Inline({name: argument(value) for name, value in bound.arguments.items()}).visit(deepcopy(told))
    used = dict.fromkeys(node.id for node in ast.walk(inline) if isinstance(node, ast.Name))
    functions = [function.__globals__[name] for name in used if name in function.__globals__]
    has_value = isinstance(single, (ast.expr, ast.Return))
    return Statement(text(inline), has_value, tuple(each for each in functions if inspect.isfunction(each)))


def statement(function: Callable[..., Any]) -> ast.AST | None:
    """What a function does, if that is an expression or a plain statement."""
    node = definition(function)
    if isinstance(node, ast.Lambda):
        return node.body
    body = node.body[1:] if ast.get_docstring(node) else node.body
    return body[0] if len(body) == 1 and isinstance(body[0], (ast.Return, ast.Expr, ast.Assign)) else None


def argument(value: Any) -> Any:
    """What replaces a parameter: a node, or several for a parameter with stars."""
    return value if isinstance(value, (ast.expr, tuple, dict)) else expression(value)


class Inline(ast.NodeTransformer):
    """Replaces parameters by their arguments, and resolves conditional expressions that become constant."""

    def __init__(self, bound: Mapping[str, Any]) -> None:
        self.bound = bound

    def visit_Name(self, node: ast.Name) -> ast.AST:
        found = self.bound.get(node.id)
        return found if isinstance(found, ast.expr) else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        args = [arg for each in node.args for arg in self.positional(each)]
        keywords = [keyword for each in node.keywords for keyword in self.named(each)]
        return ast.Call(self.visit(node.func), args, keywords)

    def positional(self, arg: ast.expr) -> list[ast.expr]:
        """An argument, or all those that the function collected with a star."""
        if isinstance(arg, ast.Starred) and isinstance(arg.value, ast.Name) and arg.value.id in self.bound:
            return list(self.bound[arg.value.id])
        return [self.visit(arg)]

    def named(self, keyword: ast.keyword) -> list[ast.keyword]:
        """An argument passed by name, or all those that the function collected with two stars."""
        if keyword.arg is None and isinstance(keyword.value, ast.Name) and keyword.value.id in self.bound:
            return [ast.keyword(name, value) for name, value in self.bound[keyword.value.id].items()]
        return [ast.keyword(keyword.arg, self.visit(keyword.value))]

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        test: ast.expr = self.visit(node.test)
        if isinstance(test, ast.Constant):
            chosen: ast.AST = self.visit(node.body if test.value else node.orelse)
            return chosen
        return self.generic_visit(node)


def text(node: ast.AST) -> str:
    """The source of a node, with the quotation marks that this project uses."""
    return quoted(ast.unparse(ast.fix_missing_locations(node)))


def quoted(source: str) -> str:
    """Source with double quotation marks around its plain strings."""
    tokens = tokenize.generate_tokens(StringIO(source).readline)
    return tokenize.untokenize(token._replace(string=requoted(token)) for token in tokens)


def requoted(token: tokenize.TokenInfo) -> str:
    """The text of a token, with double quotation marks if it is a plain string that has none inside."""
    plain = token.type == tokenize.STRING and '"' not in token.string and "\\'" not in token.string
    return token.string.replace("'", '"') if plain else token.string


def definition(function: Callable[..., Any]) -> Function:
    """The node that defines a function."""
    named, line = function.__name__ != "<lambda>", function.__code__.co_firstlineno
    kind = ast.FunctionDef if named else ast.Lambda
    for node in ast.walk(module_of(inspect.getsourcefile(function) or "")):
        if isinstance(node, kind):
            begins = min(each.lineno for each in (node, *getattr(node, "decorator_list", ())))
            if begins == line and parameters(node) == inspect.getfullargspec(function).args:
                return node
    raise LookupError(f"no source of {function.__qualname__}")


@cache
def module_of(path: str) -> ast.Module:
    """The module in a file, parsed once."""
    with open(path, encoding="utf-8") as file:
        return ast.parse(file.read())


def parameters(node: Function) -> list[str]:
    """The names of the positional parameters."""
    return [arg.arg for arg in [*node.args.posonlyargs, *node.args.args]]


def exception(name: str) -> tuple[str, str]:
    """How a script names an exception, and the line that imports it, if it needs one."""
    module, _, short = name.rpartition(".")
    if module in ("", "multiprocessing", "multiprocessing.context"):
        return f"mp.{short}", ""
    return (short, "") if module == "builtins" else (short, f"from {module} import {short}")

"""A linter for code that every organisation runs and that must write the same bytes everywhere (rule 2).

It reads one module's syntax tree and names what would make two executions differ: clock, randomness, floating
point, the order of sets, input and output, and state that outlives a transaction. What may be imported is a
list; everything else has to be argued for here. It judges by syntax: a set under a name that it cannot follow
escapes it, which is why a test also runs every operation under different hash seeds.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

OURS = frozenset({"hansa_domain", "hansa_contract", "hansa_shim"})
ALLOWED = frozenset(
    {
        "__future__", "base64", "binascii", "collections", "collections.abc", "cryptography.exceptions",
        "cryptography.hazmat.primitives", "cryptography.hazmat.primitives.asymmetric",
        "cryptography.hazmat.primitives.asymmetric.utils",
        "cryptography.hazmat.primitives.serialization", "dataclasses", "datetime", "decimal", "enum",
        "functools", "hashlib", "itertools", "json", "msgspec", "msgspec.structs", "re", "rfc8785",
        "types", "typing", "urllib.parse",
    }
)  # fmt: skip
CLOCKS = frozenset({"time", "sched", "calendar", "zoneinfo"})
CHANCE = frozenset({"random", "secrets", "uuid"})
FLOATS = frozenset({"math", "cmath", "statistics", "fractions", "numbers"})
WORLD = frozenset({"locale", "platform", "gc", "weakref", "inspect", "importlib"})

NOW = frozenset({"now", "today", "utcnow", "localtime", "astimezone"})
SEEDED = frozenset({"hash", "id", "object"})
DOORS = frozenset({"open", "print", "input", "eval", "exec", "compile", "breakpoint", "__import__"})
SCOPES = frozenset({"globals", "locals", "vars", "setattr", "delattr"})
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
SET_METHODS = frozenset({"union", "intersection", "difference", "symmetric_difference"})
SET_OPERATORS = (ast.BitOr, ast.BitAnd, ast.Sub, ast.BitXor)
SET_NAMES = frozenset({"set", "frozenset", "Set", "AbstractSet", "MutableSet", "FrozenSet"})
# What comes out of these does not depend on the order in which they are fed.
BLIND = frozenset({"sorted", "set", "frozenset", "len", "sum", "min", "max", "any", "all", "Counter"})
FEEDERS = frozenset(
    {"list", "tuple", "iter", "enumerate", "zip", "map", "filter", "next", "reversed", "dict"}
)
MUTATORS = frozenset(
    {
        "append",
        "extend",
        "insert",
        "remove",
        "pop",
        "popitem",
        "clear",
        "update",
        "add",
        "discard",
        "setdefault",
    }
)

Scope = ast.Module | ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Finding:
    """One place that breaks a rule: ``rule`` is clock, chance, float, order, io or state."""

    rule: str
    line: int
    what: str


def lint(source: str) -> list[Finding]:
    """Everything in a module that could differ between two executions, in order of line."""
    tree = ast.parse(source)
    found = [*_imports(tree), *_names(tree), *_floats(tree), *_state(tree)]
    for scope in [tree, *(node for node in ast.walk(tree) if isinstance(node, FUNCTIONS))]:
        found += _unordered(scope)
    return sorted(set(found), key=lambda each: (each.line, each.rule, each.what))


def _imports(tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        else:
            continue
        for name in names:
            top = name.partition(".")[0]
            if name not in ALLOWED and top not in OURS:
                yield Finding(_rule_of(top), node.lineno, f"import {name}")


def _rule_of(top: str) -> str:
    for rule, modules in (("clock", CLOCKS), ("chance", CHANCE), ("float", FLOATS), ("state", WORLD)):
        if top in modules:
            return rule
    return "io"


def _names(tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        # Under whatever name the type was imported: a transaction's own time is a value, and never called.
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in NOW:
            yield Finding("clock", node.lineno, f".{node.func.attr}()")
        if isinstance(node, ast.Attribute) and node.attr in NOW and _root(node) in ("datetime", "date"):
            yield Finding("clock", node.lineno, f".{node.attr}")
        if isinstance(node, ast.Constant) and node.value in NOW - {"now"}:
            yield Finding("clock", node.lineno, f"{node.value!r}")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            name = node.func.id
            if name in SEEDED:
                yield Finding("chance", node.lineno, f"{name}() differs from process to process")
            if name in DOORS:
                yield Finding("io", node.lineno, f"{name}()")
            if name in SCOPES:
                yield Finding("state", node.lineno, f"{name}()")


def _root(node: ast.Attribute) -> str:
    value: ast.expr = node.value
    while isinstance(value, ast.Attribute):
        value = value.value
    return value.id if isinstance(value, ast.Name) else ""


def _floats(tree: ast.Module) -> Iterator[Finding]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, float | complex):
            yield Finding("float", node.lineno, f"{node.value!r}")
        if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
            yield Finding("float", node.lineno, "/ makes a float: use // or divmod")
        if isinstance(node, ast.Name) and node.id == "float":
            yield Finding("float", node.lineno, "float")
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "round":
            yield Finding("float", node.lineno, "round()")


def _state(tree: ast.Module) -> Iterator[Finding]:
    shared = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    } | {
        alias.asname or alias.name
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    for function in (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS)):
        local = {argument.arg for argument in ast.walk(function) if isinstance(argument, ast.arg)} | {
            node.id
            for node in ast.walk(function)
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
        }
        for node in ast.walk(function):
            if isinstance(node, ast.Global | ast.Nonlocal):
                yield Finding("state", node.lineno, f"{type(node).__name__.lower()} {', '.join(node.names)}")
            changed = _changed(node)
            if changed in shared - local:
                yield Finding("state", getattr(node, "lineno", 0), f"{changed} outlives the transaction")


def _changed(node: ast.AST) -> str | None:
    """The name whose object a statement changes in place."""
    if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
        return node.value.id if isinstance(node.value, ast.Name) else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in MUTATORS:
        return node.func.value.id if isinstance(node.func.value, ast.Name) else None
    return None


def _unordered(scope: Scope) -> Iterator[Finding]:
    own = list(_own_nodes(scope))
    sets = _set_names(scope, own)
    blind = {
        id(argument)
        for node in own
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in BLIND
        for argument in node.args
    }

    def is_set(node: ast.expr) -> bool:
        if isinstance(node, ast.Set | ast.SetComp):
            return True
        if isinstance(node, ast.Name):
            return node.id in sets
        if isinstance(node, ast.BinOp) and isinstance(node.op, SET_OPERATORS):
            return is_set(node.left) or is_set(node.right) or _is_keys(node.left) or _is_keys(node.right)
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name):
                return called.id in ("set", "frozenset")
            return isinstance(called, ast.Attribute) and called.attr in SET_METHODS
        return False

    for node in own:
        for fed in _fed(node):
            if is_set(fed) and id(node) not in blind:
                yield Finding("order", fed.lineno, f"{ast.unparse(fed)} has no order: sort it")


def _fed(node: ast.AST) -> list[ast.expr]:
    """The expressions whose order a node passes on. Comprehensions that make sets pass none on."""
    if isinstance(node, ast.For | ast.AsyncFor):
        return [node.iter]
    if isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
        return [generator.iter for generator in node.generators]
    if isinstance(node, ast.Starred):
        return [node.value]
    if isinstance(node, ast.YieldFrom):
        return [node.value]
    if isinstance(node, ast.Call):
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name in FEEDERS or name in ("join", "extend", "pop"):
            method = [node.func.value] if name == "pop" and isinstance(node.func, ast.Attribute) else []
            return [*node.args, *method]
    return []


def _own_nodes(scope: Scope) -> Iterator[ast.AST]:
    """A scope's nodes without those of functions inside it; a class's body belongs to its scope."""
    waiting: list[ast.AST] = list(scope.body)
    while waiting:
        node = waiting.pop()
        yield node
        waiting += [child for child in ast.iter_child_nodes(node) if not isinstance(child, FUNCTIONS)]


def _set_names(scope: Scope, own: list[ast.AST]) -> set[str]:
    """Names that a scope binds to sets, as far as its own text tells."""
    names: set[str] = set()
    if isinstance(scope, FUNCTIONS):
        arguments = [*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs]
        names |= {
            each.arg for each in arguments if each.annotation is not None and _names_set(each.annotation)
        }
    for node in own:
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and _names_set(node.annotation)
        ):
            names.add(node.target.id)
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign | ast.NamedExpr) and _plainly_set(value, names):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {target.id for target in targets if isinstance(target, ast.Name)}
    return names


def _plainly_set(value: ast.expr | None, names: set[str]) -> bool:
    if isinstance(value, ast.Set | ast.SetComp):
        return True
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return value.func.id in ("set", "frozenset")
    if isinstance(value, ast.BinOp) and isinstance(value.op, SET_OPERATORS):
        sides = (value.left, value.right)
        return any(_plainly_set(side, names) or _is_keys(side) for side in sides) or any(
            isinstance(side, ast.Name) and side.id in names for side in sides
        )
    return False


def _is_keys(node: ast.expr) -> bool:
    """Whether it is ``x.keys()``: in order by itself, but not once it is combined with others."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "keys"


def _names_set(annotation: ast.expr) -> bool:
    outer = annotation.value if isinstance(annotation, ast.Subscript) else annotation
    if isinstance(outer, ast.BinOp):
        return _names_set(outer.left) or _names_set(outer.right)
    name = outer.attr if isinstance(outer, ast.Attribute) else getattr(outer, "id", "")
    return name in SET_NAMES

"""The small faults that can be put into a source file: each one edit of its text.

`mutations` walks the syntax tree and says for every place what could be wrong there, and how it would be written. Left
alone are annotations, docstrings, decorators, messages of errors and what only type checkers read.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import NamedTuple

Node = ast.expr | ast.stmt

_COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_CALCULATED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.LShift: ast.RShift,
    ast.RShift: ast.LShift,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
_MOVED = 4 / 3  # what a threshold is multiplied with: moved by a third
_LONGEST = 60  # characters of a text that is shown


class Mutation(NamedTuple):
    """One fault: bytes start..end of a file become `new`.

    kind : what sort of fault. line : of the file, from 1. at : lines whose tests may see it. names : of module or
    class that the line binds, where no function holds it.
    """

    kind: str
    line: int
    start: int
    end: int
    new: str
    at: tuple[int, ...]
    names: tuple[str, ...] = ()

    def applied(self, source: bytes) -> bytes:
        """The file with the fault in it."""
        return source[: self.start] + self.new.encode() + source[self.end :]


def mutations(source: bytes) -> list[Mutation]:
    """All faults that can be put into a module, in the order of its lines. Those that are no Python are left out."""
    walk = _Walk(source)
    walk.visit(ast.parse(source))
    return sorted((m for m in walk.found if _parses(m.applied(source))), key=lambda m: (m.line, m.start, m.kind, m.new))


def _parses(source: bytes) -> bool:
    try:
        compile(source, "mutated", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


class _Walk(ast.NodeVisitor):
    """Collects the faults of a module."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.lines = [0]
        for line in source.splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))
        self.found: list[Mutation] = []
        self._function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
        self._statement: ast.stmt | None = None

    # -- where

    def _span(self, node: Node) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        start = self.lines[node.lineno - 1] + node.col_offset
        return start, self.lines[node.end_lineno - 1] + node.end_col_offset

    def _note(self, kind: str, node: Node, new: str, span: tuple[int, int] | None = None) -> None:
        start, end = span or self._span(node)
        names: tuple[str, ...] = ()
        at: tuple[int, ...] = (node.lineno,)
        if self._statement is not None:
            at = (node.lineno, self._statement.lineno)
            if self._function is None:
                names = tuple(_bound(self._statement))
        self.found.append(Mutation(kind, node.lineno, start, end, new, at, names))

    def _instead(self, kind: str, node: ast.expr, change: Callable[[ast.expr], ast.expr | None]) -> None:
        changed = change(copy.deepcopy(node))
        if changed is not None:
            self._note(kind, node, f"({ast.unparse(ast.fix_missing_locations(changed))})")

    # -- what is left alone

    def visit(self, node: ast.AST) -> None:
        if isinstance(node, ast.stmt):
            before, self._statement = self._statement, node
            super().visit(node)
            self._statement = before
        else:
            super().visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """Python 3.11 does not know where in the file the parts of an f-string are."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            if self._function is None and (threshold := _threshold(node.value)):
                self._note("threshold", node.value, threshold)
                return
            self.visit(node.value)

    def visit_Assign(self, node: ast.Assign) -> None:
        if self._function is None and (threshold := _threshold(node.value)):
            self._note("threshold", node.value, threshold)
            return
        self.generic_visit(node)
        if self._function is not None and isinstance(node.targets[0], ast.Attribute | ast.Subscript):
            self._note("statement deleted", node, "pass")

    def visit_Raise(self, node: ast.Raise) -> None:
        if self._function is not None and node.exc is not None:
            self._note("statement deleted", node, "pass")

    def visit_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return
        self._note("condition", node.test, "True")
        self._note("condition", node.test, "False")
        self.generic_visit(node)
        self._statements(node.body)
        self._statements(node.orelse)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for inner in node.body:
            self.visit(inner)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        before, self._function = self._function, node
        arguments = node.args
        first = node.body[min(1, len(node.body) - 1)]  # past the docstring
        for default in (*arguments.defaults, *filter(None, arguments.kw_defaults)):
            for changed in _other_values(default):
                self._note("default", default, changed)
                self.found[-1] = self.found[-1]._replace(at=(first.lineno, node.body[-1].lineno), names=())
        for inner in node.body:
            self.visit(inner)
        self._statements(node.body)
        if not any(isinstance(n, ast.Return) and n.value is not None for n in ast.walk(node)):
            plain = [s for s in node.body[1:] if not (_is_text(s) or _is_type(s))]
            for inner in plain:
                start, _ = self._span(inner)
                self._note("early return", inner, f"return\n{' ' * inner.col_offset}", (start, start))
        self._function = before

    # -- faults of expressions

    def visit_Compare(self, node: ast.Compare) -> None:
        for number, operator in enumerate(node.ops):
            other = _COMPARED[type(operator)]

            def change(n: ast.expr, number: int = number, other: type[ast.cmpop] = other) -> ast.expr:
                assert isinstance(n, ast.Compare)
                n.ops[number] = other()
                return n

            self._instead("comparison", node, change)
        self.generic_visit(node)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if not (_is_words(node.left) or _is_words(node.right)):
            self._instead("arithmetic", node, _calculated)
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        other = _CALCULATED.get(type(node.op))
        if other is not None and not _is_words(node.value):
            changed = copy.deepcopy(node)
            changed.op = other()
            self._note("arithmetic", node, ast.unparse(changed))
        self._note("statement deleted", node, "pass")
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not):
            self._instead("condition", node, lambda n: n.operand if isinstance(n, ast.UnaryOp) else None)
        elif isinstance(node.op, ast.USub):
            if not isinstance(node.operand, ast.Constant):
                self._instead("arithmetic", node, lambda n: n.operand if isinstance(n, ast.UnaryOp) else None)
            elif isinstance(node.operand.value, int | float):
                for new in _other_values(node):
                    self._note("constant", node, f"({new})")
            return
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        def exchanged(n: ast.expr) -> ast.expr:
            assert isinstance(n, ast.BoolOp)
            n.op = ast.Or() if isinstance(n.op, ast.And) else ast.And()
            return n

        self._instead("and/or", node, exchanged)
        for number in range(len(node.values)):
            left = [value for k, value in enumerate(node.values) if k != number]
            new = left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
            self._instead("condition", node, lambda _, new=new: new)  # type: ignore[misc]
        self.generic_visit(node)

    def visit_IfExp(self, node: ast.IfExp) -> None:
        self._instead("condition", node, lambda n: n.body if isinstance(n, ast.IfExp) else None)
        self._instead("condition", node, lambda n: n.orelse if isinstance(n, ast.IfExp) else None)
        self.generic_visit(node)

    def visit_Constant(self, node: ast.Constant) -> None:
        if self._function is not None:
            for new in _other_values(node):
                self._note("constant", node, f"({new})")

    def visit_Call(self, node: ast.Call) -> None:
        for number, keyword in enumerate(node.keywords):
            if keyword.arg is not None:

                def change(n: ast.expr, number: int = number) -> ast.expr:
                    assert isinstance(n, ast.Call)
                    del n.keywords[number]
                    return n

                self._instead("keyword dropped", node, change)
        self.generic_visit(node)

    # -- faults of statements

    def visit_Return(self, node: ast.Return) -> None:
        self.generic_visit(node)

    def visit_Continue(self, node: ast.Continue) -> None:
        self._note("statement deleted", node, "pass")

    def visit_Break(self, node: ast.Break) -> None:
        self._note("statement deleted", node, "pass")

    def visit_Expr(self, node: ast.Expr) -> None:
        if _is_text(node):
            return
        if isinstance(node.value, ast.Call | ast.Yield | ast.YieldFrom | ast.Await):
            self._note("statement deleted", node, "pass")
        self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        super().generic_visit(node)
        if isinstance(node, ast.For | ast.While | ast.With | ast.Try):
            self._statements(node.body)
        if isinstance(node, ast.Try):
            self._statements(node.finalbody)

    def _statements(self, body: list[ast.stmt]) -> None:
        """Neighbours that change places, where the second does not need a name of the first."""
        for first, second in pairwise(body):
            plain = isinstance(first, ast.Assign) and isinstance(second, ast.Assign)
            if plain or not (_does(first) and _does(second)) or _needs(first, second):
                continue
            (start, end), (begin, stop) = self._span(first), self._span(second)
            between = self.source[end:begin].decode()
            new = self.source[begin:stop].decode() + between + self.source[start:end].decode()
            self._note("order", first, new, (start, stop))


def _calculated(node: ast.expr) -> ast.expr | None:
    assert isinstance(node, ast.BinOp)
    if isinstance(node.op, ast.FloorDiv):  # rounded up and not down
        return ast.UnaryOp(ast.USub(), ast.BinOp(ast.UnaryOp(ast.USub(), node.left), ast.FloorDiv(), node.right))
    other = _CALCULATED.get(type(node.op))
    if other is None:
        return None
    node.op = other()
    return node


def _value(node: ast.expr) -> bool | int | float | None:
    negative = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    inner = node.operand if isinstance(node, ast.UnaryOp) and negative else node
    if not isinstance(inner, ast.Constant) or not isinstance(inner.value, bool | int | float):
        return None
    return -inner.value if negative else inner.value


def _other_values(node: ast.expr) -> Iterator[str]:
    value = _value(node)
    if isinstance(value, bool):
        yield str(not value)
    elif isinstance(value, int):
        yield str(value + 1)
        yield str(value - 1)
    elif isinstance(value, float):
        yield repr(value * _MOVED if value else 1.0)
        yield repr(value / _MOVED if value else -1.0)


def _threshold(node: ast.expr) -> str | None:
    """A number that a module or class names, moved by a third, whole ones by one at least."""
    value = _value(node)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, int):
        return str(max(value + 1, round(value * _MOVED)) if value >= 0 else min(value - 1, round(value * _MOVED)))
    return repr(value * _MOVED if value else 1.0)


def _is_words(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_type(node: ast.stmt) -> bool:
    """Whether a statement says a name's type alone: no test runs it, and a return there is one at the next."""
    return isinstance(node, ast.AnnAssign) and node.value is None


def _does(node: ast.stmt) -> bool:
    """Whether a statement may do something that others see."""
    if isinstance(node, ast.Expr):
        return not _is_text(node)
    return isinstance(node, ast.Assign | ast.AugAssign | ast.With | ast.If | ast.For) and any(
        isinstance(inner, ast.Call | ast.Attribute | ast.Subscript) for inner in ast.walk(node)
    )


def _needs(first: ast.stmt, second: ast.stmt) -> bool:
    """Whether one binds a name that the other reads or binds: then they cannot simply change places."""
    bound = [
        {n.id for n in ast.walk(s) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)} for s in (first, second)
    ]
    used = [{n.id for n in ast.walk(s) if isinstance(n, ast.Name)} for s in (first, second)]
    return bool(bound[0] & used[1] or bound[1] & used[0])


def _bound(statement: ast.stmt) -> Iterator[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id


def shown(text: str) -> str:
    """A text on one line, shortened."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."

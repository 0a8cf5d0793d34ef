"""Numbers that are vectors of the processor's registers, one lane a frame; arithmetic is compiled as it is written.

numba's loops are made vectors by LLVM if it can prove that no two rows of a buffer overlap, which takes strides known
at compile time: a kernel for every transform size. Here the vectors are written into the intermediate code themselves.
A function of `+`, `-`, `*`, `/`, `root` and `at_least` takes a `Vector` and becomes machine code, or takes NumPy
arrays and is its own slow twin.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target
from numba.np import arrayobj

INDEX = ir.IntType(64)
_LANE = ir.IntType(32)

# As `kernels.FASTMATH`: NaN and infinity stay what they are.
_FLAGS = ("nsz", "arcp", "contract", "afn", "reassoc")


@lru_cache(maxsize=1)
def register_bits() -> int:
    """Bits of the vectors that kernels are compiled for: 512 with AVX-512, else 256 (LLVM halves what is too wide).

    LLVM is asked once, and while forks wait: it has a lock that a child would find taken for ever.
    """
    with global_compiler_lock:
        features = str(cpu_target.target_context.codegen().magic_tuple()[2])
    return 512 if "+avx512f" in features and "+avx512vl" in features else 256


def lanes(dtype: Any) -> int:
    """Frames side by side in one vector of `dtype`."""
    return register_bits() // (8 * int(np.dtype(dtype).itemsize))


class Vector:
    """A vector in the code that is being made; `exact` ones are neither reordered nor contracted."""

    __slots__ = ("builder", "flags", "value")

    def __init__(self, builder: Any, value: Any, exact: bool = False) -> None:
        self.builder = builder
        self.value = value
        self.flags = () if exact else _FLAGS

    def same(self, value: Any) -> Vector:
        """A vector of the same kind."""
        return Vector(self.builder, value, not self.flags)

    def constant(self, other: Any) -> Any:
        """A number in all lanes, or the value of a vector."""
        if isinstance(other, Vector):
            return other.value
        kind = self.value.type
        number = float(np.float32(other)) if isinstance(kind.element, ir.FloatType) else float(other)
        return ir.Constant(kind, [ir.Constant(kind.element, number)] * kind.count)

    def __add__(self, other: Any) -> Vector:
        return self.same(self.builder.fadd(self.value, self.constant(other), flags=self.flags))

    def __sub__(self, other: Any) -> Vector:
        return self.same(self.builder.fsub(self.value, self.constant(other), flags=self.flags))

    def __mul__(self, other: Any) -> Vector:
        return self.same(self.builder.fmul(self.value, self.constant(other), flags=self.flags))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Vector:
        return self.same(self.builder.fdiv(self.value, self.constant(other), flags=self.flags))

    def __neg__(self) -> Vector:
        return self.same(self.builder.fsub(self.constant(-0.0), self.value, flags=self.flags))

    def exactly(self) -> Vector:
        """The same number, whose sums and products are rounded one by one."""
        return Vector(self.builder, self.value, exact=True)


def root(x: Any) -> Any:
    """The square root."""
    if not isinstance(x, Vector):
        return np.sqrt(x)
    kind = x.value.type
    name = f"llvm.sqrt.v{kind.count}f{32 if isinstance(kind.element, ir.FloatType) else 64}"
    module = x.builder.module
    function = module.globals.get(name) or ir.Function(module, ir.FunctionType(kind, [kind]), name)
    return x.same(x.builder.call(function, [x.value], fastmath=x.flags))


def at_least(x: Any, least: Any) -> Any:
    """max(x, least)."""
    if not isinstance(x, Vector):
        return np.maximum(x, least)
    other = x.constant(least)
    return x.same(x.builder.select(x.builder.fcmp_ordered(">", x.value, other), x.value, other))


class Code:
    """The code of one vector operation that is being made: its arguments as memory, indices and vectors."""

    def __init__(self, context: Any, builder: Any, signature: Any, arguments: Any) -> None:
        self.context = context
        self.builder = builder
        self.types = signature.args
        self.arguments = arguments

    def memory(self, number: int) -> Memory:
        """The array that is argument `number`, flat."""
        kind = self.types[number]
        array = arrayobj.make_array(kind)(self.context, self.builder, self.arguments[number])
        return Memory(self, array.data, kind.dtype)

    def index(self, number: int) -> Index:
        """The whole number that is argument `number`."""
        return Index(self.builder, self.arguments[number])

    def done(self) -> Any:
        """What an operation without a result returns."""
        return self.context.get_dummy_value()


class Index:
    """A whole number of the code that is being made."""

    __slots__ = ("builder", "value")

    def __init__(self, builder: Any, value: Any) -> None:
        self.builder = builder
        self.value = value

    def _other(self, other: Any) -> Any:
        return other.value if isinstance(other, Index) else ir.Constant(INDEX, int(other))

    def __add__(self, other: Any) -> Index:
        return Index(self.builder, self.builder.add(self.value, self._other(other)))

    def __sub__(self, other: Any) -> Index:
        return Index(self.builder, self.builder.sub(self.value, self._other(other)))

    def __mul__(self, other: Any) -> Index:
        return Index(self.builder, self.builder.mul(self.value, self._other(other)))

    def wrapped(self, size: Index) -> Index:
        """Itself, less `size` once if it reaches that."""
        over = self.builder.icmp_signed(">=", self.value, size.value)
        return Index(self.builder, self.builder.select(over, (self - size).value, self.value))


class Memory:
    """An array as rows of one vector each: element i of frame l lies at `i * count + l`."""

    def __init__(self, code: Code, pointer: Any, dtype: Any) -> None:
        self.builder = code.builder
        self.pointer = pointer
        self.size = dtype.bitwidth // 8
        self.count = register_bits() // dtype.bitwidth
        self.kind = ir.VectorType(code.context.get_data_type(dtype), self.count)

    def _row(self, row: Index) -> Any:
        place = self.builder.gep(self.pointer, [(row * self.count).value])
        return self.builder.bitcast(place, self.kind.as_pointer())

    def row(self, row: Index) -> Vector:
        """Element `row` of all frames."""
        return Vector(self.builder, self.builder.load(self._row(row), align=self.size))

    def write(self, row: Index, vector: Vector) -> None:
        """Put element `row` of all frames."""
        self.builder.store(vector.value, self._row(row), align=self.size)

    def number(self, at: Index) -> Vector:
        """The number at `at`, the same in all lanes: of a table that all frames share."""
        one = self.builder.load(self.builder.gep(self.pointer, [at.value]))
        blank = ir.Constant(self.kind, ir.Undefined)
        first = self.builder.insert_element(blank, one, ir.Constant(_LANE, 0))
        everywhere = ir.Constant(ir.VectorType(_LANE, self.count), [ir.Constant(_LANE, 0)] * self.count)
        return Vector(self.builder, self.builder.shuffle_vector(first, blank, everywhere))


nothing = types.void
whole = types.intp

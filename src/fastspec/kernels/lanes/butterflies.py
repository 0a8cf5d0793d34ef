"""Discrete Fourier transforms of 2, 3, 4, 5 and 8 complex numbers, given as pairs (re, im) of vectors or of arrays.

`sign` is -1 forward and +1 inverse; nothing is normalised. Source: Cooley, Tukey 1965; Winograd 1978 for 3 and 5.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

Complex = tuple[Any, Any]

_HALF = math.sqrt(0.5)
_THIRD = math.sin(2 * math.pi / 3)
_FIFTH = [(math.cos(2 * math.pi * k / 5), math.sin(2 * math.pi * k / 5)) for k in (1, 2)]


def add(a: Complex, b: Complex) -> Complex:
    """a + b."""
    return a[0] + b[0], a[1] + b[1]


def subtract(a: Complex, b: Complex) -> Complex:
    """a - b."""
    return a[0] - b[0], a[1] - b[1]


def multiply(a: Complex, b: Complex) -> Complex:
    """a b."""
    return a[0] * b[0] - a[1] * b[1], a[0] * b[1] + a[1] * b[0]


def turned(a: Complex, b: Complex, sign: int) -> tuple[Complex, Complex]:
    """a + sign i b, a - sign i b."""
    more, less = (a[0] - b[1], a[1] + b[0]), (a[0] + b[1], a[1] - b[0])
    return (more, less) if sign > 0 else (less, more)


def two(x: Sequence[Complex], sign: int) -> list[Complex]:
    """Of 2 numbers."""
    return [add(x[0], x[1]), subtract(x[0], x[1])]


def three(x: Sequence[Complex], sign: int) -> list[Complex]:
    """Of 3 numbers."""
    s, d = add(x[1], x[2]), subtract(x[1], x[2])
    middle = x[0][0] - s[0] * 0.5, x[0][1] - s[1] * 0.5
    return [add(x[0], s), *turned(middle, (d[0] * _THIRD, d[1] * _THIRD), sign)]


def four(x: Sequence[Complex], sign: int) -> list[Complex]:
    """Of 4 numbers."""
    even, odd = two(x[0::2], sign), two(x[1::2], sign)
    more, less = turned(even[1], odd[1], sign)
    return [add(even[0], odd[0]), more, subtract(even[0], odd[0]), less]


def five(x: Sequence[Complex], sign: int) -> list[Complex]:
    """Of 5 numbers."""
    (c1, s1), (c2, s2) = _FIFTH
    a1, a2, b1, b2 = add(x[1], x[4]), add(x[2], x[3]), subtract(x[1], x[4]), subtract(x[2], x[3])
    u = x[0][0] + a1[0] * c1 + a2[0] * c2, x[0][1] + a1[1] * c1 + a2[1] * c2
    v = x[0][0] + a1[0] * c2 + a2[0] * c1, x[0][1] + a1[1] * c2 + a2[1] * c1
    p = b1[0] * s1 + b2[0] * s2, b1[1] * s1 + b2[1] * s2
    q = b1[0] * s2 - b2[0] * s1, b1[1] * s2 - b2[1] * s1
    y1, y4 = turned(u, p, sign)
    y2, y3 = turned(v, q, sign)
    return [add(x[0], add(a1, a2)), y1, y2, y3, y4]


def eight(x: Sequence[Complex], sign: int) -> list[Complex]:
    """Of 8 numbers."""
    even, odd = four(x[0::2], sign), four(x[1::2], sign)
    o1, o3 = odd[1], odd[3]
    if sign > 0:  # times (1 + i) / sqrt 2 and (-1 + i) / sqrt 2
        t1 = (o1[0] - o1[1]) * _HALF, (o1[1] + o1[0]) * _HALF
        t3 = (o3[0] + o3[1]) * -_HALF, (o3[0] - o3[1]) * _HALF
    else:
        t1 = (o1[0] + o1[1]) * _HALF, (o1[1] - o1[0]) * _HALF
        t3 = (o3[1] - o3[0]) * _HALF, (o3[0] + o3[1]) * -_HALF
    y2, y6 = turned(even[2], odd[2], sign)
    return [
        add(even[0], odd[0]), add(even[1], t1), y2, add(even[3], t3),
        subtract(even[0], odd[0]), subtract(even[1], t1), y6, subtract(even[3], t3),
    ]  # fmt: skip


BUTTERFLIES: dict[int, Callable[[Sequence[Complex], int], list[Complex]]] = {
    2: two, 3: three, 4: four, 5: five, 8: eight,
}  # fmt: skip

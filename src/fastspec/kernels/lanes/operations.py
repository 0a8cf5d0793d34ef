"""The vector operations that the kernels of `sweep` are made of: butterflies, pairs of bins, samples added up."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core.extending import intrinsic

from fastspec.kernels.lanes.butterflies import BUTTERFLIES, Complex, multiply
from fastspec.kernels.lanes.updates import CARRYING, FACTORS, UPDATES
from fastspec.kernels.lanes.vectors import INDEX, Code, Index, Memory, Vector, nothing, whole

MOMENTUM, AVERAGED, START = 1, 2, 3  # as in `kernels.phase`; 0 is the plain rule


def _twiddles(table: Memory, at: Index, number: int) -> list[Complex]:
    return [(table.number(at + 2 * q), table.number(at + (2 * q + 1))) for q in range(number - 1)]


def _numbers(memory: Memory, rows: list[Index]) -> list[Complex]:
    return [(memory.row(row), memory.row(row + 1)) for row in rows]


def _write(memory: Memory, rows: list[Index], numbers: list[Complex]) -> None:
    for row, (re, im) in zip(rows, numbers, strict=True):
        memory.write(row, re)
        memory.write(row + 1, im)


def _spaced(first: Index, step: Index, number: int) -> list[Index]:
    rows = [first]
    while len(rows) < number:
        rows.append(rows[-1] + step)
    return rows


def _butterfly(radix: int, sign: int, twiddled: bool) -> Any:
    """In place, of the complex rows `row`, `row + step` ...; `table` holds the factors of all but the first."""

    @intrinsic
    def operation(typingctx: Any, buffer: Any, row: Any, step: Any, table: Any, at: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            code = Code(context, builder, signature, arguments)
            memory, rows = code.memory(0), _spaced(code.index(1), code.index(2), radix)
            factors = _twiddles(code.memory(3), code.index(4), radix) if twiddled else []
            x = _numbers(memory, rows)
            if twiddled and sign > 0:
                x = [x[0], *map(multiply, x[1:], factors)]
            y = BUTTERFLIES[radix](x, sign)
            if twiddled and sign < 0:
                y = [y[0], *map(multiply, y[1:], factors)]
            _write(memory, rows, y)
            return code.done()

        return nothing(buffer, whole, whole, table, whole), generate

    return operation


def _load(radix: int) -> Any:
    """The first forward butterfly, straight from the windowed samples `sample`, `sample + step` ... of the waveform."""

    @intrinsic
    def operation(
        typingctx: Any, wave: Any, first: Any, window: Any, sample: Any, step: Any, buffer: Any, table: Any, at: Any
    ) -> Any:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            code = Code(context, builder, signature, arguments)
            z, g, memory = code.memory(0), code.memory(2), code.memory(5)
            rows = _spaced(code.index(3), code.index(4), radix)
            factors = _twiddles(code.memory(6), code.index(7), radix)
            x = [tuple(z.row(code.index(1) + (row + i)) * g.number(row + i) for i in (0, 1)) for row in rows]
            y = BUTTERFLIES[radix](x, -1)  # type: ignore[arg-type]
            _write(memory, rows, [y[0], *map(multiply, y[1:], factors)])
            return code.done()

        return nothing(wave, whole, window, whole, whole, buffer, table, whole), generate

    return operation


def _unload(radix: int) -> Any:
    """The last inverse butterfly, whose samples are windowed and added to the ring of open slots."""

    @intrinsic
    def operation(
        typingctx: Any, buffer: Any, sample: Any, step: Any, table: Any, at: Any, window: Any, ring: Any, base: Any,
        size: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            code = Code(context, builder, signature, arguments)
            memory, g, sums = code.memory(0), code.memory(5), code.memory(6)
            rows = _spaced(code.index(1), code.index(2), radix)
            factors = _twiddles(code.memory(3), code.index(4), radix)
            x = _numbers(memory, rows)
            y = BUTTERFLIES[radix]([x[0], *map(multiply, x[1:], factors)], 1)
            for row, number in zip(rows, y, strict=True):
                for i in (0, 1):
                    place = (code.index(7) + (row + i)).wrapped(code.index(8))
                    sums.write(place, sums.row(place) + number[i] * g.number(row + i))
            return code.done()

        return nothing(buffer, whole, whole, table, whole, window, ring, whole, whole), generate

    return operation


load8, load5, load4, load3, load2 = map(_load, (8, 5, 4, 3, 2))
unload8, unload5, unload4, unload3, unload2 = map(_unload, (8, 5, 4, 3, 2))
forward8, forward5, forward4, forward3, forward2 = (_butterfly(radix, -1, True) for radix in (8, 5, 4, 3, 2))
inverse8, inverse5, inverse4, inverse3, inverse2 = (_butterfly(radix, 1, True) for radix in (8, 5, 4, 3, 2))
last8, last5, last4, last3, last2 = (_butterfly(radix, -1, False) for radix in (8, 5, 4, 3, 2))
first8, first5, first4, first3, first2 = (_butterfly(radix, 1, False) for radix in (8, 5, 4, 3, 2))


class _Cell:
    """What updates of one frame need beside the spectrum."""

    def __init__(
        self, code: Code, mag: int, at: int, state: int, lies: int, factors: int, keep: int, frame: int
    ) -> None:
        self.mag, self.at = code.memory(mag), code.index(at)
        self.state, self.lies = code.memory(state), code.index(lies)
        table = code.memory(factors)
        zero = Index(code.builder, ir.Constant(INDEX, 0))
        self.factors = [table.number(zero + i) for i in range(FACTORS)]
        self.tiny = table.number(zero + FACTORS)
        self.keep = code.memory(keep).row(code.index(frame))

    def updated(self, name: str, number: int, c: Complex) -> Complex:
        """The cell `number` after the first one, of spectrum `c`; what it carries is written."""
        row = self.lies + 2 * number
        x = (self.state.row(row), self.state.row(row + 1)) if name != "project" else c
        a = None if name == "start" else self.mag.row(self.at + number)  # the targets may not be there yet
        back, carried = UPDATES[name](c, a, x, self.factors, self.tiny)
        if name in CARRYING:
            back = back[0] * self.keep, back[1] * self.keep
        if carried is not None:
            self.state.write(row, carried[0] * self.keep)
            self.state.write(row + 1, carried[1] * self.keep)
        return back


def _cases(builder: Any, op: Any, make: Any) -> None:
    """Code that does make(name) for the update of number `op`."""
    after = builder.append_basic_block("after")
    switch = builder.switch(op, after)
    for number, name in enumerate(UPDATES):
        block = builder.append_basic_block(name)
        switch.add_case(ir.Constant(INDEX, number), block)
        builder.position_at_end(block)
        make(name)
        builder.branch(after)
    builder.position_at_end(after)


@intrinsic
def update_pair(
    typingctx: Any, op: Any, buffer: Any, one: Any, other: Any, table: Any, turn: Any, mag: Any, at: Any, state: Any,
    lies: Any, factors: Any, keep: Any, frame: Any,
) -> Any:  # fmt: skip
    """Bins k and M - k: from the half-size transform at the rows `one` and `other` to the spectrum, updated, and back.

    The window has taken the factor 1/2 of E = (Z[k] + conj Z[M-k]) / 2, O = (Z[k] - conj Z[M-k]) / 2i, X = E + w O.
    """

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code = Code(context, builder, signature, arguments)
        memory, rows = code.memory(1), [code.index(2), code.index(3)]
        factor = code.memory(4).number(code.index(5)), code.memory(4).number(code.index(5) + 1)
        (ar, ai), (br, bi) = _numbers(memory, rows)
        e, o = (ar + br, ai - bi), (ai + bi, br - ar)
        t = multiply(o, factor)
        cell = _Cell(code, 6, 7, 8, 9, 10, 11, 12)

        def make(name: str) -> None:
            xr, xi = cell.updated(name, 0, (e[0] + t[0], e[1] + t[1]))
            yr, yi = cell.updated(name, 1, (e[0] - t[0], t[1] - e[1]))
            er, ei, tr, ti = xr + yr, xi - yi, xr - yr, xi + yi
            p, q = factor[0] * tr + factor[1] * ti, factor[0] * ti - factor[1] * tr
            _write(memory, rows, [(er - q, ei + p), (er + q, p - ei)])

        _cases(builder, arguments[0], make)
        return code.done()

    return nothing(whole, buffer, whole, whole, table, whole, mag, whole, state, whole, factors, keep, whole), generate


@intrinsic
def update_edges(
    typingctx: Any, op: Any, buffer: Any, mag: Any, at: Any, state: Any, lies: Any, factors: Any, keep: Any, frame: Any
) -> Any:
    """Bins 0 and n_fft / 2, which are real and lie together in row 0."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code = Code(context, builder, signature, arguments)
        memory, row = code.memory(1), Index(builder, ir.Constant(INDEX, 0))
        re, im = memory.row(row), memory.row(row + 1)
        none = Vector(builder, re.constant(0.0))
        cell = _Cell(code, 2, 3, 4, 5, 6, 7, 8)

        def make(name: str) -> None:
            x, _ = cell.updated(name, 0, ((re + im) * 2.0, none))
            y, _ = cell.updated(name, 1, ((re - im) * 2.0, none))
            _write(memory, [row], [(x + y, x - y)])

        _cases(builder, arguments[0], make)
        return code.done()

    return nothing(whole, buffer, mag, whole, state, whole, factors, keep, whole), generate


@intrinsic
def update_middle(
    typingctx: Any, op: Any, buffer: Any, one: Any, mag: Any, at: Any, state: Any, lies: Any, factors: Any, keep: Any,
    frame: Any,
) -> Any:  # fmt: skip
    """Bin n_fft / 4, its own partner, where there is one."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code = Code(context, builder, signature, arguments)
        memory, row = code.memory(1), code.index(2)
        re, im = memory.row(row), memory.row(row + 1)
        cell = _Cell(code, 3, 4, 5, 6, 7, 8, 9)

        def make(name: str) -> None:
            xr, xi = cell.updated(name, 0, (re * 2.0, im * -2.0))
            _write(memory, [row], [(xr * 2.0, xi * -2.0)])

        _cases(builder, arguments[0], make)
        return code.done()

    return nothing(whole, buffer, whole, mag, whole, state, whole, factors, keep, whole), generate


@intrinsic
def spectrum_pair(typingctx: Any, buffer: Any, one: Any, other: Any, table: Any, turn: Any, out: Any) -> Any:
    """out = X[k] and X[M - k], of the half-size transform of frames windowed by half their window."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        code = Code(context, builder, signature, arguments)
        factor = code.memory(3).number(code.index(4)), code.memory(3).number(code.index(4) + 1)
        (ar, ai), (br, bi) = _numbers(code.memory(0), [code.index(1), code.index(2)])
        e, t = (ar + br, ai - bi), multiply((ai + bi, br - ar), factor)
        row = Index(builder, ir.Constant(INDEX, 0))
        _write(code.memory(5), [row, row + 2], [(e[0] + t[0], e[1] + t[1]), (e[0] - t[0], t[1] - e[1])])
        return code.done()

    return nothing(buffer, whole, whole, table, whole, out), generate


def _finish(shared: bool) -> Any:
    """A sample whose frames have all come: normalised, and what the wave rule makes of it; its sum is emptied."""

    @intrinsic
    def operation(
        typingctx: Any, rule: Any, ring: Any, place: Any, gain: Any, at: Any, out: Any, t: Any, d: Any, sample: Any,
        factors: Any,
    ) -> Any:  # fmt: skip
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            code = Code(context, builder, signature, arguments)
            sums, place = code.memory(1), code.index(2)
            gain = code.memory(3).number(code.index(4)) if shared else code.memory(3).row(code.index(4))
            z, last, far, sample = code.memory(5), code.memory(6), code.memory(7), code.index(8)
            zero = Index(builder, ir.Constant(INDEX, 0))
            a, b, c, rest = (code.memory(9).number(zero + i) for i in range(4))
            y = sums.row(place).exactly() * gain
            sums.write(place, Vector(builder, y.constant(0.0)))

            def plain() -> None:
                z.write(sample, y)

            def momentum() -> None:
                z.write(sample, y + a * (y - last.row(sample)).exactly())
                last.write(sample, y)

            def averaged() -> None:
                v = rest.exactly() * far.row(sample) + c.exactly() * y
                step = v - last.row(sample)
                z.write(sample, v + a.exactly() * step)
                far.write(sample, v + b.exactly() * step)
                last.write(sample, v)

            def start() -> None:
                z.write(sample, y)
                last.write(sample, y)

            after = builder.append_basic_block("after")
            other = builder.append_basic_block("plain")
            switch = builder.switch(arguments[0], other)
            builder.position_at_end(other)
            plain()
            builder.branch(after)
            for number, make in ((MOMENTUM, momentum), (AVERAGED, averaged), (START, start)):
                block = builder.append_basic_block("rule")
                switch.add_case(ir.Constant(INDEX, number), block)
                builder.position_at_end(block)
                make()
                builder.branch(after)
            builder.position_at_end(after)
            return code.done()

        return nothing(whole, ring, whole, gain, whole, out, t, d, whole, factors), generate

    return operation


finish, finish_border = _finish(True), _finish(False)

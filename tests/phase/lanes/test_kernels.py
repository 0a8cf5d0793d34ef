"""The lanes' compiled code against slow twins: transforms, updates, overlap-add, and what moves numbers about."""

from __future__ import annotations

import numpy as np
import pytest
from numba.core.compiler_lock import global_compiler_lock

from fastspec.kernels import phase as rows
from fastspec.kernels.lanes import butterflies, sweep, updates, vectors
from fastspec.phase import methods
from fastspec.phase.engine import Group, Member
from fastspec.phase.frames import Frames
from fastspec.phase.lanes.group import LaneGroup, Seat
from fastspec.phase.team import Team
from fastspec.transform.geometry import Geometry

EVERY = [*methods.names()]


def complex_numbers(rng, *shape):
    return rng.standard_normal(shape) + 1j * rng.standard_normal(shape)


# --- arithmetic ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("radix", butterflies.BUTTERFLIES)
@pytest.mark.parametrize("sign", [-1, 1])
def test_butterflies_are_small_transforms(radix, sign):
    x = complex_numbers(np.random.default_rng(radix), radix, 7)
    y = butterflies.BUTTERFLIES[radix]([(row.real, row.imag) for row in x], sign)
    twin = np.fft.fft(x, axis=0) if sign < 0 else np.fft.ifft(x, axis=0, norm="forward")
    np.testing.assert_allclose([re + 1j * im for re, im in y], twin, atol=1e-12)


PROJECTIONS = {
    "project": (rows.project, False),
    "split": (rows.split, False),
    "split_out": (rows.split, True),
    "relax": (rows.relax, False),
    "relax_out": (rows.relax, True),
    "difference_half": (rows.difference_half, False),
    "difference_rest": (rows.difference_rest, False),
}


def test_every_update_but_the_start_has_a_projection():
    assert set(PROJECTIONS) == set(updates.UPDATES) - {"start"}


@pytest.mark.parametrize("name", PROJECTIONS)
def test_updates_of_cells_are_the_projections_of_rows(name):
    rng = np.random.default_rng(0)
    c, x = complex_numbers(rng, 3, 9), complex_numbers(rng, 3, 9)
    a, p, tiny = rng.random((3, 9)), np.array([0.7, -0.4, 2.5, 1.3]), 1e-280
    c[0, 0] = x[1, 1] = a[2, 2] = 0
    spec, state = c.copy(), x.copy()
    kernel, final = PROJECTIONS[name]
    kernel(spec.view(float), a, state.view(float), np.arange(3), tiny, p, final)
    back, carried = updates.UPDATES[name]((c.real, c.imag), a, (x.real, x.imag), p, tiny)
    np.testing.assert_allclose(back[0] + 1j * back[1], spec, atol=1e-12)
    kept = x if carried is None else carried[0] + 1j * carried[1]
    np.testing.assert_allclose(kept, state, atol=1e-12)
    assert (carried is not None) <= (name in updates.CARRYING)


def test_a_start_is_what_is_carried():
    assert updates.start((1, 2), 3, (4, 5), (), 0) == ((4, 5), None)


def test_vectors_are_as_wide_as_the_processor_s():
    bits = vectors.register_bits()
    assert bits in (256, 512)
    assert vectors.lanes(np.float32) == 2 * vectors.lanes(np.float64) == bits // 32


# --- one pass of a block, against FFTW's engine --------------------------------------------------------------


def engines(n_fft, hop, counts, method="fgla", dtype=np.float64, seed=0, parts=1, **geometry):
    """(FFTW's group, the lanes') of the same pictures, both begun, with their segments and teams."""
    rng = np.random.default_rng(seed)
    frames = Frames(Geometry.of(n_fft, hop, **geometry), dtype)
    mag = rng.random((sum(counts), n_fft // 2 + 1)).astype(dtype)
    X = (mag * np.exp(2j * np.pi * rng.random(mag.shape))).astype(np.result_type(dtype, np.complex64))
    tuned = methods.of(method)
    made = []
    for engine in (lambda m: Group(frames, mag, m, tuned), lambda m: LaneGroup(frames, mag, m, tuned, parts)):
        members = [Member(count, frames.geometry.samples_under(count)) for count in counts]
        group = engine(members)
        team = Team(frames) if isinstance(group, Group) else Team(frames, Seat)
        segments = group.cut(members, 1)
        group.begin(X.copy(), segments, team, False)
        made.append((group, segments, team))
    return made


def waveforms(group, z=None):
    return [group.waveform(member, group.z if z is None else z) for member in group.members]


SIZES = [
    (64, 16),
    (64, 64),
    (128, 50),
    (240, 77),
    (90, 30),
    (250, 100),
    (512, 512),
    (1024, 256),
    (1536, 500),
    (162, 11),
]


@pytest.mark.parametrize(("n_fft", "hop"), SIZES)
@pytest.mark.parametrize("center", [True, False])
def test_transforms_of_all_radices_agree_with_fftw(n_fft, hop, center):
    window = "hann" if hop < n_fft else "boxcar"
    made = engines(n_fft, hop, [5, 1, 40], center=center, window=window)
    for group, segments, team in made:
        group.step(segments, team, False)
        group.step(segments, team, True)
    for ours, theirs in zip(waveforms(made[1][0]), waveforms(made[0][0]), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-9 * np.abs(theirs).max())


@pytest.mark.parametrize("method", EVERY)
@pytest.mark.parametrize("pad_mode", ["constant", "reflect"])
def test_methods_agree_with_fftw(method, pad_mode):
    made = engines(128, 32, [30, 3, 17], method, pad_mode=pad_mode)
    for group, segments, team in made:
        for _ in range(3):
            group.lead_in(segments, team)
            group.step(segments, team, False)
        group.lead_in(segments, team)
        group.step(segments, team, True)
    for ours, theirs in zip(waveforms(made[1][0]), waveforms(made[0][0]), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-8 * np.abs(theirs).max())


@pytest.mark.parametrize("method", EVERY)
def test_a_read_out_beside_leaves_what_goes_on_alone(method):
    group, segments, team = engines(128, 32, [30, 3], method)[1]
    kept = [array.copy() for array in (group.z, group.state)]
    out = group.blank()
    out[:] = np.nan
    group.step(segments, team, True, out)
    for array, before in zip((group.z, group.state), kept, strict=True):
        np.testing.assert_array_equal(array, before)
    assert all(np.isfinite(y).all() for y in waveforms(group, out))


@pytest.mark.parametrize("counts", [[1], [3, 200], [7, 7, 7]])
def test_misfits_agree_with_fftw(counts):
    (fftw, segments, team), (lanes, blocks, crew) = engines(240, 60, counts)
    out = np.zeros((2, sum(counts)))
    fftw.measure(fftw.z, segments, team, out[0])
    lanes.measure(lanes.z, blocks, crew, out[1])
    np.testing.assert_allclose(out[1], out[0], rtol=1e-9)


# --- what moves numbers about --------------------------------------------------------------------------------


def test_packing_deals_rows_to_lanes_in_the_order_of_cells():
    rng = np.random.default_rng(3)
    table, numbers, order = rng.random((6, 5)), np.array([[0, 3, -1], [5, -1, 2]]), np.array([4, 0, 2])
    out = np.full(2 * 3 * 3, np.nan)
    sweep.pack(table, numbers, order, out)
    twin = np.zeros((2, 3, 3))
    for f in range(2):
        for lane in range(3):
            if numbers[f, lane] >= 0:
                twin[f, :, lane] = table[numbers[f, lane], order]
    np.testing.assert_array_equal(out.reshape(2, 3, 3), twin)


def test_neighbours_exchange_the_slots_they_share():
    blocks, lanes, owned, beyond, hop = 2, 4, 3, 2, 5
    stream = np.arange(blocks * lanes * owned * hop, dtype=float).reshape(-1, hop) + 1
    padded = np.concatenate([np.zeros((beyond, hop)), stream, np.zeros((beyond, hop))])
    slots = owned + 2 * beyond
    want = np.zeros((blocks, slots, hop, lanes))
    for block in range(blocks):
        for lane in range(lanes):
            at = (block * lanes + lane) * owned
            want[block, :, :, lane] = padded[at : at + slots]
    z = np.full_like(want, np.nan)
    z[:, beyond : beyond + owned] = want[:, beyond : beyond + owned]
    flat = z.reshape(blocks, -1)
    sweep.exchange(flat, owned, beyond, hop, lanes)
    np.testing.assert_array_equal(flat.reshape(want.shape), want)
    out = np.empty(4 * hop)
    sweep.unpack(flat.reshape(-1), lanes, owned, beyond, hop, 10, out)
    np.testing.assert_array_equal(out, stream[10:14].ravel())


def test_llvm_is_asked_once_and_while_forks_wait(monkeypatch):
    """LLVM's lock is one that a forked child would wait for: whoever iterates must not take it."""
    asked = []

    class Target:
        @property
        def target_context(self):
            return self

        def codegen(self):
            return self

        def magic_tuple(self):
            asked.append(global_compiler_lock.is_locked())
            return "", "", "+avx512f,+avx512vl"

    before = vectors.register_bits()
    monkeypatch.setattr(vectors, "cpu_target", Target())
    assert vectors.register_bits() == before
    assert asked == []  # it was known
    vectors.register_bits.cache_clear()
    try:
        assert [vectors.register_bits() for _ in range(3)] == [512] * 3
        assert asked == [True]
        assert not global_compiler_lock.is_locked()
    finally:
        vectors.register_bits.cache_clear()

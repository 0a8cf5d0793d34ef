"""The fused loop: its kernels against slow twins, and the same bits whatever the company, order or threads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastspec.kernels import phase as kernels
from fastspec.phase import methods
from fastspec.phase.retrieval import phase_retrieval
from tests.phase.sounds import spectrum

METHODS = methods.names()

# --- kernels against slow twins -------------------------------------------------------------------------------


def test_gather_windows_the_frames_it_is_told():
    rng = np.random.default_rng(0)
    z, window = rng.random(200).astype(np.float32), rng.random(32).astype(np.float32)
    slot, ids = np.arange(10), np.array([7, 2, 3])
    real = np.full((4, 32), 9, np.float32)
    kernels.gather(z, slot, ids, 16, window, real)
    for row, f in zip(real, ids, strict=False):
        np.testing.assert_array_equal(row, window * z[16 * f : 16 * f + 32])
    assert not real[3].any()


def complex_rows(rng, shape):
    return (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype(np.complex64)


def test_updates_agree_with_their_formulas_and_zero_gives_zero():
    rng = np.random.default_rng(1)
    c, state = complex_rows(rng, (3, 17)), complex_rows(rng, (6, 17))
    mag = rng.random((6, 17)).astype(np.float32)
    ids = np.array([4, 0, 5])
    c[1, 3] = state[0, 3] = 0
    mag[5, 2] = 0
    r, b, tiny = 0.2, 0.9, np.float32(1e-36)

    def project(X):
        return mag[ids] * np.exp(1j * np.angle(X)) * (X != 0)

    def run(kernel, par, final):
        spec, kept = c.copy(), state.copy()
        parameters = np.array(par, np.float32)
        kernel(spec.view(np.float32), mag, kept.view(np.float32), ids, tiny, parameters, final)
        return spec, kept

    spec = c.copy()
    nothing = np.empty((0, 0), np.float32)
    kernels.project(spec.view(np.float32), mag, nothing, ids, tiny, nothing[0:0].ravel(), False)
    np.testing.assert_allclose(spec, project(c), atol=1e-6)

    V = state[ids]
    w, u = ((r - 1) * V + 2 * c) / (1 + r), (V - c) / (1 + r)
    par = ((r - 1) / (1 + r), 2 / (1 + r), 1 / (1 + r))
    spec, kept = run(kernels.split, par, False)
    np.testing.assert_allclose(spec, project(w) + u, atol=1e-5)
    np.testing.assert_array_equal(kept[ids], spec)
    spec, kept = run(kernels.split, par, True)
    np.testing.assert_allclose(spec, project(w), atol=1e-5)
    np.testing.assert_array_equal(kept, state)

    X = state[ids] + b * c
    spec, kept = run(kernels.relax, (b, 1 - 2 * b, 2), False)
    np.testing.assert_allclose(spec, 2 * project(X) - X, atol=1e-5)
    np.testing.assert_allclose(kept[ids], b * X + (1 - 2 * b) * project(X), atol=1e-5)
    spec, _ = run(kernels.relax, (b, 1 - 2 * b, 2), True)
    np.testing.assert_allclose(spec, project(X), atol=1e-5)

    X, par = state[ids], (b, 1 / b, 1 - 1 / b, 1 + 1 / b)
    spec, kept = run(kernels.difference_half, par, False)
    np.testing.assert_allclose(spec, project(X) + (project(X) - X) / b, atol=1e-5)
    np.testing.assert_allclose(kept[ids], X - b * project(c - (c - X) / b), atol=1e-5)
    spec, kept = run(kernels.difference_rest, par, False)
    np.testing.assert_allclose(spec, X + b * c, atol=1e-5)
    np.testing.assert_array_equal(kept[ids], spec)
    spec, kept = run(kernels.difference_rest, par, True)
    np.testing.assert_allclose(spec, project(c), atol=1e-5)
    np.testing.assert_array_equal(kept, state)


def test_misfit_change_take_warm_and_pad():
    rng = np.random.default_rng(2)
    c, mag = complex_rows(rng, (3, 9)), rng.random((5, 9)).astype(np.float32)
    out = np.zeros(5)
    kernels.misfit(c.view(np.float32), mag, np.array([1, 4, 0]), out)
    np.testing.assert_allclose(out[[1, 4, 0]], ((np.abs(c) - mag[[1, 4, 0]]) ** 2).sum(1), rtol=1e-6)
    z, kept = rng.random(50), rng.random(50)
    expected = ((z - kept) ** 2).sum(), (z**2).sum()
    np.testing.assert_allclose(kernels.change(z, kept), expected)
    np.testing.assert_array_equal(z, kept)
    S = rng.random((70, 90)).astype(np.float32)
    turned = np.empty((90, 70), np.float32)
    kernels.take(S, np.float32(2), turned)
    np.testing.assert_array_equal(turned, 2 * S.T)
    X = c.copy()
    X[0, 0] = 0
    kernels.warm(X, mag[:3])
    np.testing.assert_allclose(X, mag[:3] * np.where(np.arange(27).reshape(3, 9) == 0, 1, c / np.abs(c)), rtol=1e-5)
    kernels.pad(z, np.array([0, 1]), np.array([5, 6]), np.array([1.0, 0.5]))
    assert z[0] == z[5]
    assert z[1] == 0.5 * z[6]


@settings(max_examples=40, deadline=None)
@given(
    hop=st.integers(1, 40),
    n_fft=st.integers(2, 40),
    frames=st.lists(st.integers(1, 9), min_size=1, max_size=4),
    height=st.integers(1, 7),
)
def test_overlap_add_in_blocks_is_the_plain_sum_bit_for_bit(hop, n_fft, frames, height):
    hop = min(hop, n_fft)
    overlap = -(-n_fft // hop)
    rng = np.random.default_rng(hop * 41 + n_fft)
    window = np.zeros(overlap * hop, np.float32)
    window[:n_fft] = rng.random(n_fft)
    rows = np.zeros((sum(frames), overlap * hop), np.float32)
    rows[:, :n_fft] = rng.standard_normal((sum(frames), n_fft))
    slot, flags, want, at = [], [], [], 0
    for item, count in enumerate(frames):
        y = np.zeros((count + overlap - 1) * hop, np.float32)
        for j in range(count):
            y[j * hop : (j + overlap) * hop] += window * rows[sum(frames[:item]) + j]
        want.append(y)
        slot += range(at, at + count)
        mark = [0] * count
        mark[0] |= kernels.FIRST
        mark[-1] |= kernels.LAST
        flags += mark
        at += count + overlap - 1
    z = np.full((at, hop), np.nan, np.float32)
    gains, gain_row = np.ones((1, hop), np.float32), np.zeros(at, np.int32)
    carry = np.zeros((overlap - 1, hop), np.float32)
    par = np.zeros(4, np.float32)
    shaped = rows.reshape(-1, overlap, hop)
    for start in range(0, len(rows), height):
        ids = np.arange(start, min(start + height, len(rows)))
        kernels.overlap_add(
            shaped[ids], ids, start, window.reshape(overlap, hop), np.array(slot), np.array(flags, np.uint8),
            gain_row, gains, carry, z, z, z, kernels.PLAIN, par, 0,
        )  # fmt: skip
    np.testing.assert_array_equal(z.ravel(), np.concatenate(want))


# --- the same bits --------------------------------------------------------------------------------------------

RAGGED = [spectrum(t, seed=t) for t in (1, 2, 5, 100, 3, 173, 64, 65, 700)]
LENGTHS = [max(20, (S.shape[1] - 1) * 45) for S in RAGGED]


def ragged(order, method, workers, **options):
    return phase_retrieval(
        [RAGGED[i] for i in order],
        length=[LENGTHS[i] for i in order],
        seed=[int(i) for i in order],
        method=method,
        n_iter=4,
        hop_length=45,
        workers=workers,
        **options,
    )


@pytest.mark.parametrize("pad_mode", ["constant", "reflect"])
@pytest.mark.parametrize("init", ["random", "pghi"])
@pytest.mark.parametrize("method", METHODS)
def test_bits_do_not_depend_on_batch_order_or_threads(method, init, pad_mode):
    alone = [ragged([i], method, 1, init=init, pad_mode=pad_mode)[0] for i in range(len(RAGGED))]
    assert all(np.isfinite(y).all() and y.any() and y.size == n for y, n in zip(alone, LENGTHS, strict=True))
    for workers in (1, 2, 3, 20):
        order = np.random.default_rng(workers).permutation(len(RAGGED))
        for i, y in zip(order, ragged(order, method, workers, init=init, pad_mode=pad_mode), strict=True):
            np.testing.assert_array_equal(y, alone[i])


@pytest.mark.parametrize(("n_fft", "hop"), [(512, 256), (512, 128), (512, 100), (256, 16), (250, 250)])
@pytest.mark.parametrize("method", ["fgla", "admm"])
def test_one_long_picture_cut_among_threads_keeps_its_bits(method, n_fft, hop):
    S = spectrum(1500, n_fft // 2 + 1)
    options = {"method": method, "hop_length": hop, "n_iter": 4, "init": "random", "seed": 4}
    options["window"] = "boxcar" if hop == n_fft else "hann"
    alone = phase_retrieval(S, n_fft=n_fft, **options)
    for workers in (2, 3, 7):
        np.testing.assert_array_equal(phase_retrieval(S, n_fft=n_fft, workers=workers, **options), alone)


def test_stack_equals_its_members_and_frame_major_input_changes_nothing():
    S = np.stack([spectrum(50, seed=k) for k in range(6)]).reshape(2, 3, 129, 50)
    y = phase_retrieval(S, n_iter=3, seed=9, init="random")
    assert y.shape[:2] == (2, 3)
    for index in np.ndindex(2, 3):
        np.testing.assert_array_equal(y[index], phase_retrieval(S[index], n_iter=3, seed=9, init="random"))
    turned = np.ascontiguousarray(np.swapaxes(S, -1, -2)).swapaxes(-1, -2)
    turned.flags.writeable = False
    np.testing.assert_array_equal(phase_retrieval(turned, n_iter=3, seed=9, init="random"), y)

"""The fused loop: every method against a slow twin, and the same bits whatever the company, order or threads."""

from __future__ import annotations

import multiprocessing
import sys
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastspec import istft, stft
from fastspec.errors import ParameterError
from fastspec.kernels import phase as kernels
from fastspec.phase.frames import Frames
from fastspec.phase.retrieval import phase_retrieval
from fastspec.transform.geometry import Geometry

METHODS = ("gla", "fgla", "agla", "admm", "raar")


def spectrum(frames, bins=129, seed=0, dtype=np.float32):
    rng = np.random.default_rng(seed)
    return np.abs(rng.standard_normal((bins, frames)) * rng.random((bins, 1))).astype(dtype)


def speechlike(samples=8000):
    t = np.arange(samples) / 8000
    tones = sum(np.sin(2 * np.pi * f * t * (1 + 0.1 * t)) / k for k, f in enumerate((180, 360, 720, 1500), 1))
    return (tones * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * t))).astype(np.float64)


# --- methods against the textbook -----------------------------------------------------------------------------


def slow(S, method, n_iter, hop, length):
    """Each method as its paper writes it, on stored spectra; read out as ISTFT(P_A(.))."""

    def consistent(X):
        y = istft(X, hop_length=hop, length=length)
        return stft(y, n_fft=2 * (len(S) - 1), hop_length=hop)

    def with_magnitude(X):
        size = np.abs(X)
        return np.where(size > 0, S * X / np.where(size > 0, size, 1), 0)

    X = S.astype(complex)
    if method == "admm":
        r = 0.2
        U, Z = np.zeros_like(X), None
        for k in range(n_iter + 1):
            X = X if k == 0 else with_magnitude(Z - U)
            if k:
                pass
            V = X + U
            Z = (r * V + consistent(V)) / (1 + r)
            U = U + X - Z
        return istft(X, hop_length=hop, length=length)
    if method == "raar":
        b = 0.9
        for _ in range(n_iter):
            P = with_magnitude(X)
            Q = 2 * P - X
            X = b / 2 * (X + 2 * consistent(Q) - Q) + (1 - b) * P
        return istft(with_magnitude(X), hop_length=hop, length=length)
    a, b, g = {"gla": (0, 0, 1), "fgla": (0.99, 0, 1), "agla": (0.99, 1.1, 1.25)}[method]
    C = T = D = consistent(X)
    for _ in range(n_iter - 1):
        T_new = (1 - g) * (D if method == "agla" else 0) + g * consistent(with_magnitude(C))
        C = T_new + a * (T_new - T)
        D = T_new + b * (T_new - T)
        T = T_new
    return istft(with_magnitude(C), hop_length=hop, length=length)


@pytest.mark.parametrize("hop", [64, 60, 128])
@pytest.mark.parametrize("method", METHODS)
def test_method_is_the_papers(method, hop):
    y = speechlike(3000)
    S = np.abs(stft(y, n_fft=256, hop_length=hop))
    for n_iter in (1, 2, 5):
        ours = phase_retrieval(S, method=method, init="zero", n_iter=n_iter, hop_length=hop, length=3000)
        np.testing.assert_allclose(ours, slow(S, method, n_iter, hop, 3000), atol=1e-9)


def test_methods_come_near_the_picture():
    y = speechlike()
    S = np.abs(stft(y.astype(np.float32), n_fft=256, hop_length=64))
    reached = {}
    for method in METHODS:
        _, [trace] = phase_retrieval(
            S, method=method, n_iter=30, hop_length=64, length=y.size, init="random", return_trace=True
        )
        reached[method] = trace[-1]["sc_db"]
    assert reached["gla"] < -12
    assert reached["fgla"] < reached["gla"]
    assert reached["admm"] < reached["gla"]
    assert reached["raar"] < reached["gla"]


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


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 30), st.integers(1, 40), st.integers(1, 60), st.booleans(), st.integers(1, 300))
def test_gains_are_reciprocal_window_sums_inside_the_sound(hop, n_fft, frames, center, length):
    hop = min(hop, n_fft)
    window = np.random.default_rng(n_fft).random(n_fft) + 0.1
    geometry = Geometry.of(n_fft, hop, window=window, center=center)
    made = Frames(geometry, np.float64)
    length = min(length, geometry.samples_under(frames))
    if length < 1:
        return
    rows, table = made.gains(frames, length)
    total = np.zeros(made.slots(frames) * hop)
    for j in range(frames):
        total[j * hop : j * hop + n_fft] += window**2
    want = np.zeros_like(total)
    inside = slice(geometry.pad, geometry.pad + length)
    want[inside] = 1 / total[inside]
    np.testing.assert_allclose(table[rows].ravel(), want, rtol=1e-12)


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


# --- stopping and telling -------------------------------------------------------------------------------------


def test_trace_tells_the_read_outs_own_convergence():
    S = np.abs(stft(speechlike(), n_fft=256, hop_length=64))
    for method in METHODS:
        options = {"method": method, "hop_length": 64, "init": "zero"}
        y, [trace] = phase_retrieval(S, n_iter=6, return_trace=True, **options)
        np.testing.assert_array_equal(y, phase_retrieval(S, n_iter=6, **options))
        assert [row["iteration"] for row in trace] == [1, 2, 3, 4, 5, 6]
        for k in (1, 3, 6):
            at = phase_retrieval(S, n_iter=k, **options)
            off = np.abs(stft(at, n_fft=256, hop_length=64)) - S
            want = 20 * np.log10(np.linalg.norm(off) / np.linalg.norm(S))
            assert trace[k - 1]["sc_db"] == pytest.approx(want, abs=1e-6)
            assert trace[k - 1]["transform_pairs"] == k
        assert trace[-1]["seconds"] > 0


@pytest.mark.parametrize("workers", [1, 2])
def test_each_picture_stops_at_its_own_tolerance_with_the_bits_it_has_alone(workers):
    batch = [spectrum(60, seed=k) for k in range(5)]
    tols = [0.5, None, 0.05, 0.1, 1e-9]
    options = {"method": "gla", "n_iter": 25, "init": "random", "return_trace": True}
    together, traces = phase_retrieval(batch, tol=tols, workers=workers, **options)
    stopped = [len(trace) for trace in traces]
    assert stopped[0] < stopped[3] <= stopped[2] <= 25
    assert stopped[1] == stopped[4] == 25
    for S, tol, y, trace in zip(batch, tols, together, traces, strict=True):
        alone, [its] = phase_retrieval(S, tol=tol, **options)
        np.testing.assert_array_equal(alone, y)
        assert [row["sc_db"] for row in its] == [row["sc_db"] for row in trace]
    plain = phase_retrieval(batch[0], method="gla", n_iter=stopped[0], init="random")
    np.testing.assert_array_equal(together[0], plain)


def test_time_limit_reads_out_what_there_is():
    S = spectrum(60)
    y = phase_retrieval(S, n_iter=10**9, time_limit=0.05, init="zero")
    assert np.isfinite(y).all()
    first = phase_retrieval(S, n_iter=10**9, time_limit=0, init="zero")
    np.testing.assert_array_equal(first, phase_retrieval(S, n_iter=1, init="zero"))


def test_callback_hears_of_every_iteration_and_may_stop_a_picture():
    heard = []

    def callback(step):
        heard.append((step.item, step.iteration))
        return step.item == 1 and step.iteration == 3

    batch = [spectrum(20, seed=1), spectrum(30, seed=2)]
    out = phase_retrieval(batch, n_iter=6, init="zero", callback=callback)
    assert [k for item, k in heard if item == 0] == [1, 2, 3, 4, 5]
    assert [k for item, k in heard if item == 1] == [1, 2, 3]
    np.testing.assert_array_equal(out[0], phase_retrieval(batch[0], n_iter=6, init="zero"))
    np.testing.assert_array_equal(out[1], phase_retrieval(batch[1], n_iter=4, init="zero"))


def test_an_error_in_a_callback_comes_out_and_leaves_no_thread_at_work():
    def callback(step):
        raise RuntimeError("stop here")

    batch = [spectrum(900, seed=k) for k in range(3)]
    for workers in (1, 2):
        with pytest.raises(RuntimeError, match="stop here"):
            phase_retrieval(batch, n_iter=5, init="zero", callback=callback, workers=workers)
    assert np.isfinite(phase_retrieval(batch, n_iter=2, init="zero", workers=2)[0]).all()


# --- bad input, threads, forks --------------------------------------------------------------------------------


def test_bad_input_is_named():
    S = spectrum(5)
    cases = [
        ([], {}, "empty"),
        ([S, spectrum(5, 65)], {}, "65 bins"),
        (S, {"method": "magic"}, "magic"),
        (S, {"method": "gla", "momentum": 0.5}, "momentum"),
        (S, {"method": "admm", "rho": -1}, "rho"),
        (S, {"method": "raar", "beta": 2}, "beta"),
        (S, {"rho": 0.1}, "rho"),
        (S, {"momentum": np.nan}, "finite"),
        (S, {"workers": 0}, "workers"),
        (S, {"tol": -1}, "tol"),
        ([S, S], {"seed": [1]}, "seed"),
        ([S, S], {"length": [1, 2, 3]}, "length"),
        (S, {"init": np.ones((129, 6), complex)}, "warm start"),
        (S, {"init": np.ones((129, 5))}, "warm start"),
        ([S, -S], {}, "negative"),
        ([S, S * np.nan], {}, "NaN"),
        ([[["a"]]], {}, "real numbers"),
    ]
    for given_, options, words in cases:
        with pytest.raises(ParameterError, match=words):
            phase_retrieval(given_, **options)


@pytest.mark.parametrize("method", METHODS)
def test_silence_in_company_stays_silent(method):
    loud = spectrum(40)
    half = loud.copy()
    half[:, 12:30] = 0
    zero, partly, full = phase_retrieval([0 * loud, half, loud], method=method, n_iter=6, workers=2)
    assert not zero.any()
    assert np.isfinite(partly).all()
    assert np.isfinite(full).all()


def test_many_threads_at_once_all_get_the_same():
    S = spectrum(400)
    want = phase_retrieval(S, n_iter=3, init="zero")
    results = [None] * 8

    def one(k):
        results[k] = phase_retrieval(S, n_iter=3, init="zero", workers=1 + k % 3)

    threads = [threading.Thread(target=one, args=(k,)) for k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    for y in results:
        np.testing.assert_array_equal(y, want)


def _child(connection, S):
    connection.send(phase_retrieval(S, n_iter=3, init="zero", workers=2))


@pytest.mark.skipif(sys.platform == "win32", reason="no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_forked_child_works_and_never_hangs():
    S = spectrum(400)
    want = phase_retrieval(S, n_iter=3, init="zero", workers=2)  # the parent's helper threads exist now
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe()
    child = context.Process(target=_child, args=(there, S))
    child.start()
    deadline = time.monotonic() + 60
    while not here.poll(0.05):
        assert time.monotonic() < deadline
        assert child.exitcode in (None, 0)
    np.testing.assert_array_equal(here.recv(), want)
    child.join(10)
    assert child.exitcode == 0

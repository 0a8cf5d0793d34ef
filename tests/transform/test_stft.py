"""stft and istft give librosa's numbers, lose nothing they need not lose, and refuse what they cannot do."""

from __future__ import annotations

import warnings
from concurrent.futures import ThreadPoolExecutor

import librosa
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import fastspec
from fastspec import istft, stft
from fastspec.errors import NonInvertibleError, ParameterError
from fastspec.transform.geometry import PAD_MODES, Geometry

TOLERANCE = {"float32": 1e-5, "float64": 1e-12}


def noise(*shape: int, dtype: str = "float64", seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(shape).astype(dtype)


def librosa_quietly(function, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # that n_fft is longer than the signal
        return function(*args, **kwargs)


def same(found: np.ndarray, wanted: np.ndarray, dtype: str) -> None:
    assert found.shape == wanted.shape
    assert found.dtype == wanted.dtype
    peak = np.abs(wanted).max(initial=0)
    np.testing.assert_allclose(found, wanted, rtol=0, atol=TOLERANCE[dtype] * max(peak, 1e-3))


def same_wave(found: np.ndarray, wanted: np.ndarray, dtype: str, sums: np.ndarray) -> None:
    """As `same`, where rounding is as much amplified at the edges as the division by the window sums amplifies it."""
    weight = np.minimum(1, np.sqrt(sums))
    same((found * weight).astype(dtype), (wanted * weight).astype(dtype), dtype)


def window_sums(geometry: Geometry, frames: int, samples: int) -> np.ndarray:
    return librosa.util.fix_length(geometry.window_sumsquare(frames)[geometry.pad :], size=samples)


# --- golden: librosa 0.11 -----------------------------------------------------------------------------------


@settings(max_examples=250, deadline=None)
@given(
    n_fft=st.sampled_from([4, 7, 16, 15, 33, 64, 100, 101, 256, 500]),
    shorter=st.floats(0, 0.5),
    hop=st.floats(0.01, 1.1),
    samples=st.integers(1, 1500),
    channels=st.sampled_from([(), (2,), (2, 3)]),
    dtype=st.sampled_from(["float32", "float64"]),
    window=st.sampled_from(["hann", "hamming", "boxcar", ("kaiser", 5.0), np.hanning, 4.0]),
    center=st.booleans(),
    pad_mode=st.sampled_from(PAD_MODES),
    length=st.none() | st.integers(1, 1800),
    consistent=st.booleans(),
)
def test_any_geometry_agrees_with_librosa(
    n_fft, shorter, hop, samples, channels, dtype, window, center, pad_mode, length, consistent
):
    win_length = max(3, n_fft - int(n_fft * shorter))
    shape = {
        "n_fft": n_fft,
        "hop_length": max(1, int(hop * n_fft)),
        "win_length": win_length,
        "window": window,
        "center": center,
    }
    y = noise(*channels, samples, dtype=dtype)
    try:
        wanted = librosa_quietly(librosa.stft, y, pad_mode=pad_mode, **shape)
    except (librosa.ParameterError, ValueError):
        with pytest.raises(ParameterError):
            stft(y, pad_mode=pad_mode, **shape)
        return
    found = stft(y, pad_mode=pad_mode, **shape)
    same(found, wanted, dtype)

    S = wanted if consistent else (noise(*wanted.shape) + 1j * noise(*wanted.shape, seed=1)).astype(wanted.dtype)
    try:
        waveform = istft(S, length=length, **shape)
    except NonInvertibleError:
        assume(False)
    expected = librosa.istft(S, length=length, **shape)
    geometry = Geometry.of(n_fft, shape["hop_length"], win_length, window, center)
    same_wave(waveform, expected, dtype, window_sums(geometry, S.shape[-1], expected.shape[-1]))


@pytest.mark.parametrize("n_fft", [512, 1023, 1024, 2048])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_working_sizes_agree_with_librosa(n_fft, dtype):
    y = noise(22050, dtype=dtype)
    shape = {"n_fft": n_fft, "hop_length": n_fft // 4}
    S = librosa.stft(y, **shape)
    same(stft(y, **shape), S, dtype)
    same(istft(S, **shape), librosa.istft(S, **shape), dtype)
    same(istft(S, length=y.size, **shape), librosa.istft(S, length=y.size, **shape), dtype)


def test_defaults_are_librosas():
    y = noise(8000, dtype="float32")
    same(stft(y), librosa.stft(y), "float32")
    same(istft(stft(y)), librosa.istft(librosa.stft(y)), "float32")


def test_reflection_of_a_signal_of_whole_hops_is_librosas_to_the_last_sample():
    y = noise(4096)
    shape = {"n_fft": 1024, "hop_length": 512, "pad_mode": "reflect"}
    same(stft(y, **shape), librosa.stft(y, **shape), "float64")


def test_padding_function_is_called():
    def sevens(vector, widths, axis, options):
        vector[: widths[0]] = 7
        if widths[1]:
            vector[-widths[1] :] = 7

    y = noise(3000)
    same(stft(y, n_fft=256, pad_mode=sevens), librosa.stft(y, n_fft=256, pad_mode=sevens), "float64")


@pytest.mark.parametrize("samples", [1, 100, 1023])
def test_sound_shorter_than_a_window_works_as_in_librosa(samples):
    y = noise(samples, dtype="float32")
    S = stft(y, n_fft=1024, hop_length=512)
    same(S, librosa_quietly(librosa.stft, y, n_fft=1024, hop_length=512), "float32")
    back = istft(S, n_fft=1024, hop_length=512, length=samples)
    expected = librosa.istft(S, n_fft=1024, hop_length=512, length=samples)
    sums = window_sums(Geometry.of(1024, 512), S.shape[-1], samples)
    same_wave(back, expected, "float32", sums)


def test_real_valued_spectra_are_taken_with_zero_phase():
    S = np.abs(stft(noise(4000, dtype="float32"), n_fft=256))
    same(istft(S), librosa.istft(S), "float32")


# --- dtype, layout, out -------------------------------------------------------------------------------------


def test_dtype_decides_the_precision_of_the_work():
    y = noise(5000, dtype="float32")
    exact = librosa.stft(y.astype(np.float64))
    same(stft(y, dtype=np.complex128), exact, "float64")
    assert stft(y.astype(np.float64), dtype="complex64").dtype == np.complex64
    assert stft(y.astype(np.float16)).dtype == np.complex64
    assert istft(exact, dtype=np.float32).dtype == np.float32


def test_result_is_the_transposed_view_of_frame_major_memory():
    S = stft(noise(2, 3000, dtype="float32"), n_fft=256)
    assert S.swapaxes(-1, -2).flags.c_contiguous
    assert stft(noise(3000), n_fft=256).flags.f_contiguous


@pytest.mark.parametrize("order", ["C", "F"])
def test_out_of_stft_is_written_and_returned(order):
    y = noise(2, 3000, dtype="float32")
    wanted = stft(y, n_fft=256)
    out = np.empty(wanted.shape, np.complex64, order=order)
    assert stft(y, n_fft=256, out=out) is out
    np.testing.assert_array_equal(out, wanted)
    larger = np.full((2, wanted.shape[1], wanted.shape[2] + 5), 9, np.complex128)
    found = stft(y, n_fft=256, out=larger)
    assert np.shares_memory(found, larger)
    np.testing.assert_array_equal(found, wanted)
    assert (larger[..., wanted.shape[2] :] == 9).all()


def test_out_of_istft_is_written_and_returned():
    S = stft(noise(2, 3000, dtype="float32"), n_fft=256)
    wanted = istft(S)
    for dtype in (np.float32, np.float64):
        out = np.full(wanted.shape, 9, dtype)
        assert istft(S, out=out) is out
        np.testing.assert_array_equal(out, wanted)
    strided = np.full((wanted.shape[0], 2 * wanted.shape[1]), 9, np.float32)[:, ::2]
    assert istft(S, out=strided) is strided
    np.testing.assert_array_equal(strided, wanted)


def test_inputs_are_left_alone_and_may_be_read_only_or_strided():
    y = noise(3000, 2, dtype="float32").T
    kept = y.copy()
    y.flags.writeable = False
    S = stft(y, n_fft=256)
    np.testing.assert_array_equal(S, stft(kept, n_fft=256))
    S.flags.writeable = False
    before = S.copy()
    np.testing.assert_array_equal(istft(S), istft(np.ascontiguousarray(S)))
    np.testing.assert_array_equal(S, before)


def test_channels_do_not_depend_on_their_company():
    y = noise(5, 777, dtype="float32")
    together = stft(y, n_fft=128)
    waves = istft(together)
    for c in range(5):
        alone = stft(y[c], n_fft=128)
        np.testing.assert_array_equal(together[c], alone)
        np.testing.assert_array_equal(waves[c], istft(alone))


def test_threads_get_identical_results():
    y = noise(8, 4000, dtype="float32")
    alone = [stft(row, n_fft=512) for row in y]
    with ThreadPoolExecutor(4) as pool:
        for a, b in zip(alone, pool.map(lambda row: stft(row, n_fft=512), y), strict=True):
            np.testing.assert_array_equal(a, b)
        for a, b in zip(alone, pool.map(istft, alone), strict=True):
            np.testing.assert_array_equal(istft(a), b)


# --- properties ---------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(
    n_fft=st.integers(8, 300),
    parts=st.integers(2, 9),
    samples=st.integers(1, 2000),
    window=st.sampled_from(["hann", "hamming", "hanning", "blackman"]),
)
def test_inverse_undoes_the_transform(n_fft, parts, samples, window):
    y = noise(samples)
    hop = max(1, n_fft // (2 * parts))
    S = stft(y, n_fft=n_fft, hop_length=hop, window=window)
    back = istft(S, n_fft=n_fft, hop_length=hop, window=window, length=samples)
    np.testing.assert_allclose(back, y, atol=1e-9)


def test_silence_stays_silence():
    S = stft(np.zeros(4000, np.float32), n_fft=512)
    assert not S.any()
    assert not istft(S).any()


# --- refusals -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_fft": 0}, "n_fft=0 must be a positive integer"),
        ({"n_fft": 512.0}, "n_fft=512.0"),
        ({"n_fft": True}, "n_fft=True"),
        ({"hop_length": 0}, "hop_length=0"),
        ({"hop_length": 2.5}, "hop_length=2.5"),
        ({"win_length": -1}, "win_length=-1"),
        ({"win_length": 600}, "win_length=600 is longer than n_fft=512"),
        ({"n_fft": 3}, "no default hop"),
        ({"window": "hann!"}, "did you mean"),
        ({"window": np.ones(100)}, "shape"),
        ({"pad_mode": "wrap"}, "part by part"),
        ({"pad_mode": "empty"}, "part by part"),
        ({"pad_mode": "reflection"}, "use reflect"),
        ({"pad_mode": 3}, "unknown"),
        ({"dtype": np.float32}, "complex64 or complex128"),
        ({"out": np.zeros((257, 17))}, "must be complex"),
        ({"out": np.zeros((257, 3), complex)}, r"needs \(257, 16\)"),
        ({"center": False, "n_fft": 4096}, "too large for a signal of 2000 samples"),
    ],
)
def test_wrong_arguments_of_stft_say_why(arguments, message):
    with pytest.raises(ParameterError, match=message):
        stft(noise(2000), **{"n_fft": 512, **arguments})


@pytest.mark.parametrize("y", [[0.0] * 600, np.zeros(600, int), np.zeros(600, complex), np.float64(1), None])
def test_only_floating_arrays_are_signals(y):
    with pytest.raises(ParameterError, match="floating-point"):
        stft(y, n_fft=512)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_samples_must_be_finite(bad, dtype):
    y = noise(3, 1000, dtype=dtype)
    y[1, 700] = bad
    with pytest.raises(ParameterError, match="NaN or infinite"):
        stft(y, n_fft=256)
    S = stft(noise(3, 1000, dtype=dtype), n_fft=256)
    S[1, 30, 4] = bad
    with pytest.raises(ParameterError, match="NaN, infinite"):
        istft(S)


def test_huge_but_finite_samples_are_fine():
    y = np.full(1000, 1e37, np.float32)
    assert np.isfinite(stft(y, n_fft=16)).all()


def test_empty_signal_is_framed_as_zeros_or_refused():
    assert not stft(np.zeros(0), n_fft=512).any()
    with pytest.raises(ParameterError, match="0 samples cannot be padded with pad_mode='reflect'"):
        stft(np.zeros(0), n_fft=512, pad_mode="reflect")
    with pytest.raises(ParameterError, match="too large"):
        stft(np.zeros(0), n_fft=511)


@pytest.mark.parametrize(
    ("hop", "window"), [(512, "hann"), (600, "boxcar"), (256, ("gaussian", 8.0)), (300, "bohman_symmetric")]
)
def test_windows_and_hops_that_lose_samples_are_refused(hop, window):
    y = noise(4000, dtype="float32")
    S = stft(y, n_fft=512, hop_length=hop, window=window)
    if window == "bohman_symmetric":  # overlaps everywhere: fine
        assert istft(S, n_fft=512, hop_length=hop, window=window).size
        return
    with pytest.raises(NonInvertibleError, match=f"hop_length={hop}"):
        istft(S, n_fft=512, hop_length=hop, window=window)


def test_window_without_zeros_may_hop_by_its_length():
    y = noise(4096)
    shape = {"hop_length": 512, "window": "hamming", "center": False}
    np.testing.assert_allclose(istft(stft(y, n_fft=512, **shape), **shape), y, atol=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n_fft": 1000}, "n_fft=1000 makes 501"),
        ({"length": 0}, "length=0"),
        ({"length": 2.0}, "length=2.0"),
        ({"dtype": np.complex64}, "float32 or float64"),
        ({"out": np.zeros(5)}, "out is float64 of shape"),
        ({"out": np.zeros(1920, int)}, "out is int64"),
    ],
)
def test_wrong_arguments_of_istft_say_why(arguments, message):
    S = stft(noise(2000), n_fft=512)
    with pytest.raises(ParameterError, match=message):
        istft(S, **arguments)


@pytest.mark.parametrize("shape", [(5,), (257, 0), (0, 5), (1, 5)])
def test_shapes_that_hold_no_spectrum_are_refused(shape):
    with pytest.raises(ParameterError, match="stft_matrix"):
        istft(np.zeros(shape, complex))
    with pytest.raises(ParameterError, match="stft_matrix"):
        istft(np.full((257, 3), "a"))


def test_public_names():
    assert fastspec.stft is stft
    assert fastspec.istft is istft

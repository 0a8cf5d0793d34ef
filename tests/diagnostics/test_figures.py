"""Figures that carry their calibration: decoding needs no option, and reads what was drawn."""

from __future__ import annotations

import numpy as np
import pytest

import fastspec
from fastspec.errors import ParameterError

plt_figure = pytest.importorskip("matplotlib.figure")
SR, N_FFT, HOP = 16000, 512, 128


def decibels():
    rng = np.random.default_rng(0)
    t = np.arange(16000) / SR
    y = sum(np.sin(2 * np.pi * f * t) * (np.sin(2 * np.pi * r * t) > 0) for f, r in rng.uniform(2, 7000, (6, 2)))
    S = np.abs(fastspec.stft(y + 1e-3 * rng.standard_normal(len(t)), n_fft=N_FFT, hop_length=HOP))
    return S, np.maximum(20 * np.log10(np.maximum(S / S.max(), 1e-9)), -80)


def specshow(axis="linear", bar=False, cmap="viridis", **figure):
    import librosa.display

    fig = plt_figure.Figure(figsize=(7, 5), **figure)
    ax = fig.subplots()
    S, levels = decibels()
    mesh = librosa.display.specshow(levels, sr=SR, hop_length=HOP, x_axis="time", y_axis=axis, ax=ax, cmap=cmap)
    if bar:
        fig.colorbar(mesh, ax=ax)
    return fig, S


@pytest.mark.parametrize("axis", ["linear", "log"])
@pytest.mark.parametrize("how", [{}, {"dpi": 150}, {"bbox_inches": "tight"}])
def test_a_figure_is_decoded_without_options(axis, how, tmp_path):
    fig, S = specshow(axis, bar=True, layout="constrained")
    fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=N_FFT, hop_length=HOP, how=how)
    found = fastspec.inspect(tmp_path / "a.png")
    assert {found.source(n) for n in ("sr", "n_fft", "plot_area", "cmap", "db_range", "freq_scale")} == {"embedded"}
    assert (found["n_frames"], found["cmap"]) == (S.shape[1], "viridis")
    alone = fastspec.Picture(fastspec.picture.files.read(tmp_path / "a.png").rgb())
    seen = fastspec.inspect(alone)["plot_area"]
    assert max(abs(a - b) for a, b in zip(found["plot_area"], seen, strict=True)) <= 2
    read = fastspec.Decoder().read(tmp_path / "a.png").magnitude.T
    loud = S.max() * 1e-2 < S
    error = 20 * np.log10(np.maximum(read[loud], 1e-4) / (S[loud] / S.max()))
    assert np.median(np.abs(error)) < 0.5


def test_what_is_no_spectrogram_is_refused(tmp_path):
    fig = plt_figure.Figure()
    fig.subplots().plot([1, 2])
    with pytest.raises(ParameterError, match="0 spectrograms"):
        fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=N_FFT, hop_length=HOP)
    fig, _ = specshow()
    with pytest.raises(ParameterError, match="correct n_fft"):
        fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=1024, hop_length=HOP)
    fig.axes[0].set_xlim(0, 0.5)
    with pytest.raises(ParameterError, match=r"time axis shows 0 to 0\.5"):
        fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=N_FFT, hop_length=HOP)
    assert not list(tmp_path.iterdir())


def imshow(rows="bins", origin="lower", **options):
    fig = plt_figure.Figure(figsize=(7, 5))
    S, levels = decibels()
    if rows == "mel":
        import librosa

        S = np.sqrt(librosa.feature.melspectrogram(S=S**2, sr=SR, n_fft=N_FFT, n_mels=64))
        levels = np.maximum(20 * np.log10(np.maximum(S / S.max(), 1e-9)), -80)
    ax = fig.subplots()
    fig.colorbar(ax.imshow(levels, aspect="auto", origin=origin, **options), ax=ax)
    return fig, S


def read_error(path, S):
    """Median error in dB of what is read of loud cells."""
    read = fastspec.Decoder().read(path).magnitude.T[: len(S), : S.shape[1]]
    loud = S.max() * 1e-2 < S[: len(read)]
    return np.median(np.abs(20 * np.log10(np.maximum(read[loud], 1e-4) / (S[: len(read)][loud] / S.max()))))


@pytest.mark.parametrize("origin", ["lower", "upper"])
@pytest.mark.parametrize("options", [{}, {"interpolation": "nearest"}, {"extent": (0, 1, 0, 8000)}])
def test_a_figure_of_imshow_needs_no_options_and_reads_as_with_them(origin, options, tmp_path):
    if origin == "upper" and "extent" in options:
        options = {"extent": (0, 1, 8000, 0)}
    fig, S = imshow(origin=origin, **options)
    fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=N_FFT, hop_length=HOP)
    found = fastspec.inspect(tmp_path / "a.png")
    assert (found["origin"], found["n_frames"], found["freq_scale"]) == (origin, S.shape[1], "linear")
    assert not found.remarks
    assert read_error(tmp_path / "a.png", S) < 0.5  # .2
    y, sr = fastspec.decode(tmp_path / "a.png")
    by_hand = {name: found[name] for name in found if name != "ref"}
    alone = fastspec.Picture(fastspec.picture.files.read(tmp_path / "a.png").rgb())
    same, _ = fastspec.decode(alone, **by_hand)
    np.testing.assert_allclose(y, same, atol=1e-4 * np.abs(y).max())
    assert sr == SR


@pytest.mark.parametrize("options", [{}, {"interpolation": "nearest"}])
def test_rows_may_be_mel_bands(options, tmp_path):
    fig, _ = imshow("mel", **options)
    fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=N_FFT, hop_length=HOP, freq_scale="mel")
    found = fastspec.inspect(tmp_path / "a.png")
    assert (found["freq_scale"], found["n_mels"]) == ("mel", 64)
    read = fastspec.Decoder().read(tmp_path / "a.png").magnitude
    S = decibels()[0].T
    size = np.corrcoef(read.ravel(), S.ravel())[0, 1]
    assert size > 0.5
    with pytest.raises(ParameterError, match=r"64 rows are not the 257 bins.*freq_scale='mel'"):
        fastspec.savefig(fig, tmp_path / "b.png", sr=SR, n_fft=N_FFT, hop_length=HOP)


@pytest.mark.parametrize("rate", [2, SR])
def test_a_figure_of_specgram_has_the_frames_that_were_drawn(speech, rate, tmp_path):
    fig = plt_figure.Figure(figsize=(9, 6))
    y = speech[0][:20000]
    spectrum, _, _, image = fig.subplots().specgram(y, NFFT=N_FFT, Fs=rate, noverlap=N_FFT - HOP)
    image.set_clim(image.get_clim()[1] - 90, None)
    fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=N_FFT, hop_length=HOP)
    found = fastspec.inspect(tmp_path / "a.png")
    assert (found["profile"], found["n_frames"], found["center"]) == ("matplotlib-specgram", spectrum.shape[1], False)
    assert not found.remarks
    S = np.sqrt(spectrum)
    S[[0, -1]] *= 2**0.5
    read = fastspec.Decoder().read(tmp_path / "a.png").magnitude.T
    loud = S.max() * 1e-3 < S
    error = 20 * np.log10(read[loud] / S[loud])
    assert np.median(np.abs(error - np.median(error))) < 0.5  # .3


@pytest.mark.parametrize("how", ["imshow", "specgram"])
def test_an_edit_of_such_a_figure_leaves_all_else_as_it_was(speech, how, tmp_path):
    y = speech[0][: 3 * SR]
    fig = plt_figure.Figure(figsize=(9, 6))
    ax = fig.subplots()
    S = np.abs(fastspec.stft(y, n_fft=N_FFT, hop_length=HOP))
    if how == "imshow":
        ax.imshow(np.maximum(20 * np.log10(np.maximum(S / S.max(), 1e-9)), -80), aspect="auto", origin="lower")
    else:
        ax.specgram(y, NFFT=N_FFT, Fs=SR, noverlap=N_FFT - HOP, vmin=-140)
    fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=N_FFT, hop_length=HOP)
    found = fastspec.Decoder().retouch(tmp_path / "a.png", (y, SR))
    assert (found.share, found.exact) == (0, y.size)
    pixels = fastspec.picture.files.read(tmp_path / "a.png").rgb().copy()
    left, top, right, bottom = fastspec.inspect(tmp_path / "a.png")["plot_area"]
    middle = (left + right) // 2
    pixels[top + 100 : bottom - 100, middle : middle + 60] = (68, 1, 84)
    found = fastspec.Decoder(like=tmp_path / "a.png").retouch(pixels, (y, SR))
    assert 0.7 * y.size < found.exact < y.size
    change = np.abs(fastspec.stft(found.wave, n_fft=N_FFT, hop_length=HOP))
    frames = slice(round((middle - left + 15) / (right - left) * S.shape[1]), None)
    frames = slice(frames.start, frames.start + 12)
    rows = slice(round(110 / (bottom - top) * len(S)), round((1 - 110 / (bottom - top)) * len(S)))
    assert np.linalg.norm(change[rows, frames]) < 0.05 * np.linalg.norm(S[rows, frames])


@pytest.mark.parametrize("draw", ["imshow", "specshow"])
def test_a_map_of_ones_own_travels_with_the_figure(draw, tmp_path):
    from matplotlib.colors import LinearSegmentedColormap

    own = LinearSegmentedColormap.from_list("mine", ["black", "teal", "yellow"])
    fig, S = imshow(cmap=own) if draw == "imshow" else specshow(cmap=own)
    fastspec.savefig(fig, tmp_path / "a.png", sr=SR, n_fft=N_FFT, hop_length=HOP)
    assert fastspec.inspect(tmp_path / "a.png")["cmap"] == "mine"
    assert read_error(tmp_path / "a.png", S) < 0.5


def test_a_logarithmic_norm_is_read_as_decibels_once_its_kind_is_said(tmp_path):
    from matplotlib.colors import LogNorm

    S, _ = decibels()
    fig = plt_figure.Figure(figsize=(7, 5))
    power = (S / S.max()) ** 2
    fig.subplots().imshow(power, aspect="auto", origin="lower", norm=LogNorm(1e-8, 1))
    facts = {"sr": SR, "n_fft": N_FFT, "hop_length": HOP}
    with pytest.raises(ParameterError, match="level_kind"):
        fastspec.savefig(fig, tmp_path / "a.png", **facts)
    fastspec.savefig(fig, tmp_path / "a.png", level_kind="power", **facts)
    assert fastspec.inspect(tmp_path / "a.png")["db_range"] == pytest.approx((-80, 0))
    assert read_error(tmp_path / "a.png", S) < 0.5


def test_images_that_cannot_be_read_are_refused(tmp_path):
    facts = {"sr": SR, "n_fft": N_FFT, "hop_length": HOP}
    fig, _ = imshow()
    fig.axes[0].set_xlim(5, 40)
    with pytest.raises(ParameterError, match="time axis shows"):
        fastspec.savefig(fig, tmp_path / "a.png", **facts)
    fig, _ = imshow()
    fig.axes[0].invert_xaxis()
    with pytest.raises(ParameterError, match="right to left"):
        fastspec.savefig(fig, tmp_path / "a.png", **facts)
    fig = plt_figure.Figure()
    fig.subplots().imshow(np.zeros((20, 30, 3)))
    with pytest.raises(ParameterError, match="0 spectrograms"):
        fastspec.savefig(fig, tmp_path / "a.png", **facts)
    assert not list(tmp_path.iterdir())

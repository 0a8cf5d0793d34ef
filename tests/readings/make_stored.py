"""Draw the pictures in `stored` anew: `python -m tests.readings.make_stored`. Needs sox, ffmpeg, matplotlib, librosa.

Other releases draw other pixels: then `python -m tests.readings.golden` is due, too.
"""

from __future__ import annotations

import subprocess
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image

from tests.readings.pictures import STORED, speech


def _named(name: str, suffix: str = ".png") -> str:
    return name.replace(" ", "_") + suffix


def _sox(folder: Path, name: str, *options: str, source: str = "mono.wav") -> None:
    command = ["sox", str(folder / source), "-n", "spectrogram", *options, "-o", str(STORED / _named(name))]
    subprocess.run(command, check=True)


def _ffmpeg(folder: Path, name: str, options: str, source: str = "mono.wav") -> None:
    command = ["ffmpeg", "-v", "error", "-y", "-i", str(folder / source), "-lavfi", f"showspectrumpic={options}"]
    subprocess.run([*command, str(STORED / _named(name))], check=True, stdin=subprocess.DEVNULL)


def _figure(
    name: str, draw: Callable[[Any, Any], None], *, size: tuple[float, float] = (4.5, 2.8), **saving: Any
) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=size, dpi=80)
    axes = figure.add_subplot()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        draw(figure, axes)
        if "pil_kwargs" in saving:
            figure.savefig(STORED / _named(name, ".jpg"), **saving)
            return
        figure.savefig(STORED / _named(name), **saving)
    image = Image.open(STORED / _named(name))
    image.convert("RGB").save(STORED / _named(name), optimize=True, pnginfo=_signed(image))


def _signed(image: Image.Image) -> Any:
    from PIL.PngImagePlugin import PngInfo

    text = PngInfo()
    for key, value in image.info.items():
        if isinstance(value, str):
            text.add_text(key, value)
    return text


def _specshow(
    scale: str, change: Callable[[Any], Any] = lambda _: None, *, bar: str | None = "%+2.0f dB", **options: Any
):
    import librosa
    import librosa.display

    y, sr = speech()
    y = y[: 2 * sr]
    rate = options.pop("rate", sr)
    db = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=256, hop_length=128)), ref=np.max, top_db=60)

    def draw(figure: Any, axes: Any) -> None:
        kinds = {"x_axis": "time", **options}
        shown = librosa.display.specshow(db, sr=rate, hop_length=128, y_axis=scale, ax=axes, **kinds)
        if bar is not None:
            figure.colorbar(shown, ax=axes, format=bar)
        axes.set_title("a title")
        change(axes)

    return draw


def _specgram(figure: Any, axes: Any) -> None:
    y, sr = speech()
    *_, shown = axes.specgram(y, NFFT=256, Fs=sr, noverlap=128)
    figure.colorbar(shown, ax=axes, label="Power/frequency (dB/Hz)")
    axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")


def _imshow(figure: Any, axes: Any) -> None:
    y, _ = speech()
    power = np.abs(np.fft.rfft(np.lib.stride_tricks.sliding_window_view(y, 256)[::256] * np.hanning(256))) ** 2
    shown = axes.imshow(10 * np.log10(power.T + 1e-9), aspect="auto", cmap="viridis", origin="lower")
    figure.colorbar(shown, ax=axes)
    axes.set(xlabel="frame", ylabel="bin")


def _kilohertz(figure: Any, axes: Any) -> None:
    y, sr = speech()
    power = np.abs(np.fft.rfft(np.lib.stride_tricks.sliding_window_view(y, 256)[::128] * np.hanning(256))) ** 2
    times, hertz = np.arange(len(power)) * 128 / sr, np.arange(129) * sr / 256 / 1000
    shown = axes.pcolormesh(times, hertz, 10 * np.log10(power.T + 1e-9), shading="auto", cmap="jet")
    figure.colorbar(shown, ax=axes, label="Level [dB]")
    axes.set(xlabel="Time [s]", ylabel="Frequency [kHz]")
    axes.set_ylim(0, 6)


def _with_waveform(figure: Any, axes: Any) -> None:

    y, sr = speech()
    axes.set_position((0.12, 0.12, 0.8, 0.45))
    above = figure.add_axes((0.12, 0.68, 0.8, 0.25))
    above.plot(np.arange(y.size) / sr, y)
    above.set_xlim(0, y.size / sr)
    _specshow("log", bar=None)(figure, axes)
    axes.set_title("")


def _levels(low: float = -80.0, high: float = 0.0) -> np.ndarray:
    """Few levels (bins, frames) of the speech, from `low` to `high`."""
    y, _ = speech()
    power = np.abs(np.fft.rfft(np.lib.stride_tricks.sliding_window_view(y, 64)[::1200] * np.hanning(64))) ** 2
    db = np.clip(10 * np.log10(power.T / power.max() + 1e-9), -60, 0) / 60 + 1
    return np.asarray(low + (high - low) * db)


def _with_bar(low: float, high: float, title: str = "", change: Callable[[Any], Any] = lambda _: None, **options: Any):
    """A coarse spectrogram with a colour bar from `low` to `high`, its title, and what else changes the bar."""
    cmap, shown_as = options.pop("cmap", "viridis"), options.pop("norm", None)

    def draw(figure: Any, axes: Any) -> None:
        levels = _levels(low, high)
        times, hertz = np.linspace(0, 3, levels.shape[1] + 1), np.linspace(0, 8000, levels.shape[0] + 1)
        image = axes.pcolormesh(times, hertz, levels, cmap=cmap, norm=shown_as)
        change(figure.colorbar(image, label=title, **options))
        axes.set(xlabel="Time (s)", ylabel="Frequency (Hz)")

    return draw


def _with_axes(
    x: tuple[float, float], y: tuple[float, float], change: Callable[[Any], Any] = lambda _: None, **words: str
):
    """A coarse spectrogram between these ends of its axes."""

    def draw(_figure: Any, axes: Any) -> None:
        levels = _levels()
        axes.pcolormesh(
            np.linspace(*x, levels.shape[1] + 1), np.linspace(*y, levels.shape[0] + 1), levels, cmap="magma"
        )
        axes.set(**words)
        change(axes)

    return draw


def _bare(draw: Callable[[Any], Any], name: str, size: tuple[int, int]) -> None:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    draw(axes)
    axes.axis("tight")
    figure.savefig(STORED / _named(name))


def _gouraud(axes: Any) -> None:
    levels = _levels()
    axes.pcolormesh(np.arange(levels.shape[1]), np.arange(levels.shape[0]), levels, shading="gouraud", cmap="viridis")


def _bells(n_fft: int, overlap: int) -> Callable[[Any], Any]:
    def draw(axes: Any) -> None:
        y, sr = speech()
        axes.specgram(y[:sr] + 1e-7, NFFT=n_fft, Fs=sr, noverlap=overlap)[3].set_clim(-120, -40)

    return draw


def _bars() -> None:
    from matplotlib.colors import LinearSegmentedColormap, LogNorm, TwoSlopeNorm

    own = LinearSegmentedColormap.from_list("own", ["#102030", "#308050", "#e0c020", "#fff8f0"])
    _figure("bar decibels own map", _with_bar(-90, -10, "dB", cmap=own))
    _figure("bar steps", _with_bar(-80, 0, "dB", cmap=LinearSegmentedColormap.from_list("steps", ["navy", "gold"], 9)))
    _figure("bar amplitude", _with_bar(0, 1, "Amplitude"))
    _figure("bar positive", _with_bar(0, 90, "Level"))
    _figure("bar counts", _with_bar(0, 400, "counts"))
    _figure("bar log10", _with_bar(-8, 0, "log10 power"))
    _figure("bar ln", _with_bar(-11.5, 2, "ln"))
    _figure("bar log", _with_bar(-11.5129, 1, "log magnitude"))
    _figure("bar z", _with_bar(-2, 2, "z-score"))
    _figure("bar bare", _with_bar(-8, 1))
    _figure("bar nepers", _with_bar(-12, 3))
    _figure("bar angles", _with_bar(-np.pi, np.pi, cmap="twilight"))
    _figure("bar powers of ten", _with_bar(1e-6, 1, "Power", norm=LogNorm(1e-6, 1)))
    _figure("bar halves", _with_bar(-60, 20, "dB", norm=TwoSlopeNorm(0, -60, 20), cmap="coolwarm"))
    _figure("bar left", _with_bar(-80, 0, "dB", location="left"))
    _figure("bar below", _with_bar(-80, 0, "Level (dB)", location="bottom"), size=(4.5, 3.2))
    _figure("bar unlabelled", _with_bar(-80, 0, "", lambda bar: bar.set_ticks([])))


def _axes() -> None:
    hertz = {"xlabel": "Time (s)", "ylabel": "Frequency (Hz)"}
    _figure("axis samples", _with_axes((0, 48000), (0, 8000), xlabel="samples", ylabel="Hz"))
    _figure("axis frames", _with_axes((0, 130), (0, 8000), xlabel="frames", ylabel="Hz"))
    _figure("axis decades", _with_axes((0, 3), (20, 11025), lambda axes: axes.set_yscale("log"), **hertz))
    _figure("axis octaves", _with_axes((0, 3), (64, 8192), lambda axes: axes.set_yscale("log", base=2), **hertz))
    _figure("axis of both signs", _with_axes((0, 3), (-4000, 4000), **hertz))
    _figure("axis falls", _with_axes((3, 0), (0, 8000), **hertz))
    _figure("axis offset", _with_axes((12.5, 15.5), (0, 8000), **hertz))
    _figure("axis times ten thousand", _with_axes((0, 3), (0, 22050), lambda a: a.ticklabel_format(scilimits=(0, 0))))
    _figure("axis kilo", _with_axes((0, 3), (0, 8), xlabel="time", ylabel="kHz"))
    _figure("axis without unit", _with_axes((0, 3), (0, 8)))
    _figure("axis of turns", _with_axes((0, 3), (0, 80), xlabel="Time (s)", ylabel="rad/s"))
    _figure("axis of lags", _with_axes((0, 3), (0, 3), xlabel="Time (s)", ylabel="Time (s)"))
    _figure("axis words", _with_axes((0, 3), (0, 30), xlabel="Epoch", ylabel="Coefficient"))
    _figure("axis minutes", _with_axes((0, 900), (0, 8000), xlabel="Time (s)", ylabel="Frequency (Hz)"))
    _figure("axis short", _with_axes((0, 0.004), (0, 8000), **hertz))
    _figure("axis bins", _with_axes((-0.5, 39.5), (-0.5, 32.5), xlabel="frame", ylabel="mel band"))


def main() -> None:
    """Write them all."""
    STORED.mkdir(exist_ok=True)
    y, sr = speech()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        soundfile.write(folder / "mono.wav", y, sr)
        soundfile.write(folder / "stereo.wav", np.stack([y, 0.5 * y[::-1]], axis=1), sr)
        _sox(folder, "sox", "-x", "200", "-y", "129")
        _sox(folder, "sox light", "-x", "160", "-y", "129", "-l", "-z", "90", "-t", "a title")
        _sox(folder, "sox mono", "-x", "150", "-y", "129", "-m", "-z", "60", "-Z", "-10")
        _sox(folder, "sox stereo", "-x", "150", "-y", "65", source="stereo.wav")
        _sox(folder, "sox without axes", "-x", "150", "-y", "65", "-a")
        _ffmpeg(folder, "ffmpeg", "s=168x128")
        _ffmpeg(folder, "ffmpeg stereo", "s=200x128:mode=separate:color=fiery:scale=sqrt", "stereo.wav")
        _ffmpeg(folder, "ffmpeg mixed", "s=168x96:mode=combined:color=channel", "stereo.wav")
        _ffmpeg(folder, "ffmpeg zoomed", "s=168x96:start=500:stop=3000")
        _ffmpeg(folder, "ffmpeg lying", "s=128x128:orientation=horizontal")
        _ffmpeg(folder, "ffmpeg raw", "s=160x128:legend=0:color=rainbow")
        _ffmpeg(folder, "ffmpeg log", "s=168x96:fscale=log:drange=80")
    _bars()
    _axes()
    _bare(_gouraud, "gouraud", (300, 200))
    _bare(_bells(256, 128), "bells few frames", (260, 200))
    _bare(_bells(128, 64), "bells", (400, 180))
    _bare(_bells(512, 480), "bells many frames", (220, 200))
    _figure("figure linear", _specshow("linear"))
    _figure("figure log", _specshow("log"))
    _figure("figure mel", _specshow("mel", cmap="viridis"), bbox_inches="tight")
    _figure("figure zoomed", _specshow("linear", lambda axes: axes.set(xlim=(0.5, 1.5), ylim=(200, 3000))))
    _figure("figure upside down", _specshow("linear", lambda axes: axes.invert_yaxis(), bar=None))
    _figure("figure minutes", _specshow("log", rate=400, bar=None), size=(5, 2.8))
    _figure("figure milliseconds", _specshow("linear", x_axis="ms", bar=None))
    _figure("figure grid", _specshow("linear", lambda axes: axes.grid(), bar=None))
    _figure("figure specgram", _specgram)
    _figure("figure imshow", _imshow)
    _figure("figure kilohertz", _kilohertz)
    _figure("figure waveform", _with_waveform)
    _figure("figure jpeg", _specshow("log"), format="jpg", pil_kwargs={"quality": 80})


if __name__ == "__main__":
    main()

"""Drawing as SoX and Riffusion do: pictures whose columns are spans of time, with a part for each channel.

Of SoX 14.4.2's raw pictures of speech, music and a minute of orchestra, .997 to .999 of the pixels come out the same:
all but a few that rounding moves by one level, and those in half a window of the ends, where SoX shortens its window.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration import consistency
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS
from fastspec.colours import colormap
from fastspec.errors import CalibrationError, ParameterError
from fastspec.picture.picture import Picture
from fastspec.plot import layout as plot_layout
from fastspec.tools import mono_drawing, profile, riffusion
from fastspec.tools.sox.grid import steps_of as _spans

TOOLS = ("sox", "riffusion", *mono_drawing.TOOLS)
RIFFUSION_SR = riffusion.SR
# What each takes of Encoder's options; the rest is the tool's own.
_TAKES = {
    "sox": ("profile", "n_fft", "cmap", "db_range"),
    "riffusion": ("profile", "n_mels", "fmin", "fmax"),
    **mono_drawing.TAKES,
}
_FREE = {"window": "hann", "center": True}  # as all have it, so that naming it does no harm
_SCALE = {"sox": "linear", "riffusion": "mel", **mono_drawing.SCALE}
_MOST = {"sox": FACTS["channels"].high, "riffusion": 2, **dict.fromkeys(mono_drawing.TOOLS, 1)}
_SOX_RANGE = 120.0  # decibels
_SOX_WIDTH, _SOX_HEIGHT, _SOX_RATE = 800, 550, 5000  # pixels; columns a second
_SOX_SMALLEST, _SOX_LARGEST = 32, 1 << 14
_SOX_INK = ((0, 0, 0), (255, 255, 255), (191, 191, 191), (127, 127, 127))
_SOX_LIGHT = ((221, 216, 208), (0, 0, 0), (63, 63, 63), (63, 63, 63))
_SOX_LIGHT_MONO = ((223, 223, 223), (0, 0, 0), (63, 63, 63), (63, 63, 63))
_BLOCK = 1 << 22  # cells of a transform at a time
_PADDED = 4  # windows of Riffusion in a transform
_RIFFUSION_STEPS, _RIFFUSION_BANDS = 10, 512  # steps in a window; bands


def facts(name: str, given: Calibration, size: tuple[int, int] | None, bits: int) -> Calibration:
    """What is known of the pictures before a sound is; ParameterError for an option that the tool does not have."""
    for option, value in given.items():
        usual = _FREE.get(option, _SCALE[name] if option == "freq_scale" else None)
        if value != usual and option not in _TAKES[name]:
            raise ParameterError(
                f"{option}={value!r} is not for profile={name!r}, which draws as the tool does; drop it"
            )
    if bits != 8:
        raise ParameterError(f"bits={bits}: pictures of profile={name!r} have 8 bits")
    if name in mono_drawing.TOOLS:
        return mono_drawing.facts(name, given, size)
    cal = given.merged(profile(name).calibration())
    if name == "riffusion":
        if size is not None:
            raise ParameterError(
                f"size={size!r}: profile='riffusion' draws a pixel a band and step of 10 ms; drop size"
            )
        return cal if "n_mels" in cal else cal.updated("given", n_mels=_RIFFUSION_BANDS)
    plot_layout.colormap(cal)
    if not cal["cmap"].startswith("sox"):
        raise ParameterError(f"cmap={cal['cmap']!r} is none of SoX's; use sox, sox-2 to sox-6, sox-mono or sox-high")
    return cal


def usual_top_db(name: str, top_db: float | None) -> float:
    """What a tool's colours span if no range is given; ParameterError where that is not to be chosen."""
    if top_db is None:
        return _SOX_RANGE
    if name != "sox" or not 0 < top_db <= 1000:
        raise ParameterError(f"top_db={top_db!r}: profile='sox' takes 1 to 1000 decibels, the others none; correct it")
    return top_db


def fits(name: str, channels: int) -> bool:
    """Whether the tool draws a sound of so many channels as such; else they are averaged."""
    return 1 < channels <= _MOST[name]


def draw(
    wave: NDArray[np.float32],
    sr: int,
    cal: Calibration,
    *,
    size: tuple[int, int] | None,
    max_seconds: float | None,
    top_db: float,
) -> Picture:
    """The picture of `wave` (channels, n). cal : of `facts`; top_db : of `usual_top_db`.

    Raises CalibrationError for a sound that is too long, or for sizes that do not fit it.
    """
    cal = cal.updated("given", sr=sr, duration=wave.shape[-1] / sr)
    if cal["profile"] in mono_drawing.TOOLS:
        return mono_drawing.draw(wave[0], cal, size=size, max_seconds=max_seconds)
    if len(wave) > 1:
        layout = "stacked" if cal["profile"] == "sox" else "green-blue"
        cal = cal.updated("given", channels=len(wave), channel_layout=layout)
    if cal["profile"] == "sox":
        return _sox(wave, cal, size, max_seconds, top_db)
    return _riffusion(wave, cal, max_seconds)


def _sox(
    wave: NDArray[np.float32],
    cal: Calibration,
    size: tuple[int, int] | None,
    max_seconds: float | None,
    top_db: float,
) -> Picture:
    channels, samples = wave.shape
    width = size[0] if size else _SOX_WIDTH
    n_fft = _sox_n_fft(cal, channels, size)
    step, steps = _spans(samples, width, n_fft, 0 if size else cal["sr"] // _SOX_RATE)
    columns = min(width, -(-samples // (step * steps)))
    consistency.check_size(cal.updated("given", n_fft=n_fft, n_frames=columns), max_seconds=max_seconds)
    # |X| of a sine of amplitude 1 is half the window's sum, n_fft / 4 of Hann's
    lo, hi = cal["db_range"] if cal.source("db_range") == "given" else (-top_db, 0.0)
    ref = n_fft / 4
    cal = cal.updated("given", n_fft=n_fft, db_range=(lo, hi), ref=ref)
    if _spans(samples, columns, n_fft) != (step, steps):  # else duration and width tell it
        cal = cal.updated("given", time_extent=(0.0, columns * step * steps / cal["sr"]))
    cmap = plot_layout.colormap(cal)
    rows = 1 + n_fft // 2
    entries = np.zeros((channels * (rows + 1) - 1, columns), np.uint8)  # 0, the paper, is also the line between parts
    for channel, one in enumerate(wave):
        power = _mean_power(one, columns, steps, step, n_fft)
        with np.errstate(divide="ignore"):
            decibels = 10 * np.log10(power / np.float32(ref**2))
        position = np.clip((decibels - lo) / (hi - lo), -1.0, 2.0)
        top = channel * (rows + 1)
        entries[top : top + rows] = len(_SOX_INK) + colormap.entry_of(position.T[::-1], cmap)
    ink = _SOX_INK
    if cal["cmap"].endswith("_r"):
        ink = _SOX_LIGHT_MONO if cal["cmap"] == "sox-mono_r" else _SOX_LIGHT
    palette = np.concatenate([np.array(ink, np.uint8), cmap.table])
    return Picture(entries, palette=palette, embedded=cal.to_json(size=(columns, len(entries))))


def _sox_n_fft(cal: Calibration, channels: int, size: tuple[int, int] | None) -> int:
    """The length of SoX's transform: as told, of a height, or the power of two that its 550 rows hold (-Y)."""
    n_fft = cal.get("n_fft")
    if size is not None:
        rows = (size[1] - channels + 1) // channels
        if rows * channels + channels - 1 != size[1] or not _SOX_SMALLEST // 2 < rows <= 1 + _SOX_LARGEST // 2:
            raise CalibrationError(
                f"size={size!r}: {channels} channel(s) of equal height, a line between them, do not fill {size[1]} "
                f"rows; give a height of {channels} times 17 to 8193 rows, and {channels - 1} lines"
            )
        if n_fft is not None and n_fft != 2 * (rows - 1):
            raise CalibrationError(
                f"n_fft={n_fft} contradicts size={size!r}: {rows} rows a channel are n_fft={2 * (rows - 1)}; drop one"
            )
        return 2 * (rows - 1)
    if n_fft is not None:
        if n_fft % 2 or not _SOX_SMALLEST <= n_fft <= _SOX_LARGEST:
            raise CalibrationError(
                f"n_fft={n_fft} is no even number from {_SOX_SMALLEST} to {_SOX_LARGEST}; correct it"
            )
        return int(n_fft)
    return max(128, 1 << (max(_SOX_SMALLEST, _SOX_HEIGHT // channels - 2).bit_length()))


def _mean_power(wave: NDArray[np.float32], columns: int, steps: int, step: int, n_fft: int) -> NDArray[np.float32]:
    """(columns, 1 + n_fft // 2): mean |X|^2 of `steps` transforms, each in the middle of its own `step` samples."""
    from fastspec.transform.stft import stft

    before = n_fft // 2 - step // 2
    out = np.empty((columns, 1 + n_fft // 2), np.float32)
    some = max(1, _BLOCK // (steps * out.shape[1]))
    for at in range(0, columns, some):
        count = min(some, columns - at)
        first = at * steps * step - before
        piece = wave[max(0, first) : first + (count * steps - 1) * step + n_fft]
        lead = max(0, -first)
        piece = np.pad(piece, (lead, (count * steps - 1) * step + n_fft - lead - piece.size))
        spectrum = stft(piece, n_fft=n_fft, hop_length=step, center=False).T
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        out[at : at + count] = power.reshape(count, steps, -1).mean(axis=1)
    return out


def _riffusion(wave: NDArray[np.float32], cal: Calibration, max_seconds: float | None) -> Picture:
    from fastspec.transform import mel
    from fastspec.transform.stft import stft

    sr, bands = cal["sr"], cal["n_mels"]
    hop = round(cal["column_step"] * sr)
    win = _RIFFUSION_STEPS * hop
    n_fft = _PADDED * win
    columns = 1 + wave.shape[-1] // hop
    cal = cal.updated("given", n_fft=n_fft)
    consistency.check(cal.updated("given", win_length=win, hop_length=hop))
    consistency.check_size(cal.updated("given", n_frames=columns), max_seconds=max_seconds)
    bank = mel.mel_filterbank(sr=sr, n_fft=n_fft, n_mels=bands, fmin=cal["fmin"], fmax=cal["fmax"], htk=True, norm=None)
    cells = np.empty((len(wave), columns, bands), np.float32)
    some = max(1, _BLOCK // bank.shape[1])
    for channel, one in enumerate(wave):
        padded = np.pad(one, (n_fft // 2, n_fft // 2), mode="reflect" if one.size > 1 else "edge")
        for at in range(0, columns, some):
            count = min(some, columns - at)
            piece = padded[at * hop : (at + count - 1) * hop + n_fft]
            spectrum = stft(piece, n_fft=n_fft, hop_length=hop, win_length=win, center=False).T
            cells[channel, at : at + count] = np.abs(spectrum) @ bank.T
    peak = float(cells.max())
    # an amplitude that is read counts for as many bins of the decoder's shorter transform
    ref = peak * riffusion.PADDED / _PADDED
    cal = cal.without("n_fft").updated("given", ref=ref if peak > 0 else None)
    loud = np.power(cells / np.float32(peak or 1.0), np.float32(cal["level_exponent"]))
    planes = (255 - 255 * loud).astype(np.uint8).transpose(0, 2, 1)[:, ::-1]
    red = np.zeros_like(planes[0]) if len(planes) == 2 else planes[0]
    pixels = np.stack([red, planes[0], planes[-1]], axis=-1)
    return Picture(pixels, embedded=cal.to_json(size=(columns, bands)))

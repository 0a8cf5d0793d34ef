"""The way from sound to picture: joins the rooms. An Encoder is planned once and used for many, from many threads."""

from __future__ import annotations

import os
from typing import Any

import numpy as np
import numpy.typing as npt

from fastspec import inspection, tools
from fastspec._typing import Array
from fastspec.axes import scales
from fastspec.calibration import consistency
from fastspec.calibration.complete import Complete
from fastspec.calibration.facts import FACTS, check_fact
from fastspec.colours import colormap
from fastspec.errors import AudioError, ParameterError
from fastspec.picture.picture import Picture
from fastspec.plot import cells, colour_table, layout, mark, to_stft
from fastspec.tools import librosa, native
from fastspec.tools.tool import Drawing
from fastspec.transform.geometry import count_frames
from fastspec.transform.windows import check_window

OWN = (native.PROFILE, librosa.TODAYS, librosa.OLD)  # what is drawn here; all else is drawn by its tool
_TOP_DB, _TOP_DB_OF_16_BITS, _TOP_DB_OF_TOOLS = 80.0, 120.0, 120.0
_MOST_DB = 1000.0
_LARGEST = 30_000  # pixels
_LOUDEST = 1e12  # the power of a transform of such samples still fits float32


class Encoder:
    """Draws sounds as spectrogram pictures that carry their calibration.

    n_fft, hop_length, win_length, window, center : as librosa.stft (a window by its name);
        None is 2048, win_length // 4 and n_fft.
    freq_scale : "linear" | "log" | "mel" | "cqt" axis. n_mels, fmin, fmax : of the mel bank (mel only).
    cmap : a colormap's name, or a file with its table, which the picture then carries (`fastspec.plot.colour_table`);
        magma, or gray with 16 bits. bits : 8 or 16 a level (16: plain gray only).
    db_range : (lo, hi) decibels of the lowest and highest colour relative to the sound's peak; by default
        librosa's: from the quietest value, at most `top_db` under the loudest, to the loudest.
    size : (width, height) in pixels; None draws one pixel a frame and cell.
    max_seconds : longer sounds are refused.
    profile : draw as "fastspec" (the default without size and with a linear axis), "librosa" (the default else:
        specshow's look) or "librosa-0.8"; or as "sox" (raw, channels below each other, full scale at 0 dB; n_fft, cmap,
        db_range, top_db and size are free), "riffusion" (44100 Hz, two channels in green and blue; n_mels, fmin and
        fmax are free), "audacity" (its spectrogram view, full scale at 0 dB; n_fft, win_length, window, freq_scale,
        fmin, fmax, cmap, db_range and size are free), "audio-diffusion" (n_fft, hop_length and n_mels are free) or
        "spek" (the whole window, full scale at 0 dB; n_fft, cmap, db_range and size are free) draw.
        All others draw the average of the channels.

    Raises ParameterError or CalibrationError for options that are out of range or contradict each other.
    """

    def __init__(  # noqa: PLR0913 - the public options
        self,
        *,
        n_fft: int | None = None,
        hop_length: int | None = None,
        win_length: int | None = None,
        window: Any = "hann",
        center: bool = True,
        freq_scale: str | None = None,
        n_mels: int | None = None,
        fmin: float | None = None,
        fmax: float | None = None,
        cmap: str | os.PathLike[str] | None = None,
        db_range: tuple[float, float] | None = None,
        top_db: float | None = None,
        size: tuple[int, int] | None = None,
        bits: int = 8,
        profile: str | None = None,
        max_seconds: float | None = None,
    ) -> None:
        if bits not in (8, 16):
            raise ParameterError(f"bits={bits!r}; a picture has 8 or 16 bits a level")
        window = check_fact("window", window)  # an encoded picture names it
        if size is not None and not _is_size(size):
            raise ParameterError(f"size={size!r}; give width and height from 1 to 30000 pixels")
        consistency.check_limits(max_seconds=max_seconds)
        if top_db is not None and not (isinstance(top_db, int | float) and 0 < top_db <= _MOST_DB):
            raise ParameterError(f"top_db={top_db!r} is not a number of decibels above 0 and up to {_MOST_DB:g}")
        check_window(window, win_length, n_fft)
        self.max_seconds = max_seconds
        self.size = size
        self.bits = bits
        self.top_db = top_db if top_db is not None else (_TOP_DB if bits == 8 else _TOP_DB_OF_16_BITS)
        scale = freq_scale or "linear"
        usual = native.PROFILE if size is None and scale == "linear" else librosa.TODAYS
        name = usual.name if profile is None else profile
        options = {
            "profile": name,
            "n_fft": n_fft,
            "win_length": win_length,
            "hop_length": hop_length,
            "window": window,
            "center": center,
            "freq_scale": freq_scale,
            **colour_table.with_table({"cmap": cmap}, os.path.basename),
            "db_range": db_range,
            "n_mels": n_mels,
            "fmin": fmin,
            "fmax": fmax,
        }
        given = inspection.given_facts(options)
        self.drawing = tools.of(name).drawing()
        if self.drawing is not None:
            self.top_db = _top_db_of(self.drawing, top_db)
            self.facts = self.drawing.plan(given.without("cmap_table"), size, bits)
            return
        if tools.profile(name).facts.get("columns") == "spans":
            raise ParameterError(
                f"pictures of profile={name!r} can be decoded but not drawn; use "
                f"{', '.join([*(own.name for own in OWN), *tools.drawings()])}"
            )
        kind = scales.get(scale).kind
        if kind != "mel" and not n_mels is fmin is fmax is None:
            raise ParameterError(f"n_mels, fmin and fmax belong to a mel axis, not to freq_scale={scale!r}")
        if kind == "cqt":
            raise ParameterError("a cqt picture can be decoded but not drawn; use freq_scale log, mel or linear")
        n_fft = 2048 if n_fft is None else n_fft
        win = win_length if win_length is not None else n_fft
        rest = {
            "n_fft": n_fft,
            "win_length": win,
            "hop_length": hop_length if hop_length is not None else max(1, win // 4) if isinstance(win, int) else None,
            "freq_scale": scale,
            "cmap": options["cmap"] or ("gray" if bits == 16 else "magma"),
            "n_mels": 128 if kind == "mel" and n_mels is None else n_mels,
        }
        self.facts = inspection.profile_facts(inspection.given_facts({**options, **rest}))
        layout.colormap(self.facts, bits)

    def encode(self, y: npt.ArrayLike, sr: int) -> Picture:
        """The picture of a sound: y (n,) or (channels, n), which are averaged unless the profile has parts for them.

        sr in Hz.
        Raises AudioError for NaN, infinite or missing samples, CalibrationError for a sound too long to be drawn.
        """
        from fastspec.colours import levels
        from fastspec.sound import files as sound_files

        sr = check_fact("sr", sr)
        wave = sound_files.check_waveform(y)
        wave = wave if self._channels(wave) > 1 else _mono(wave)
        peak = max(float(wave.max()), -float(wave.min()))
        if peak > _LOUDEST:
            raise _too_loud(peak)
        if self.drawing is not None:
            return self._drawn_by_tool(self.drawing, wave, sr)
        cal = self.facts.updated("given", sr=sr, duration=wave.shape[-1] / sr)
        cal = cal.updated("given", n_frames=count_frames(wave.shape[-1], cal["hop_length"], cal["n_fft"]))
        consistency.check_size(cal, max_seconds=self.max_seconds)
        transform = Complete.of(cal)
        magnitude = to_stft.magnitude_of(wave, transform)
        values, power = to_stft.cells_of(magnitude, transform)
        cal = cal.updated("given", n_frames=magnitude.shape[0])
        peak = float(values.max())
        ref = peak**0.5 if power else peak
        if ref > FACTS["ref"].high:
            raise _too_loud(float(np.abs(wave).max()))
        to_db = levels.power_to_db if power else levels.amplitude_to_db
        amin = 1e-10 if power else 1e-5
        decibels = to_db(values, ref=np.max, amin=min(amin, amin * 10 ** ((80 - self.top_db) / 10)), top_db=self.top_db)
        lo, hi = cal.get("db_range") or (float(decibels.min()), float(decibels.max()))
        heard = ref >= FACTS["ref"].low  # what is quieter than any reference may be is silence
        if not heard or not lo < hi:  # silence, or one value everywhere: there is no range of its own to show
            lo, hi = cal.get("db_range") or (-self.top_db, 0.0)
            decibels = np.full_like(decibels, hi if heard else lo)
        cal = cal.updated("given", db_range=(lo, hi), ref=ref if heard else None)
        width, height = self.size or (values.shape[0], values.shape[1])
        plan = layout.layout(Complete.of(cal), width, height)
        # matplotlib's own arithmetic, in the data's precision
        position = (decibels - decibels.dtype.type(lo)) / decibels.dtype.type(hi - lo)
        cmap = layout.colormap(cal, self.bits)
        embedded = cal.to_json(size=(width, height))
        whole = cmap.ramp or len(cmap) > 256
        paint = colormap.colour_of if whole else colormap.entry_of
        if self.size is not None and not whole and position.size < width * height:
            # cells are painted once, not each pixel
            pixels = cells.draw(paint(position, cmap), plan.rows, plan.columns)
        else:
            position = cells.draw(position, plan.rows, plan.columns)
            pixels = paint(position, cmap)
        if heard and pixels.ndim == 2 and self.size is None and cal["profile"] == native.PROFILE.name:
            pixels = mark.drawn(pixels, position, embedded, cal["cmap"])
        # palette pictures are written and read several times as fast, and are a third of the size
        return Picture(pixels, palette=None if whole else cmap.table, embedded=embedded)

    def remarks(self, y: npt.ArrayLike, sr: int | None = None) -> tuple[str, ...]:
        """Sentences that the user should hear about drawing `y` (at `sr` Hz)."""
        wave = np.asarray(y)
        said = []
        if wave.ndim == 2 and self._channels(wave) == 1 < len(wave):
            said.append(f"{wave.shape[0]} channels are averaged into one picture")
        if self.drawing is not None:
            said.extend(self.drawing.remarks(wave, sr))
        if not np.any(wave):
            said.append("the sound is silence: the picture has one colour")
        return tuple(said)

    def _channels(self, wave: Array) -> int:
        """How many channels of a sound are drawn."""
        most = 1 if self.drawing is None else self.drawing.most_channels
        return len(wave) if wave.ndim == 2 and 1 < len(wave) <= most else 1

    def _drawn_by_tool(self, drawing: Drawing, wave: Array, sr: int) -> Picture:
        from fastspec.sound.resample import resample

        wave = np.atleast_2d(wave).astype(np.float32, copy=False)
        if drawing.sr is not None and sr != drawing.sr:
            wave, sr = resample(wave, sr, drawing.sr), drawing.sr
        cal = self.facts.updated("given", sr=sr, duration=wave.shape[-1] / sr)
        if len(wave) > 1:
            cal = cal.updated("given", channels=len(wave), channel_layout=drawing.channel_layout)
        return drawing.draw(wave, cal, size=self.size, max_seconds=self.max_seconds, top_db=self.top_db)


def _top_db_of(drawing: Drawing, top_db: float | None) -> float:
    """What a tool's colours span if no range is given; ParameterError where that is not to be chosen."""
    if top_db is None:
        return _TOP_DB_OF_TOOLS
    if not drawing.takes_top_db or not 0 < top_db <= _MOST_DB:
        takers = [f"profile={name!r}" for name, other in tools.drawings().items() if other.takes_top_db]
        raise ParameterError(
            f"top_db={top_db!r}: {' and '.join(takers)} takes 1 to {_MOST_DB:g} decibels, the others none; correct it"
        )
    return top_db


def encode(y: npt.ArrayLike, sr: int, **drawing_options: Any) -> Picture:
    """The picture of a sound y (n,) or (channels, n) at sr Hz; options as Encoder's."""
    return Encoder(**drawing_options).encode(y, sr)


def _too_loud(peak: float) -> AudioError:
    """The error for a sound with such samples."""
    return AudioError(f"the waveform has samples of {peak:g}, whose power passes float32; scale it to 1")


def _is_size(size: Any) -> bool:
    """Whether this is a width and a height in pixels."""
    try:
        return len(size) == 2 and all(isinstance(s, int | np.integer) and 1 <= s <= _LARGEST for s in size)
    except TypeError:
        return False


def _mono(wave: Array) -> Array:
    return wave.mean(axis=0) if wave.ndim == 2 else wave

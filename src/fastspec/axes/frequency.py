"""Picture grid <-> STFT grid: which cell (frequency bin, frame) each pixel shows, by the rules of each drawing tool.

A picture shows a table of cells, `(n_frames, n_cells)`. Columns are frames; rows are STFT bins, mel bands or
constant-Q bins on a frequency axis. Each pixel shows the one cell under its centre, so cells thinner than a pixel may
not be shown at all. `FrequencyAxis.rows` and `TimeAxis.columns` say which cell each pixel shows; `fastspec.plot.cells`
uses them to make a picture from cells (`draw`) and cells from a picture (`read`).

Sources: librosa.display.specshow of 0.8 and 0.11 (cell edges), matplotlib's scales (symlog, log), and the snapping
of its Agg renderer, whose arithmetic `_pixels` repeats so that ties at pixel centres fall as they fall there;
Audacity's SpectrumView.cpp.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from fastspec.axes.scales import from_scale, to_scale
from fastspec.errors import ParameterError
from fastspec.transform.mel import hz_to_mel, mel_frequencies, mel_to_hz

Scale = Literal["linear", "log", "mel", "mel-rows", "cqt", "bark", "erb", "period"]
Kind = Literal["stft", "mel", "cqt"]
Edges = Literal["librosa<0.9", "librosa>=0.9", "cells", "bins", "audacity"]
Origin = Literal["lower", "upper"]

SCALE_ALIASES = {
    "hz": "linear",
    "fft": "linear",
    "fft_note": "log",
    "fft_svara": "log",
    "cqt_hz": "cqt",
    "cqt_note": "cqt",
}
_KIND_OF_SCALE: dict[str, Kind] = {
    "linear": "stft",
    "log": "stft",
    "mel": "mel",
    "mel-rows": "mel",
    "cqt": "cqt",
    "bark": "stft",
    "erb": "stft",
    "period": "stft",
}
_AUDACITY_TOP = 20_000.0  # Hz; its default, or half the rate where that is less
C1_HZ = 440.0 * 2.0 ** ((24 - 69) / 12)
C2_HZ = 440.0 * 2.0 ** ((36 - 69) / 12)
# symlog's (linthresh, linscale) as specshow sets them
_SYMLOG = {"log": (C2_HZ, 0.5), "mel": (1000.0, 1.0)}


@dataclass(frozen=True)
class FrequencyAxis:
    """The vertical axis of a picture: how the cells lie on it, and what they hold.

    Parameters
    ----------
    scale : "linear" | "log" | "mel" | "mel-rows" | "cqt" | "bark" | "erb" | "period", or an alias of specshow ("hz",
        "fft", "fft_note", ...). "log" and "mel" are symmetrical-log axes as specshow sets them (its "mel" axis is not
        the mel scale); "mel-rows" is one band per row, evenly; "cqt" a logarithmic axis. `fastspec.axes.scales` says
        what the others are, and what "log" and "mel" are with the edges "audacity".
    sr : sampling rate, Hz
    n_fft : FFT length; gives the bins of an STFT. Where only the number of cells is known: `2 * (n_cells - 1)`.
    n_cells : cells on the axis (default: `1 + n_fft // 2`; mel bands or constant-Q bins must be counted).
    kind : what the cells hold, "stft" | "mel" | "cqt" (default: what the scale suggests). specshow draws any table
        on any axis, an STFT on the mel axis too; the geometry follows the scale, `frequencies` follows the kind.
    fmin, fmax : Hz. On linear and log axes the view's limits (default: all cells); on mel axes the corners of the
        mel bank (0, sr / 2); on a cqt axis `fmin` is the lowest bin (default C1, 32.7 Hz).
    edges : who drew it. "librosa<0.9", "librosa>=0.9", "cells" (fastspec's own drawing and images: all cells whole)
        "bins" (`plt.specgram`: evenly from the first to the last bin centre) or "audacity" (STFT bins without the
        highest; a row shows the loudest of its bins, see `spans`; fmin and fmax are those of its lowest and highest
        row, limited as Audacity limits them).
    linthresh, linscale, base : of the symmetrical log; `linthresh=0` is a plain log (needs `fmin`).
    htk : HTK's mel formula instead of Slaney's.  bins_per_octave : of a cqt axis.
    origin : "lower" has low frequencies at the bottom, "upper" at the top.

    Raises
    ------
    ParameterError
        If facts contradict each other or leave nothing to show.
    """

    scale: str = "linear"
    sr: float = 22050.0
    n_fft: int | None = None
    n_cells: int | None = None
    kind: Kind | None = None
    fmin: float | None = None
    fmax: float | None = None
    edges: Edges = "librosa>=0.9"
    linthresh: float | None = None
    linscale: float | None = None
    base: float = 2.0
    htk: bool = False
    bins_per_octave: int = 12
    origin: Origin = "lower"

    def __post_init__(self) -> None:
        put = object.__setattr__
        put(self, "scale", SCALE_ALIASES.get(self.scale, self.scale))
        if self.scale not in get_args(Scale):
            known = ", ".join([*get_args(Scale), *SCALE_ALIASES])
            raise ParameterError(f"scale={self.scale!r} is no known frequency axis; use one of {known}.")
        if self.edges not in get_args(Edges):
            raise ParameterError(f"edges={self.edges!r} is unknown; use one of {', '.join(get_args(Edges))}.")
        if self.origin not in get_args(Origin):
            raise ParameterError(f"origin={self.origin!r} is unknown; use 'lower' or 'upper'.")
        if self.kind is None:
            put(self, "kind", "stft" if self.edges == "audacity" else _KIND_OF_SCALE[self.scale])
        if self.kind not in get_args(Kind):
            raise ParameterError(f"kind={self.kind!r} is unknown; use one of {', '.join(get_args(Kind))}.")
        if not (self.sr > 0 and math.isfinite(self.sr)):
            raise ParameterError(f"sr={self.sr!r} is not a sampling rate above 0 Hz.")
        if self.edges == "audacity" and (self.kind != "stft" or self.scale in ("mel-rows", "cqt")):
            raise ParameterError(f"edges='audacity' has no {self.kind} cells on a {self.scale} axis; use STFT bins.")
        self._settle_counts()
        self._settle_scale()
        self._check_limits()

    def _settle_counts(self) -> None:
        put = object.__setattr__
        if self.n_fft is not None and self.n_fft < 2:
            raise ParameterError(f"n_fft={self.n_fft!r} is not an FFT length of at least 2.")
        if self.n_cells is None:
            if self.n_fft is None or self.kind != "stft":
                need = "n_fft" if self.kind == "stft" else "n_cells"
                raise ParameterError(f"A {self.scale} axis of {self.kind} cells needs {need}; none was given.")
            put(self, "n_cells", (self.edges != "audacity") + self.n_fft // 2)
        assert self.n_cells is not None
        if self.n_cells < 1:
            raise ParameterError(f"n_cells={self.n_cells!r} leaves nothing to show; give at least 1.")
        if self.kind != "stft":
            return
        if self.n_fft is None:
            if self.n_cells < 2:
                raise ParameterError("One STFT bin alone does not tell n_fft; give n_fft too.")
            put(self, "n_fft", 2 * (self.n_cells - (self.edges != "audacity")))
        assert self.n_fft is not None
        if self.n_cells > 1 + self.n_fft // 2:
            raise ParameterError(
                f"n_cells={self.n_cells} contradicts n_fft={self.n_fft}, which has {1 + self.n_fft // 2} bins."
            )

    def _settle_scale(self) -> None:
        put = object.__setattr__
        threshold, linear_part = _SYMLOG.get(self.scale, (None, None))
        if self.linthresh is None:
            put(self, "linthresh", threshold)
        if self.linscale is None:
            put(self, "linscale", linear_part)
        if self.linthresh is not None and not self.linthresh >= 0:
            raise ParameterError(f"linthresh={self.linthresh!r} Hz is below 0; give 0 for a plain log axis.")
        if self.linscale is not None and not self.linscale > 0:
            raise ParameterError(f"linscale={self.linscale!r} must be above 0.")
        if not self.base > 1:
            raise ParameterError(f"base={self.base!r} of a log axis must be above 1.")
        if self.bins_per_octave < 1:
            raise ParameterError(f"bins_per_octave={self.bins_per_octave!r} must be at least 1.")

    def _check_limits(self) -> None:
        low = 0.0 if self.fmin is None else self.fmin
        high = self.sr / 2 if self.fmax is None else self.fmax
        if self.scale == "cqt":
            if self.fmax is not None:
                raise ParameterError(f"fmax={self.fmax!r} is set by fmin, n_cells and bins_per_octave on a cqt axis.")
            low = C1_HZ if self.fmin is None else self.fmin
            if not low > 0:
                raise ParameterError(f"fmin={low!r} Hz of a cqt axis must be above 0.")
            return
        if not 0 <= low < high:
            raise ParameterError(f"fmin={low!r} Hz must lie at or above 0 and below fmax={high!r} Hz.")
        if high > self.sr / 2 and self.edges != "audacity":
            raise ParameterError(
                f"fmax={high!r} Hz lies above half the sampling rate ({self.sr / 2!r} Hz); lower it or raise sr."
            )
        if self.scale == "log" and self.linthresh == 0 and not low > 0:
            raise ParameterError("A plain log axis (linthresh=0) has no 0 Hz; give fmin above 0.")
        if self.scale in ("linear", "log") and self.edges != "cells" and self.n_fft is not None and self.n_fft % 2:
            # librosa takes n_fft = 2 (bins - 1) and puts the last bin at sr / 2, where an odd n_fft has none
            raise ParameterError(
                f"n_fft={self.n_fft} is odd, but a {self.scale} axis of {self.edges} ends at half the sampling "
                f"rate, which only an even n_fft has as a bin; try {self.n_fft - 1} or {self.n_fft + 1}."
            )

    @property
    def count(self) -> int:
        """Number of cells on the axis."""
        assert self.n_cells is not None
        return self.n_cells

    @cached_property
    def positions(self) -> NDArray[np.float64]:
        """Hz at which the axis puts each cell's centre: shape (n_cells,). `frequencies` says what a cell holds."""
        n = self.count
        if self.edges != "audacity" and self.scale in ("mel", "mel-rows"):
            return mel_frequencies(n, fmin=self.fmin or 0.0, fmax=self.fmax or self.sr / 2, htk=self.htk)
        if self.scale == "cqt":
            return np.asarray(self._lowest * 2.0 ** (np.arange(n) / self.bins_per_octave))
        n_fft = self.n_fft if self.n_fft is not None else max(2 * (n - 1), 1)
        return np.arange(n, dtype=np.float64) * (float(self.sr) / n_fft)

    @cached_property
    def frequencies(self) -> NDArray[np.float64]:
        """Hz of what each cell holds: STFT bins, mel band centres, constant-Q bins; shape (n_cells,)."""
        if self.kind == "stft":
            assert self.n_fft is not None
            return np.arange(self.count, dtype=np.float64) * (float(self.sr) / self.n_fft)
        if self.kind == "mel":
            bank = mel_frequencies(self.count + 2, fmin=self.fmin or 0.0, fmax=self.fmax or self.sr / 2, htk=self.htk)
            return bank[1:-1]
        return np.asarray(self._lowest * 2.0 ** (np.arange(self.count) / self.bins_per_octave))

    @property
    def _lowest(self) -> float:
        return C1_HZ if self.fmin is None else self.fmin

    @cached_property
    def cell_edges(self) -> NDArray[np.float64]:
        """Hz of the cells' borders as drawn, ascending; shape (n_cells + 1,)."""
        centres = self.positions
        if self.scale == "mel-rows":
            low, high = hz_to_mel([self.fmin or 0.0, self.fmax or self.sr / 2], htk=self.htk)
            return mel_to_hz(np.linspace(low, high, self.count + 1), htk=self.htk)
        if self.edges == "bins":
            return np.linspace(centres[0], centres[-1], self.count + 1)
        if self.edges == "librosa<0.9":
            return self._old_edges(centres)
        if self.count == 1:
            return np.array([0.0, self.sr / 2])
        half = np.diff(centres) * 0.5
        return np.concatenate([[centres[0] - half[0]], centres[:-1] + half, [centres[-1] + half[-1]]])

    def _old_edges(self, centres: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.scale == "cqt":
            n = np.arange(self.count + 1)
            lowest = self._lowest / 2.0 ** (0.5 / self.bins_per_octave)
            return np.asarray(lowest * 2.0 ** (n / self.bins_per_octave))
        top = self.sr / 2 if self.scale != "mel" else self.fmax or self.sr / 2
        shifted = centres.copy()
        if self.scale == "mel":
            shifted[1:] -= 0.5 * np.diff(centres)
        elif self.count > 1:
            shifted -= 0.5 * (centres[1] - centres[0])
        return np.append(np.maximum(0.0, shifted), top)

    @property
    def limits(self) -> tuple[float, float]:
        """Hz at the picture's lower and upper border (upper and lower with `origin="upper"`)."""
        if self.edges == "audacity":
            top = self.sr / 2
            lowest = {"linear": 0.0, "period": self.sr / self.count}.get(self.scale, 1.0)
            low = max(lowest, min(top, self.fmin or 0.0))
            return low, max(lowest, min(top, self.fmax or _AUDACITY_TOP))
        low, high = float(self.cell_edges[0]), float(self.cell_edges[-1])
        if self.scale in ("linear", "log", "bark", "erb", "period") and self.edges != "bins":
            low = low if self.fmin is None else float(self.fmin)
            high = high if self.fmax is None else float(self.fmax)
        return low, high

    def transform(self, frequencies: ArrayLike) -> NDArray[np.float64]:
        """Hz to the axis' own even measure (matplotlib's identity, symlog, log; mel for "mel-rows"; Audacity's)."""
        f = np.asarray(frequencies, dtype=np.float64)
        if self.edges == "audacity" or self.scale in ("bark", "erb", "period"):
            return to_scale(f, self.scale)
        if self.scale == "linear":
            return f
        if self.scale == "mel-rows":
            return hz_to_mel(f, htk=self.htk)
        with np.errstate(divide="ignore", invalid="ignore"):
            if self.scale == "cqt" or not self.linthresh:
                return np.where(f > 0, np.log2(f), -1000.0)  # as matplotlib's clip
            assert self.linscale is not None
            linear = self.linscale / (1.0 - 1.0 / self.base)
            log_base = np.log(self.base)
            size = np.abs(f)
            bent = np.sign(f) * self.linthresh * (linear - np.log(self.linthresh) / log_base + np.log(size) / log_base)
            return np.where(size <= self.linthresh, f * linear, bent)

    def spans(self, height: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """First cell and stop of each row of Audacity's, the highest row first: two arrays (height,).

        A row shows the loudest cell from `first` up to, not including, `stop`, and `first` where that is none.
        """
        low, high = to_scale(self.limits, self.scale)
        step = (high - low) / max(1, height - 1)
        with np.errstate(over="ignore"):
            hertz = from_scale(low + np.arange(height + 1) * step, self.scale)
        hertz[np.isinf(hertz)] = 0.0  # what lies beyond the scale's end is below 0 there: the last row has one cell
        bins = np.floor(np.clip(hertz * (float(self.n_fft or 1) / self.sr), 0, self.count - 1) + 0.5).astype(np.intp)
        return bins[:-1][::-1], bins[1:][::-1]

    def rows(self, height: int, beyond: tuple[float, float] = (0.0, 0.0)) -> NDArray[np.intp]:
        """The cell shown at each pixel row, row 0 at the top: shape (height,).

        beyond : pixels by which the axis reaches past the uppermost and lowest row (librosa's edges alone have any).
        Cells without a pixel row of their own do not occur. Raises ParameterError for a height below 1.
        """
        if height < 1:
            raise ParameterError(f"height={height!r} is not a picture height of at least 1 pixel.")
        if self.edges == "audacity":
            first, stop = self.spans(height)
            cells = (first + np.maximum(first, stop - 1)) // 2
            return np.ascontiguousarray(cells if self.origin == "lower" else cells[::-1])
        if self.scale == "mel-rows" or self.edges == "bins":
            cells = _even(height, self.count)[::-1]
        else:
            low_high = beyond[::-1] if self.origin == "lower" else beyond
            borders = _pixels(self.transform(self.cell_edges), self.transform(self.limits), height, low_high)
            # Agg counts downwards and gives a tie to the upper pixel's cell
            snapped = np.floor(height - borders[::-1] + 0.5)
            from_top = np.searchsorted(snapped, np.arange(height), side="right") - 1
            cells = np.clip(self.count - 1 - from_top, 0, self.count - 1)
        return np.ascontiguousarray(cells if self.origin == "lower" else cells[::-1], dtype=np.intp)


@dataclass(frozen=True)
class TimeAxis:
    """The horizontal axis of a picture: `n_frames` frames, `hop_length` samples apart at `sr` Hz.

    `edges` as in FrequencyAxis: "librosa<0.9" starts at 0 s, "librosa>=0.9" and the others half a hop earlier.
    """

    n_frames: int
    hop_length: int = 512
    sr: float = 22050.0
    edges: Edges = "librosa>=0.9"

    def __post_init__(self) -> None:
        if self.n_frames < 1:
            raise ParameterError(f"n_frames={self.n_frames!r} leaves nothing to show; give at least 1.")
        if self.hop_length < 1:
            raise ParameterError(f"hop_length={self.hop_length!r} is not a whole number of samples of at least 1.")
        if not self.sr > 0:
            raise ParameterError(f"sr={self.sr!r} is not a sampling rate above 0 Hz.")
        if self.edges not in get_args(Edges):
            raise ParameterError(f"edges={self.edges!r} is unknown; use one of {', '.join(get_args(Edges))}.")

    @property
    def cell_edges(self) -> NDArray[np.float64]:
        """Seconds of the frames' borders as drawn, ascending; shape (n_frames + 1,)."""
        if self.edges == "librosa<0.9":
            return np.asarray(np.arange(self.n_frames + 1) * self.hop_length / float(self.sr))
        centres = np.arange(self.n_frames) * self.hop_length / float(self.sr)
        if self.n_frames == 1:
            border = self.hop_length / (2.0 * self.sr)
            return np.array([-border, border])
        half = np.diff(centres) * 0.5
        return np.concatenate([[centres[0] - half[0]], centres[:-1] + half, [centres[-1] + half[-1]]])

    @property
    def limits(self) -> tuple[float, float]:
        """Seconds at the picture's left and right border."""
        edges = self.cell_edges
        return float(edges[0]), float(edges[-1])

    def columns(self, width: int, beyond: tuple[float, float] = (0.0, 0.0)) -> NDArray[np.intp]:
        """The frame shown at each pixel column: shape (width,); `beyond` at the left and right, as for rows."""
        if width < 1:
            raise ParameterError(f"width={width!r} is not a picture width of at least 1 pixel.")
        if self.edges in ("cells", "bins"):
            return _even(width, self.n_frames)
        edges = self.cell_edges
        snapped = np.floor(_pixels(edges, edges[[0, -1]], width, beyond) + 0.5)
        frames = np.searchsorted(snapped, np.arange(width), side="right") - 1
        return np.clip(frames, 0, self.n_frames - 1).astype(np.intp)


def count_frames(n_samples: int, *, n_fft: int, hop_length: int, center: bool = True) -> int:
    """Frames that librosa.stft makes of `n_samples` samples (0 if the sound is shorter than an uncentred frame)."""
    padded = n_samples + 2 * (n_fft // 2) if center else n_samples
    return 0 if padded < n_fft else 1 + (padded - n_fft) // hop_length


def frames_of_duration(seconds: float, *, sr: float, n_fft: int, hop_length: int, center: bool = True) -> int:
    """Frames of a sound of `seconds`; ParameterError if there is none."""
    frames = count_frames(round(seconds * sr), n_fft=n_fft, hop_length=hop_length, center=center)
    if frames < 1 or not seconds > 0:
        raise ParameterError(f"duration={seconds!r} s holds no frame of {n_fft} samples at {sr} Hz; give a longer one.")
    return frames


def _even(pixels: int, cells: int) -> NDArray[np.intp]:
    """Cells shown when `cells` divide `pixels` evenly: floor((p + 1/2) / pixels * cells), exactly."""
    return ((2 * np.arange(pixels, dtype=np.int64) + 1) * cells // (2 * pixels)).astype(np.intp)


def _pixels(
    borders: NDArray[np.float64], limits: ArrayLike, size: int, beyond: tuple[float, float]
) -> NDArray[np.float64]:
    """Pixel coordinates of `borders`, in matplotlib's own order of operations (BboxTransformFrom, then ...To)."""
    low, high = np.asarray(limits, dtype=np.float64)
    scale = 1.0 / (high - low)
    shift = -low * scale
    span = size + (beyond[0] + beyond[1])
    return np.asarray(borders * (span * scale) + (span * shift - beyond[0]))

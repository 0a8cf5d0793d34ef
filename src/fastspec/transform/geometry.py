"""How frames lie over a signal: sizes, window, padding, and what follows from them."""

from __future__ import annotations

import difflib
import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from fastspec._cached import cached_property
from fastspec._typing import Array
from fastspec.errors import NonInvertibleError, ParameterError
from fastspec.transform.windows import WindowSpec, get_window

PadMode: TypeAlias = str | Callable[..., Any]

PAD_MODES = ("constant", "edge", "linear_ramp", "reflect", "symmetric")
_UNPADDABLE = ("wrap", "maximum", "mean", "median", "minimum", "empty")  # need the whole signal, or are undefined

INVERTIBLE = 1e-10  # least of the summed squared windows over their largest; below, division only makes noise


@dataclass(frozen=True, eq=False)
class Geometry:
    """How frames lie over a signal: immutable, checked, hashable; made by `Geometry.of`.

    n_fft, hop_length, win_length : samples
    window : float64, read-only [shape=(n_fft,)], the window of `win_length` samples centred among zeros
    center : whether frame t is centred on sample t * hop_length (the signal is padded by n_fft // 2 on both sides)
    pad_mode : what it is padded with: one of PAD_MODES, or a function as `numpy.pad` takes
    """

    n_fft: int
    hop_length: int
    win_length: int
    window: npt.NDArray[np.float64]
    center: bool = True
    pad_mode: PadMode = "constant"

    @staticmethod
    def of(
        n_fft: int = 2048,
        hop_length: int | None = None,
        win_length: int | None = None,
        window: WindowSpec = "hann",
        center: bool = True,
        pad_mode: PadMode = "constant",
    ) -> Geometry:
        """The geometry that librosa's arguments mean: `win_length` is `n_fft`, the hop a quarter of it, if None."""
        size = positive("n_fft", n_fft)
        width = size if win_length is None else positive("win_length", win_length)
        if hop_length is None and width < 4:
            raise ParameterError(f"win_length={width} has no default hop (a quarter of it); give hop_length")
        hop = width // 4 if hop_length is None else positive("hop_length", hop_length)
        if isinstance(window, (str, tuple)):
            try:
                return _cached(size, hop, width, window, bool(center), pad_mode)
            except TypeError:  # a parameter that cannot be hashed
                pass
        return _made(size, hop, width, window, bool(center), pad_mode)

    def __post_init__(self) -> None:
        for name in ("n_fft", "hop_length", "win_length"):
            object.__setattr__(self, name, positive(name, getattr(self, name)))
        if self.win_length > self.n_fft:
            raise ParameterError(
                f"win_length={self.win_length} is longer than n_fft={self.n_fft}; make n_fft at least as large"
            )
        window = get_window(self.window, self.n_fft)
        window.flags.writeable = False
        object.__setattr__(self, "window", window)
        if not callable(self.pad_mode) and self.pad_mode not in PAD_MODES:
            near = difflib.get_close_matches(str(self.pad_mode), PAD_MODES, n=1)
            why = "cannot pad a signal part by part" if self.pad_mode in _UNPADDABLE else "is unknown"
            raise ParameterError(f"pad_mode={self.pad_mode!r} {why}; use {near[0] if near else ', '.join(PAD_MODES)}")

    def __reduce__(self) -> tuple[Any, ...]:
        window = np.array(self.window)
        return Geometry, (self.n_fft, self.hop_length, self.win_length, window, self.center, self.pad_mode)

    @cached_property
    def _key(self) -> tuple[Any, ...]:
        return self.n_fft, self.hop_length, self.win_length, self.window.tobytes(), self.center, self.pad_mode

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Geometry) and (self is other or self._key == other._key)

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def n_bins(self) -> int:
        """Rows of a spectrogram: 1 + n_fft // 2."""
        return self.n_fft // 2 + 1

    @property
    def pad(self) -> int:
        """Samples added before and after the signal."""
        return self.n_fft // 2 if self.center else 0

    @property
    def lead(self) -> int:
        """Zeros before the window in its frame."""
        return (self.n_fft - self.win_length) // 2

    def frames_of(self, length: int) -> int:
        """Number of frames of a signal of `length` samples."""
        frames = count_frames(length, self.hop_length, self.n_fft, center=self.center)
        if frames < 1:
            remedy = "pad the signal or make n_fft smaller" if self.center else "pad it or use center=True"
            raise ParameterError(f"n_fft={self.n_fft} is too large for a signal of {length} samples; {remedy}")
        return frames

    def length_of(self, frames: int) -> int:
        """Samples that `istft` gives for `frames` frames if no length is asked for."""
        return self.n_fft + self.hop_length * (positive("frames", frames) - 1) - 2 * self.pad

    def samples_under(self, frames: int) -> int:
        """Samples of a signal that `frames` frames touch: to the end of the last, padding before the first left out."""
        return self.n_fft + self.hop_length * (frames - 1) - self.pad

    def analysis(self, dtype: npt.DTypeLike = np.float32) -> Array:
        """The `win_length` window samples from `lead` on, in `dtype`, read-only."""
        return self._windows[np.dtype(dtype).name][0]

    def synthesis(self, dtype: npt.DTypeLike = np.float32) -> Array:
        """As `analysis`, divided by n_fft, for FFTW's inverse transforms, which are not normalised."""
        return self._windows[np.dtype(dtype).name][1]

    def inverse_period(self, dtype: npt.DTypeLike = np.float32) -> Array:
        """Reciprocal of the summed squared windows over one hop, from `lead` on, where no frame is missing."""
        return self._windows[np.dtype(dtype).name][2]

    @cached_property
    def squares(self) -> npt.NDArray[np.float64]:
        """Squares of the `win_length` window samples, read-only."""
        return _frozen(self.window[self.lead : self.lead + self.win_length] ** 2)

    @cached_property
    def _period(self) -> npt.NDArray[np.float64]:
        hops = -(-self.win_length // self.hop_length)
        padded = np.zeros(hops * self.hop_length)
        padded[: self.win_length] = self.squares
        return _frozen(padded.reshape(hops, self.hop_length).sum(axis=0))

    @cached_property
    def _windows(self) -> dict[str, tuple[Array, Array, Array]]:
        inner = self.window[self.lead : self.lead + self.win_length]
        found = {}
        for kind in (np.float32, np.float64):
            safe = np.where(self._period > np.finfo(kind).tiny, self._period, 1.0)
            three = (inner.astype(kind), (inner / self.n_fft).astype(kind), (1 / safe).astype(kind))
            found[np.dtype(kind).name] = (_frozen(three[0]), _frozen(three[1]), _frozen(three[2]))
        return found

    def window_sumsquare(self, frames: int) -> npt.NDArray[np.float64]:
        """Sum of the squared windows of `frames` frames, over all that they cover (padding included)."""
        total = np.zeros(self.n_fft + self.hop_length * (positive("frames", frames) - 1))
        for start in range(0, frames * self.hop_length, self.hop_length):
            total[start : start + self.n_fft] += self.window**2
        return total

    def check_invertible(self) -> None:
        """Raise NonInvertibleError if some samples between frames are weighted by (nearly) zero."""
        if self._period.min() <= INVERTIBLE * self._period.max():
            remedy = (
                f"use a hop_length of at most {max(1, self.win_length // 2)}"
                if self.hop_length > self.win_length // 2
                else "use another window"
            )
            raise NonInvertibleError(
                f"hop_length={self.hop_length} with this window of {self.win_length} samples weights some samples "
                f"by zero, so no waveform can be recovered; {remedy}"
            )


def count_frames(samples: int, hop_length: int, n_fft: int = 0, *, center: bool = True) -> int:
    """Frames of `samples` samples, as librosa counts them; less than 1 if not even one fits.

    n_fft : samples; centred frames need it only if it is odd (then the padding is one sample short of a frame)
    """
    padded = samples + 2 * (n_fft // 2) if center else samples
    return 1 + (padded - n_fft) // hop_length


def _made(
    n_fft: int, hop_length: int, win_length: int, window: WindowSpec, center: bool, pad_mode: PadMode
) -> Geometry:
    if win_length > n_fft:
        raise ParameterError(f"win_length={win_length} is longer than n_fft={n_fft}; make n_fft at least as large")
    padded = np.zeros(n_fft)
    lead = (n_fft - win_length) // 2
    padded[lead : lead + win_length] = get_window(window, win_length)
    return Geometry(n_fft, hop_length, win_length, padded, center, pad_mode)


_cached = lru_cache(maxsize=64)(_made)


def _frozen(values: Array) -> Array:
    values.flags.writeable = False
    return values


def positive(name: str, value: Any) -> int:
    """`value` as an int if it is an integer of at least 1; ParameterError naming it otherwise."""
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number < 1 or isinstance(value, bool):
        raise ParameterError(f"{name}={value!r} must be a positive integer")
    return number

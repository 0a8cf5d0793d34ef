"""Where in a longer, shorter or shifted sound a picture lies, by what it shows and not by what is known of its length.

The picture and the sound are reduced to the loudness of some bands in time. For each length that the picture may have,
its bands are laid on the sound's at all times at once (a correlation by FFT, of what both show there), first coarsely,
then finely about the best. To the sample it is found with the pixels themselves (`settled`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from fastspec.calibration.complete import Complete
from fastspec.plot import to_stft
from fastspec.plot.layout import Layout
from fastspec.retouch.mappings import QUIETEST
from fastspec.retouch.samples import magnitudes

Bands = NDArray[np.float32]


class Limits(NamedTuple):
    """How finely a place is searched for, and when it is believed."""

    bands: int = 8  # of equal height, that loudness is compared in; unmeasured
    rows: int = 10  # of pixels, of each band; unmeasured
    coarse: int = 700  # times of the sound that are compared at first; unmeasured
    fine: int = 20000  # at most, then; unmeasured
    shortest: float = 0.3  # seconds that a picture shows at least; unmeasured
    fewest: int = 8  # coarse times that a picture shows at least; unmeasured
    longer: float = 2.5  # times the sound's length that a picture shows at most; unmeasured
    step: float = 0.006  # between the lengths that are tried, of themselves, or else two coarse times; unmeasured
    trend: float = 1.0  # seconds: what changes more slowly is not compared; unmeasured
    kept: int = 5  # places that are looked at finely; unmeasured
    overlap: float = 0.5  # share of the picture or of the sound that lies on the other; unmeasured


LIMITS = Limits()


class Place(NamedTuple):
    """Seconds that a picture shows, the second of the sound at which it begins, how alike both are, up to 1, and how
    many seconds of them lie on each other."""

    duration: float
    start: float
    likeness: float
    seconds: float

    @property
    def weight(self) -> float:
        """By which places are ranked: that much by chance is alike in a second more often than in a minute."""
        return float(np.arctanh(min(max(self.likeness, -0.9), 0.999)) * np.sqrt(self.seconds))


class Bounds(NamedTuple):
    """The lengths in seconds that are tried: some, or all from one to another."""

    some: tuple[float, ...] = ()
    every: tuple[float, float] | None = None


def bands_of_picture(positions: NDArray[np.float32]) -> Bands:
    """Levels (bands, columns) of a plot's (H, W), of equal bands of rows; where nothing is legible the band's mean."""
    rows = sampled_rows(positions.shape[0])
    levels = positions[rows].reshape(LIMITS.bands, LIMITS.rows, -1)
    told = np.isfinite(levels)
    count = told.sum(axis=1)
    found = np.where(told, levels, 0).sum(axis=1) / np.maximum(count, 1)
    mean = found.sum(axis=1, keepdims=True) / np.maximum((count > 0).sum(axis=1, keepdims=True), 1)
    return np.asarray(np.where(count > 0, found, mean), np.float32)


def sampled_rows(height: int) -> NDArray[np.intp]:
    """The rows of pixels that bands are made of."""
    count = LIMITS.bands * LIMITS.rows
    return ((np.arange(count) + 0.5) * (height / count)).astype(np.intp)


def bands_of_sound(
    wave: NDArray[np.float32], facts: Complete, plan: Layout, check: Callable[[], object] = lambda: None
) -> tuple[Bands, int]:
    """Decibels (bands, times) of a sound (n,) in the same bands, and the samples between times."""
    step = max(facts.n_fft // 2, -(-wave.size // LIMITS.fine))
    whole = facts._replace(hop_length=step, duration=wave.size / facts.sr)
    count = 1 + wave.size // step
    found = np.empty((LIMITS.bands, count), np.float32)
    rows = plan.rows[sampled_rows(len(plan.rows))]
    for first in range(0, count, 512):
        check()
        frames = np.arange(first, min(count, first + 512))
        cells = to_stft.amplitudes_of(magnitudes(wave, frames, whole), facts)
        some = cells[:, np.minimum(rows, cells.shape[1] - 1)]
        loud = 20 * np.log10(np.maximum(some, QUIETEST))
        found[:, frames] = loud.reshape(len(frames), LIMITS.bands, LIMITS.rows).mean(axis=2).T
    lo, hi = facts.db_range if facts.level_kind == "db" else (-80.0, 0.0)
    return np.maximum(found, found.max() - (hi - lo)), step


def places(
    picture: Bands, sound: Bands, seconds: float, bounds: Bounds, check: Callable[[], object] = lambda: None
) -> list[Place]:
    """Where the picture's bands (b, columns) lie on the sound's (b, times), `seconds` apart; the best first."""
    count = sound.shape[1]
    part = max(1, count // LIMITS.coarse)
    rough, step = _averaged(sound, part), part * seconds
    spectra = _Spectra(rough, step)
    found = []
    for duration in _lengths(bounds, step, count * seconds):
        check()
        found += [Place(duration, *place) for place in spectra.alike(picture, duration, 2)]
    best = _apart(found, 2 * step)[: LIMITS.kept]
    if part == 1 and bounds.every is None:
        return best
    return sorted((_finer(picture, sound, seconds, place, step, bounds) for place in best), key=lambda p: -p.weight)


def _lengths(bounds: Bounds, step: float, longest: float) -> Iterable[float]:
    for duration in bounds.some:
        if duration <= LIMITS.longer * longest:
            yield duration
    if bounds.every is None:
        return
    duration = max(bounds.every[0], LIMITS.shortest, LIMITS.fewest * step)
    last = min(bounds.every[1], LIMITS.longer * longest)
    while duration < last:
        yield duration
        duration += max(2 * step, LIMITS.step * duration)


def _finer(picture: Bands, sound: Bands, seconds: float, place: Place, step: float, bounds: Bounds) -> Place:
    """The best place near one that was found coarsely."""
    spread = 0.0 if bounds.every is None else max(step, LIMITS.step * place.duration)
    best = place._replace(likeness=-1.0)
    while True:
        reach = spread + 2 * step
        first = max(0, int((place.start - reach) / seconds))
        stop = int(np.ceil((place.start + place.duration + reach) / seconds)) + 1
        spectra = _Spectra(sound[:, first:stop], seconds)
        for duration in place.duration + spread * np.linspace(-1, 1, 1 if spread == 0 else 9):
            for at, *alike in spectra.alike(picture, float(duration), 1):
                if alike[0] > best.likeness:
                    best = Place(float(duration), at + first * seconds, *alike)
        if spread < seconds:
            return best
        place, spread, step = best, spread / 4, max(seconds, step / 4)


class _Spectra:
    """Bands (b, times) of a sound, ready to be compared with those of pictures."""

    def __init__(self, bands: Bands, step: float) -> None:
        self.step, self.width = step, max(2, round(LIMITS.trend / step))
        self.bands = _without_trend(bands, self.width)
        self.count = bands.shape[1]
        self.squares = np.cumsum(np.pad(np.square(self.bands, dtype=np.float64).sum(axis=0), (1, 0)))
        self.spectra: dict[int, NDArray[Any]] = {}

    def alike(self, picture: Bands, duration: float, most: int) -> list[tuple[float, float, float]]:
        """The seconds at which a picture of so many is most like the sound, how alike, and the seconds of both."""
        n = max(2, round(duration / self.step))
        if self.count < 2:
            return []
        shown = _without_trend(_resampled(picture, n), self.width)
        size = 1 << int(n + self.count - 1).bit_length()
        if size not in self.spectra:
            self.spectra[size] = np.fft.rfft(self.bands, size)
        crossed = np.fft.irfft((self.spectra[size] * np.conj(np.fft.rfft(shown, size))).sum(axis=0), size)
        least = int(np.ceil(LIMITS.overlap * min(n, self.count)))
        at = np.arange(least - n, self.count - least + 1)
        # of the sound's times first:stop the picture's from first - at on
        first, stop = np.maximum(at, 0), np.minimum(at + n, self.count)
        inside = stop - first
        own_squares = np.cumsum(np.pad(np.square(shown, dtype=np.float64).sum(axis=0), (1, 0)))
        both = crossed[at % size]
        mine = own_squares[stop - at] - own_squares[first - at]
        its = self.squares[stop] - self.squares[first]
        floor = 1e-6 * max(float(own_squares[-1]), 1e-12) * max(float(self.squares[-1]), 1e-12)
        value = both / np.sqrt(np.maximum(mine * its, floor)) * np.sqrt(inside / min(n, self.count))
        found = []
        for _ in range(most):
            best = int(value.argmax())
            found.append((float(at[best]) * self.step, float(value[best]), float(inside[best]) * self.step))
            value[max(0, best - n // 8 - 2) : best + n // 8 + 3] = -1
        return found


def _resampled(bands: Bands, count: int) -> Bands:
    """Bands (b, columns) as `count` times, each the mean of the columns that it lies on."""
    columns = bands.shape[1]
    whole = np.cumsum(np.pad(bands.astype(np.float64), ((0, 0), (1, 0))), axis=1)
    ends = np.arange(count + 1) * (columns / count)
    low = np.minimum(ends.astype(np.intp), columns - 1)
    at = whole[:, low] + (whole[:, low + 1] - whole[:, low]) * (ends - low)
    return np.asarray(np.diff(at, axis=1) * (count / columns), np.float32)


def _without_trend(bands: Bands, width: int) -> Bands:
    """Bands (b, times) less the mean of `width` times around each, as far as there are some."""
    count = bands.shape[1]
    whole = np.cumsum(np.pad(bands, ((0, 0), (1, 0))), axis=1, dtype=np.float64)
    at = np.arange(count)
    first, stop = np.maximum(at - width // 2, 0), np.minimum(at + width // 2 + 1, count)
    mean = (whole[:, stop] - whole[:, first]) / (stop - first)
    return np.asarray(bands - mean, np.float32)


def _averaged(bands: Bands, part: int) -> Bands:
    """Bands (b, times) with each `part` times as one."""
    count = bands.shape[1] // part
    return np.asarray(bands[:, : count * part].reshape(len(bands), count, part).mean(axis=2), np.float32)


def _apart(found: list[Place], near: float) -> list[Place]:
    """The best places first, without those close to a better one."""
    kept: list[Place] = []
    for place in sorted(found, key=lambda place: -place.weight):
        if all(
            abs(p.start - place.start) > near + 0.1 * p.duration or abs(p.duration - place.duration) > 0.1 * p.duration
            for p in kept
        ):
            kept.append(place)
        if len(kept) == 2 * LIMITS.kept:
            break
    return kept

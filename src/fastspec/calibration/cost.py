"""What a picture's facts ask for, before anything is taken: bytes of memory and seconds of a processor.

A few kilobytes of text in a picture may claim any number of frames, any overlap and any length of transform, so nothing
of its size says how much work it means. `Work` counts the steps from pixels to sound by the facts alone: reading the
pixels, the cells that they show, the way from mel bands and constant-Q bins to the transform's bins, the start and the
iterations of phase retrieval. `python -m bench.speed.costs` compares both figures with what is measured.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from fastspec.axes import edges, scales
from fastspec.calibration.complete import Complete
from fastspec.transform.geometry import count_frames

_CQT_BINS = 84  # librosa.cqt's default
_FACTORS = (2, 3, 5, 7, 11, 13)  # lengths made of these have fast transforms
_FLOAT = 4  # bytes
_LANES = 16  # stretches that a stream of frames is cut into, and most frames over a sample there (`phase.lanes`)
_BLOCK = 256  # frames of mel bands at a time, `transform.mel.BLOCK`


class Costs(NamedTuple):
    """Bytes, and seconds of one core of a common server, of one step; the larger of what was measured."""

    pixel_bytes: float = 12.0  # bytes a pixel while it is read; `python -m bench.speed.costs`
    kept_bytes: float = 4.0  # bytes a pixel kept until its cells are read; `python -m bench.speed.costs`
    frame_bytes: float = 64.0  # bytes a frame, whatever its length; `python -m bench.speed.costs`
    pixel: float = 70e-9  # s a pixel, of decoding, inspection and levels; `python -m bench.speed.costs`
    cell: float = 6e-9  # s a cell that is read or interpolated; `python -m bench.speed.costs`
    blended: float = 60e-9  # s a cell of a plot that is taken apart (`plot.imshow`); `python -m bench.speed.costs`
    band: float = 80e-9  # s a frame and bin of the way from mel bands; `python -m bench.speed.costs`
    cqt: float = 1e-9  # s a frame, bin and constant-Q bin; `python -m bench.speed.costs`
    cqt_bin: float = 20e-6  # s a bin of the bank from constant-Q bins; `python -m bench.speed.costs`
    bank: float = 90e-9  # s a weight of a bank of bands; `python -m bench.speed.costs`
    start: float = 45e-9  # s a frame and bin of the start (PGHI); `python -m bench.speed.costs`
    frame: float = 0.45e-6  # s a frame and pass, whatever its length; `python -m bench.speed.costs`
    sample: float = 5e-9  # s a frame and sample of a window and iteration; `python -m bench.speed.costs`
    long: float = 1.0  # more of `sample` for each four-fold n_fft above 4096, in parts; `python -m bench.speed.costs`
    rough: float = 15.0  # times as much where n_fft has a large prime factor; `python -m bench.speed.costs`
    slot: float = 7e-9  # s a frame, iteration and frame that overlaps it; `python -m bench.speed.costs`
    sums: float = 6e-9  # s a sample of all windows over one window, once; `python -m bench.speed.costs`
    edge: float = 25e-6  # s a frame that overlaps another, once; `python -m bench.speed.costs`


COSTS = Costs()


class Work(NamedTuple):
    """What one picture asks for, in counts.

    pixels : of the file. columns, cells : of the spectrum that the plot shows. frames, bins : of the transform that a
    phase is retrieved for. reach : multiple of these bins that a mel bank goes up to. blended : cells that a plot is
    taken apart into. kind : what a cell holds. iterations : transform pairs. spans : whether columns are spans of time,
    which are put on frames before anything else. mono : whether one sound is made of all channels. workers : threads.
    lanes : stretches that the frames are cut into, of which each works some of its neighbour's again.
    """

    pixels: int
    columns: int
    cells: int
    frames: int
    n_fft: int
    hop: int
    iterations: int
    kind: str = "stft"
    reach: int = 1
    channels: int = 1
    blended: int = 0
    spans: bool = False
    mono: bool = False
    workers: int = 1
    lanes: int = _LANES

    @classmethod
    def of(cls, facts: Complete, *, pixels: int, width: int, iterations: int) -> Work:
        """The work that the facts of a plot `width` columns wide mean, for one thread and every channel."""
        kind = edges.get(facts.freq_edges).kind_of(scales.get(facts.freq_scale))
        bins = 1 + facts.n_fft // 2
        cells = {"mel": facts.n_mels, "cqt": facts.n_bins or _CQT_BINS}.get(kind, facts.n_bins) or bins
        frames, hop = facts.n_frames, facts.retrieval_hop
        if hop != facts.hop_length:
            frames = max(1, count_frames(facts.samples, hop, facts.n_fft, center=facts.center))
        columns = width if facts.shows_spans else facts.n_frames
        blended = 0
        if facts.shown_n_fft is not None:
            blended = 3 * max(bins, 1 + facts.shown_n_fft // 2) * max(width, min(facts.drawn_frames or 1, 8 * width))
        reach = max(1, math.ceil(2 * (facts.fmax or 0.0) / facts.sr)) if kind == "mel" else 1
        return cls(
            pixels, columns, cells, max(1, frames), facts.n_fft, hop, iterations, kind, reach,
            facts.channels, blended, facts.shows_spans,
        )  # fmt: skip

    @classmethod
    def plain(cls, pixels: int, iterations: int) -> Work:
        """That of a picture of so many pixels with a cell each: n_fft 1024, 75 % overlap."""
        frames = max(1, pixels // 513)
        return cls(pixels, frames, 513, frames, 1024, 256, iterations, lanes=1)

    @property
    def bins(self) -> int:
        """Bins of the transform."""
        return 1 + self.n_fft // 2

    @property
    def overlap(self) -> int:
        """Frames over one sample."""
        return -(-self.n_fft // self.hop)

    @property
    def memory(self) -> int:
        """Bytes at the peak, beyond those of an idle process."""
        return int(max(self._reading, self._making, self._retrieving))

    @property
    def seconds(self) -> float:
        """Seconds of a processor."""
        cost, spectrum = COSTS, self.frames * self.bins
        read = cost.pixel * self.pixels + cost.blended * self.blended
        made = cost.cell * self.channels * (self.columns * self.cells + spectrum)
        if self.kind == "mel":
            made += cost.bank * self.cells * self.bins * self.reach
            made += cost.band * self.channels * self.columns_made * self.bins * self.reach
        if self.kind == "cqt":
            made += cost.cqt_bin * self.bins + cost.bank * self.cells * self.bins
            made += cost.cqt * self.channels * self.columns_made * self.bins * self.cells
        begun = cost.start * spectrum + cost.frame * self.frames
        once = cost.sums * self.n_fft * min(self.frames, 3 * self.overlap) + cost.edge * self.overlap
        each = self.frames * (cost.frame + cost.sample * self.n_fft * self._slowness + cost.slot * self.overlap)
        return read + made + self.retrievals * (begun + once + each * (1 + self.iterations))

    @property
    def columns_made(self) -> int:
        """Columns that are taken to the transform's bins."""
        return max(self.columns, self.frames) if self.spans else self.columns

    @property
    def retrievals(self) -> int:
        """Phases that are retrieved: of each channel, and of what they have in common."""
        return 1 if self.channels == 1 or self.mono else self.channels + 1

    @property
    def _slowness(self) -> float:
        """How much longer a sample takes than in a transform of 1024."""
        rest = self.n_fft
        for prime in _FACTORS:
            while rest % prime == 0:
                rest //= prime
        long = 1.0 + COSTS.long * max(0.0, math.log(self.n_fft / 4096, 4) / 2.5)
        return long * (COSTS.rough if rest > 1 else 1.0)

    @property
    def _reading(self) -> float:
        return COSTS.pixel_bytes * self.pixels + 8 * _FLOAT * self.blended

    @property
    def _making(self) -> float:
        """While the transform's bins are made of the cells."""
        shown = _FLOAT * self.columns * self.cells
        spectrum = _FLOAT * self.columns_made * self.bins
        several = 1 if self.mono else self.channels
        peak = shown * self.channels + spectrum * several * (2 if several > 1 else 1)
        if self.spans:  # sums of doubles, and what is interpolated between them
            peak += 4 * shown + _FLOAT * self.columns_made * self.cells
        if self.kind == "mel":
            peak += _FLOAT * self.columns_made * self.cells
            peak += self.bins * self.reach * (24 * self.cells + 32 * min(_BLOCK, self.columns_made))
        elif self.kind == "cqt":
            peak += _FLOAT * self.columns_made * self.cells + spectrum + 8 * _FLOAT * self.cells * self.bins
        else:
            peak += spectrum
        return COSTS.kept_bytes * self.pixels + COSTS.frame_bytes * self.columns + peak

    @property
    def _slots(self) -> int:
        """Hops of a waveform, where a stream of frames lies in lanes that share some with their neighbours."""
        slots = self.frames + self.overlap
        if self.overlap > _LANES or self.lanes == 1:  # FFTW's, or one stretch
            return slots
        return self.lanes * (max(-(-slots // self.lanes), self.overlap) + 2 * self.overlap)

    @property
    def _retrieving(self) -> float:
        """While phases are retrieved: magnitudes and targets, complex spectra, at most three waveforms at a time."""
        several = 1 if self.mono else self.channels
        spectrum = _FLOAT * self.frames * self.bins
        shown = _FLOAT * self.columns * self.bins
        waveform = _FLOAT * self.hop * self._slots
        kept = several * spectrum
        # targets in lanes, with the frames worked twice
        dealt = spectrum * self._slots / max(1, self.frames) if self.overlap <= _LANES else spectrum
        if self.frames > self.columns and not self.spans:  # frames between those shown, from sums of doubles
            kept += (several + 4) * shown
        once = 80 * self.n_fft * _FLOAT + self.workers * 3 * (
            self.overlap * self.n_fft * _FLOAT if self.workers > 1 else 0
        )
        more = 3 * spectrum if several > 1 else 0  # the joint spectrum and where the channels start from
        waveforms = (several + 2) * waveform  # those that are done, and what a rule carries
        return kept + more + max(3 * spectrum, spectrum + dealt) + waveforms + once + COSTS.frame_bytes * self.frames

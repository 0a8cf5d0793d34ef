"""The drawings that are likely: what facts that nobody has stated may be, as changes of those that are supposed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from fastspec.axes import FREQ_EDGES
from fastspec.calibration.complete import Complete
from fastspec.transform.geometry import count_frames

Change = dict[str, Any]

WINDOWS = ("hann", "hanning", "hamming", "blackman", "boxcar", "bartlett", "blackmanharris", "hamming_symmetric")
LENGTHS = (1024, 2048, 512, 4096, 256, 400, 8192, 800, 1200, 640, 128)
HOPS = (512, 256, 160, 128, 441, 1024, 220, 200, 320)
MEL_BANDS = (128, 64, 80, 256, 40, 96, 229)
RATES = (22050, 16000, 44100, 48000, 8000, 24000, 32000, 11025)
_EDGES = 3  # ways to cut cells that are usual
_SHORTEST_HOP = 8  # hops of a window, and more


def changed(facts: Complete, change: Change) -> Complete:
    """`facts` after a change, with as many frames as then fit."""
    if "n_fft" in change and "win_length" not in change:
        change = {**change, "win_length": change["n_fft"]}
    new = facts._replace(**change)
    if not {"n_fft", "hop_length", "center", "duration", "sr"} & change.keys() or new.shows_spans:
        return new
    return new._replace(n_frames=max(1, count_frames(new.samples, new.hop_length, new.n_fft, center=new.center)))


def windows(facts: Complete) -> Iterator[Change]:
    """Of other windows."""
    return ({"window": name} for name in WINDOWS if name != facts.window)


def lengths(facts: Complete) -> Iterator[Change]:
    """Of other transforms, at the hop that is supposed and usual shares of the window, which is one of the usual ones.

    A window that was found for another length says nothing.
    """
    for n_fft in LENGTHS:
        for hop in dict.fromkeys((facts.hop_length, n_fft // 4, n_fft // 2)):
            for window in dict.fromkeys((*WINDOWS[:2], facts.window)):
                change = {"n_fft": n_fft, "hop_length": hop, "window": window}
                if 0 < hop <= n_fft and change != {name: getattr(facts, name) for name in change}:
                    yield change


def shorter_windows(facts: Complete) -> Iterator[Change]:
    """Of windows that are shorter than the transform."""
    for win in dict.fromkeys((facts.n_fft // 2, facts.n_fft // 4, 400, 800, 1200, 1024, 512)):
        if 0 < win < facts.n_fft:
            yield {"win_length": win}


def hops(facts: Complete) -> Iterator[Change]:
    """Of other hops."""
    quarters = (facts.win_length // part for part in (4, 2, 8, 3, 1))
    for hop in dict.fromkeys((*quarters, *HOPS)):
        if facts.win_length // _SHORTEST_HOP <= hop <= facts.win_length and hop not in (0, facts.hop_length):
            yield {"hop_length": hop}


def axes(facts: Complete) -> Iterator[Change]:
    """Of other frequency axes, drawn in other ways."""
    for scale in dict.fromkeys((facts.freq_scale, "log", "linear", "mel")):
        bands: Iterable[int | None] = (None,)
        if scale == "mel":
            bands = dict.fromkeys((facts.n_mels or 128, *MEL_BANDS)) if facts.freq_scale != "mel" else (facts.n_mels,)
        for edges in dict.fromkeys((facts.freq_edges, *FREQ_EDGES[:_EDGES])):
            for n_mels in bands:
                change = {"freq_scale": scale, "freq_edges": edges, "n_mels": n_mels}
                if change != {name: getattr(facts, name) for name in change}:
                    yield change


def banks(facts: Complete) -> Iterator[Change]:
    """Of other mel banks."""
    if facts.freq_scale != "mel" or facts.n_mels is None:
        return
    yield from ({"n_mels": bands} for bands in MEL_BANDS if bands != facts.n_mels)
    half = facts.sr / 2
    yield from ({"fmax": top} for top in (None, 8000.0, 11025.0, 7600.0) if top != facts.fmax and (top or 0) <= half)
    yield from ({"fmin": low} for low in (None, 20.0, 80.0, 0.0) if (low or 0) != (facts.fmin or 0))
    yield {"mel_htk": not facts.mel_htk}
    yield {"mel_norm": "none" if facts.mel_norm == "slaney" else "slaney"}
    yield {"mel_power": 1.0 if facts.mel_power == 2 else 2.0}


def rest(facts: Complete) -> Iterator[Change]:
    """What is seldom otherwise."""
    yield {"origin": "upper" if facts.origin == "lower" else "lower"}
    yield {"center": not facts.center}

"""SciPy's own example: `pcolormesh(t, f, 10 * log10(Sxx))` of `scipy.signal.spectrogram`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.profile import Profile
from fastspec.tools import span_grid
from fastspec.tools.span_grid import Choice
from fastspec.tools.tool import Tool

if TYPE_CHECKING:
    from fastspec.calibration.facts import Fact
    from fastspec.picture.picture import Picture

_N_FFT = 256  # scipy.signal.spectrogram's default
_OVERLAP = 8  # overlaps in a window, likewise
# Its levels are the data's own extremes, in powers a Hz: 163 dB on average, see `tools.specgram`.
_USUAL = {"cmap": "viridis", "db_range": (-190.0, -30.0), "hop_length": _N_FFT * 7 // 8}

FLAT = Profile(
    "scipy-pcolormesh",
    "scipy.signal.spectrogram in decibels, drawn by pcolormesh in cells round the bins",
    "scipy.signal.spectrogram 1.x (Tukey window, an eighth of overlap) with matplotlib's pcolormesh",
    {
        "level_kind": "db",
        "origin": "lower",
        "freq_scale": "linear",
        "center": False,
        "one_sided": True,
        "freq_edges": "librosa>=0.9",
        "cmap_rounding": "round",
    },
    {**_USUAL, "n_fft": _N_FFT, "window": "hann"},
)
SMOOTH = Profile(
    "scipy-gouraud",
    "scipy.signal.spectrogram in decibels, drawn by pcolormesh in colours between bins and frames (gouraud shading)",
    "scipy.signal.spectrogram 1.x (Tukey window, an eighth of overlap) with matplotlib's pcolormesh, shading gouraud",
    {
        "level_kind": "db",
        "origin": "lower",
        "freq_scale": "linear",
        "center": True,
        "one_sided": True,
        "freq_edges": "bins",
        "columns": "spans",
    },
    {"cmap": "viridis", "db_range": _USUAL["db_range"], "window": "tukey"},
)


class Limits(NamedTuple):
    """How sure the profile is: the rows "scipy gouraud" of `python -m bench.quality.facts CORPUS --draw 400`."""

    sure: float = 0.6  # that colours between the cells are SciPy's example, drawn with gouraud shading; facts


LIMITS = Limits()


class ScipyPcolormesh(Tool):
    """Flat cells carry no fingerprint; gouraud shading draws colours that no imshow blends."""

    profiles = (FLAT, SMOOTH)

    def recognise(self, picture: Picture) -> Mapping[str, Fact]:
        """Signed by matplotlib, rows enlarged and smooth, and no number of bells explains them."""
        from fastspec.detect.blended import blending
        from fastspec.detect.legend import pixels_fact
        from fastspec.plot import imshow

        seen = blending(picture)
        if seen is None or seen.kind != imshow.VERTICES:
            return {}
        return {"profile": pixels_fact(SMOOTH.name, LIMITS.sure, "colours drawn between cells, as by gouraud shading")}

    def grid(self, chosen: Choice, width: int, rows: int) -> None:
        """SciPy's own transform; its frames, where they are known, are the corners between which colours are drawn."""
        chosen.choose("n_fft", _N_FFT, "SciPy's default", guessed=True)
        n_fft = chosen["n_fft"]
        hop = chosen.known["hop_length"] if "hop_length" in chosen.known else n_fft - n_fft // _OVERLAP
        chosen.choose("win_length", n_fft, "SciPy's default: the whole n_fft", ("n_fft",))
        chosen.choose("hop_length", hop, "SciPy's default: an eighth of overlap", ("n_fft",))
        chosen.choose("shown_n_fft", n_fft, "n_fft of the drawing", ("n_fft",))
        if "sr" not in chosen.known:
            return
        sr, start = chosen.known["sr"], 0.5 * n_fft
        step = chosen.of_tool(hop / sr, "SciPy's hop", tuple({"hop_length"} & chosen.known.keys()) or ("n_fft",))
        frames = _frames(chosen.known, n_fft, hop)
        if frames:
            extent = (start - 0.5 * hop) / sr, (start + (frames - 0.5) * hop) / sr
            chosen.facts["column_step"] = step
            chosen.facts["time_extent"] = chosen.of_tool(extent, "whole windows within the sound", ("n_fft",))

    def blending(self, known: Calibration) -> str:
        """From border to border, where colours were drawn between cells."""
        from fastspec.plot import imshow

        return imshow.VERTICES if known.get("profile") == SMOOTH.name else imshow.BELLS


def _frames(known: Calibration, n_fft: int, hop: int) -> int:
    """How many windows were drawn: all that lie within a sound of known length; 0 where that is not known.

    A duration that a time axis tells ends with the centre of the last one.
    """
    if "duration" not in known or known.source("duration") == "assumed":
        return 0
    samples = span_grid.samples_of(known)
    if known.source("duration") == "pixels":
        return max(1, 1 + round((samples - n_fft // 2) / hop))
    return max(1, 1 + (samples - n_fft) // hop)


TOOL = ScipyPcolormesh()

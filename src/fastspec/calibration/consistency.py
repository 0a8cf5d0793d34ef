"""Which facts contradict each other, and which sizes are refused."""

from __future__ import annotations

import itertools
import math
import numbers
import reprlib
from collections.abc import Mapping
from typing import Any

from fastspec.axes import EDGES_EXPLICIT, EDGES_HALFWAY, scales
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import STATED
from fastspec.errors import CalibrationError, ParameterError

_SPECSHOW = (None, EDGES_HALFWAY, EDGES_EXPLICIT)
# Frames x bins of one picture, 1 GiB of magnitudes: nearly two hours at 22 050 Hz and hop 256. A picture's own text may
# claim any size, so this is checked before memory is taken.
MAX_CELLS = 1 << 28
_LIFTED = 4 * MAX_CELLS  # where the user says how much memory a picture may take
_BYTES_A_CELL, _SECONDS_A_CELL = 32, 2.5e-6  # that suffice for a long sound's iterations at three quarters of overlap
_CELLS_PER_PIXEL, _ALWAYS_ALLOWED = 4, 1 << 22  # a limit on pixels bounds the spectrum, too
_MOST_OCTAVES = 32
_MAX_BANK = 1 << 25  # weights of a bank of bands and bins


def check_limits(**limits: Any) -> None:
    """Raise ParameterError for a limit, such as max_pixels or max_seconds, that is no positive number; None is none."""
    for name, value in limits.items():
        number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if value is not None and not (number and value > 0):
            raise ParameterError(f"{name}={reprlib.repr(value)} is not a positive number of {name.rpartition('_')[2]}")


def check_switches(**switches: Any) -> None:
    """Raise ParameterError for what is neither True nor False."""
    for name, value in switches.items():
        if str(value) not in ("True", "False") or isinstance(value, str):  # NumPy's as well
            raise ParameterError(f"{name}={reprlib.repr(value)} is neither True nor False")


def check(cal: Mapping[str, Any], *, width: int | None = None, height: int | None = None) -> None:
    """Raise CalibrationError when facts contradict each other or the picture of this size."""
    n_fft, sr = cal.get("n_fft"), cal.get("sr")
    win_length, hop = cal.get("win_length"), cal.get("hop_length")
    scale = None if cal.get("freq_scale") is None else scales.get(cal["freq_scale"])
    if n_fft is not None:
        specshow = cal.get("freq_edges") in _SPECSHOW
        if n_fft % 2 and specshow and scale is not None and scale.ends_at_nyquist:
            raise CalibrationError(
                f"n_fft={n_fft} contradicts freq_scale={scale.name}: librosa draws 1 + n_fft/2 rows of an even n_fft; "
                f"give {n_fft - 1} or {n_fft + 1}"
            )
        if win_length is not None and win_length > n_fft:
            raise CalibrationError(
                f"win_length={win_length} is longer than n_fft={n_fft}; lower it, or give n_fft >= {win_length}"
            )
    longest = win_length or n_fft
    if hop is not None and longest is not None and hop > longest:
        raise CalibrationError(
            f"hop_length={hop} is longer than the window of {longest} samples, so sound between frames is lost; "
            f"give a hop of at most {longest}"
        )
    _check_levels(cal)
    fmin, fmax = cal.get("fmin"), cal.get("fmax")
    if fmin is not None and fmax is not None and fmin >= fmax:
        raise CalibrationError(f"fmin={fmin:g} Hz is not below fmax={fmax:g} Hz; swap or correct them")
    if sr is not None:
        # what a mel bank holds above the rate that is wanted is cut off
        mel = scale is not None and scale.kind == "mel"
        for name, value in (("fmin", fmin), ("fmax", None if mel else fmax)):
            if value is not None and value > sr / 2:
                raise CalibrationError(
                    f"{name}={value:g} Hz lies above half the sample rate {sr} Hz; "
                    f"lower it, or raise sr to {2 * value:g}"
                )
    n_mels = cal.get("n_mels")
    if n_mels is not None and n_fft is not None and n_mels > 1 + n_fft // 2:
        raise CalibrationError(
            f"n_mels={n_mels} bands cannot be told apart by the {1 + n_fft // 2} bins of n_fft={n_fft}; "
            f"give fewer bands or a larger n_fft"
        )
    area = cal.get("plot_area")
    if area is not None and width is not None and height is not None and (area[2] > width or area[3] > height):
        raise CalibrationError(
            f"plot_area={area} reaches outside the picture of {width} x {height} pixels; "
            f"right <= {width} and bottom <= {height} are needed"
        )


def misread(known: Calibration, names: frozenset[str], **size: int) -> frozenset[str]:
    """Which of the facts `names` contradict others that were read as well, none of them given; empty if none do."""
    read = known.without(*(name for name in known if known.source(name) in STATED))
    if not _contradict(read, **size):
        return frozenset()
    some = sorted(names & read.keys())
    tried = itertools.chain.from_iterable(itertools.combinations(some, n) for n in range(1, 1 + len(some)))
    return next((frozenset(gone) for gone in tried if not _contradict(known.without(*gone), **size)), frozenset())


def _contradict(cal: Calibration, **size: int) -> bool:
    try:
        check(cal, **size)
    except CalibrationError:
        return True
    return False


def _check_levels(cal: Mapping[str, Any]) -> None:
    """Raise CalibrationError for a middle that is not within its range."""
    middle, ends = cal.get("db_center"), cal.get("db_range")
    if middle is not None and ends is not None and not ends[0] < middle < ends[1]:
        raise CalibrationError(
            f"db_center={middle:g} dB is not within db_range={ends[0]:g} .. {ends[1]:g} dB; correct one of them"
        )


def max_cells(max_pixels: int | None, *, lifted: bool = False) -> int:
    """Frames x bins allowed for pictures of at most `max_pixels`: four a pixel, 4 Mi in any case, MAX_CELLS at most.

    lifted : whether the user limits memory; then that bounds what MAX_CELLS did, up to four times as many cells.
    """
    pixels = MAX_CELLS if max_pixels is None else _CELLS_PER_PIXEL * max_pixels
    if pixels >= MAX_CELLS:
        return _LIFTED if lifted else MAX_CELLS
    return max(_ALWAYS_ALLOWED, pixels)


def _lifting(cells: int, limit: int) -> str:
    """The options that let a decoder make so many cells, as the end of a sentence; empty where none do."""
    if not limit < cells <= _LIFTED:
        return ""
    words, names = [], []
    if limit < MAX_CELLS:
        words, names = [f"--max-pixels {math.ceil(min(cells, MAX_CELLS) / _CELLS_PER_PIXEL)}"], ["max_pixels"]
    if cells > MAX_CELLS:
        memory, seconds = math.ceil(cells * _BYTES_A_CELL / 1e9), 10 * math.ceil(cells * _SECONDS_A_CELL / 10)
        words += [f"--max-memory {memory}GB", f"--timeout {seconds}"]
        names += ["max_memory", "timeout"]
    return f", or give {' '.join(words)} ({', '.join(names)} in Python)"


def check_claims(cal: Mapping[str, Any], limit: int = MAX_CELLS) -> None:
    """Raise CalibrationError for counts that no spectrum of `limit` cells has; before anything is made of them."""
    frames, bins = cal.get("n_frames") or 1, 1 + (cal.get("n_fft") or 0) // 2
    if frames * bins > limit:
        raise CalibrationError(
            f"n_frames={frames} of {bins} bins exceed the limit of {limit} cells; correct n_frames or n_fft"
            f"{_lifting(frames * bins, limit)}"
        )
    cells = cal.get("n_bins") or 84
    counted = "freq_scale" in cal and scales.get(cal["freq_scale"]).counted
    if counted and cells > _MOST_OCTAVES * (cal.get("bins_per_octave") or 12):
        raise CalibrationError(
            f"n_bins={cells} are more than {_MOST_OCTAVES} octaves; correct n_bins or bins_per_octave"
        )


def check_size(
    cal: Mapping[str, Any], *, width: int = 1, max_seconds: float | None = None, limit: int | None = None
) -> None:
    """Raise CalibrationError when the sound would be longer than `max_seconds` or its spectrum than `limit` cells, all
    channels together.

    width : columns of the plot, which count as frames where they show spans of time. limit : of a decoder, whose
    options the message names; by default MAX_CELLS.
    """
    allowed = MAX_CELLS if limit is None else limit
    seconds, frames, bins = cal["duration"], cal["n_frames"], 1 + cal["n_fft"] // 2
    if max_seconds is not None and seconds > max_seconds:
        raise CalibrationError(
            f"duration={seconds:g} s is longer than the limit of {max_seconds:g} s; correct it, or give "
            f"--max-seconds {math.ceil(seconds)} (max_seconds in Python)"
        )
    if cal.get("columns") == "spans":
        frames = max(frames, width)
    kind = scales.get(cal.get("freq_scale", "linear")).kind
    bands = {"mel": cal.get("n_mels"), "cqt": cal.get("n_bins")}.get(kind) or 1
    # a mel bank may reach above the rate that is wanted, on as many more bins
    above = max(1, math.ceil(2 * (cal.get("fmax") or 0.0) / cal["sr"])) if kind == "mel" else 1
    widest = max(bins * above, bands)
    channels = cal.get("channels", 1)
    cells = frames * widest * channels
    if cells > allowed:
        each = f" in each of {channels} channels" if channels > 1 else ""
        raise CalibrationError(
            f"duration={seconds:g} s at {cal['sr']} Hz is a spectrum of {frames} frames and {widest} bins{each}, more "
            f"than the limit of {allowed} cells; correct duration, sr, hop_length or n_fft"
            f"{'' if limit is None else _lifting(cells, limit)}"
        )
    if kind != "stft" and bands * bins * above > _MAX_BANK:
        raise CalibrationError(
            f"{bands} bands over {bins * above} bins are a bank of more than {_MAX_BANK} weights; "
            f"correct n_fft, n_mels, n_bins or fmax"
        )

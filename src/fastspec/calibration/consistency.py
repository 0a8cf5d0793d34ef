"""The arithmetic between facts: what follows from what, and what contradicts what."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from fastspec.calibration.calibration import SOURCES, Calibration, Fact
from fastspec.errors import CalibrationError

_EVEN_FFT_AXES = ("linear", "log")
# Frames x bins of one picture, 1 GiB of magnitudes: nearly two hours at 22 050 Hz and hop 256. A picture's own text may
# claim any size, so this is checked before memory is taken.
MAX_CELLS = 1 << 28
_CELLS_PER_PIXEL, _ALWAYS_ALLOWED = 4, 1 << 22  # a limit on pixels bounds the spectrum, too
_MOST_OCTAVES = 32
_COUNTED = 0.85  # how sure frames are that were counted
_MAX_BANK = 1 << 25  # weights of a bank of bands and bins


def check(cal: Mapping[str, Any], *, width: int | None = None, height: int | None = None) -> None:
    """Raise CalibrationError when facts contradict each other or the picture of this size."""
    n_fft, sr = cal.get("n_fft"), cal.get("sr")
    win_length, hop = cal.get("win_length"), cal.get("hop_length")
    scale, edges = cal.get("freq_scale"), cal.get("freq_edges")
    if n_fft is not None:
        specshow = edges is None or str(edges).startswith("librosa")
        if n_fft % 2 and scale in _EVEN_FFT_AXES and specshow:
            raise CalibrationError(
                f"n_fft={n_fft} contradicts freq_scale={scale}: librosa draws 1 + n_fft/2 rows of an even n_fft; "
                f"give {n_fft - 1} or {n_fft + 1}"
            )
        if win_length is not None and win_length > n_fft:
            raise CalibrationError(
                f"win_length={win_length} is longer than n_fft={n_fft}; lower it, or give n_fft >= {win_length}"
            )
        longest = win_length or n_fft
        if hop is not None and hop > longest:
            raise CalibrationError(
                f"hop_length={hop} is longer than the window of {longest} samples, so sound between frames is lost; "
                f"give a hop of at most {longest}"
            )
    fmin, fmax = cal.get("fmin"), cal.get("fmax")
    if fmin is not None and fmax is not None and fmin >= fmax:
        raise CalibrationError(f"fmin={fmin:g} Hz is not below fmax={fmax:g} Hz; swap or correct them")
    if sr is not None:
        mel = str(scale).startswith("mel")  # what a mel bank holds above the rate that is wanted is cut off
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


def max_cells(max_pixels: int | None) -> int:
    """Frames x bins allowed for pictures of at most `max_pixels`: four a pixel, 4 Mi in any case, MAX_CELLS at most."""
    return MAX_CELLS if max_pixels is None else min(MAX_CELLS, max(_ALWAYS_ALLOWED, _CELLS_PER_PIXEL * max_pixels))


def check_claims(cal: Mapping[str, Any], limit: int = MAX_CELLS) -> None:
    """Raise CalibrationError for counts that no spectrum of `limit` cells has; before anything is made of them."""
    frames, bins = cal.get("n_frames") or 1, 1 + (cal.get("n_fft") or 0) // 2
    if frames * bins > limit:
        raise CalibrationError(
            f"n_frames={frames} of {bins} bins pass the limit of {limit} cells; correct n_frames or n_fft"
        )
    cells = cal.get("n_bins") or 84
    if cal.get("freq_scale") == "cqt" and cells > _MOST_OCTAVES * (cal.get("bins_per_octave") or 12):
        raise CalibrationError(
            f"n_bins={cells} are more than {_MOST_OCTAVES} octaves; correct n_bins or bins_per_octave"
        )


def check_size(
    cal: Mapping[str, Any], *, width: int = 1, max_seconds: float | None = None, limit: int = MAX_CELLS
) -> None:
    """Raise CalibrationError when the sound would be longer than `max_seconds` or its spectrum than `limit` cells, all
    channels together.

    width : columns of the plot, which count as frames where they show spans of time.
    """
    seconds, frames, bins = cal["duration"], cal["n_frames"], 1 + cal["n_fft"] // 2
    if max_seconds is not None and seconds > max_seconds:
        raise CalibrationError(
            f"duration={seconds:g} s is longer than the limit of {max_seconds:g} s; raise max_seconds or correct it"
        )
    if cal.get("columns") == "spans":
        frames = max(frames, width)
    scale = str(cal.get("freq_scale"))
    bands = {"m": cal.get("n_mels"), "c": cal.get("n_bins")}.get(scale[0]) or 1
    # a mel bank may reach above the rate that is wanted, on as many more bins
    above = max(1, math.ceil(2 * (cal.get("fmax") or 0.0) / cal["sr"])) if scale.startswith("mel") else 1
    widest = max(bins * above, bands)
    channels = cal.get("channels", 1)
    if frames * widest * channels > limit:
        each = f" in each of {channels} channels" if channels > 1 else ""
        raise CalibrationError(
            f"duration={seconds:g} s at {cal['sr']} Hz is a spectrum of {frames} frames and {widest} bins{each}, more "
            f"than the limit of {limit} cells; correct duration, sr, hop_length or n_fft, or decode it in parts"
        )
    if scale[0] in "mc" and bands * bins * above > _MAX_BANK:
        raise CalibrationError(
            f"{bands} bands over {bins * above} bins are a bank of more than {_MAX_BANK} weights; "
            f"correct n_fft, n_mels, n_bins or fmax"
        )


def settle_time(cal: Calibration, width: int) -> Calibration:
    """`cal` with n_frames, duration and hop made to fit each other, for a plot `width` pixels wide.

    Needs sr and hop_length. What is derived takes the weakest source it was derived from. What had to be assumed is
    remarked, and what contradicts raises CalibrationError.
    """
    sr, hop = cal["sr"], cal["hop_length"]
    if "duration" in cal:
        samples = round(cal["duration"] * sr)
        if samples < 1:
            raise CalibrationError(
                f"duration={cal['duration']:g} s is shorter than a sample at {sr} Hz; give a longer one"
            )
        if samples > 8 * MAX_CELLS:
            raise CalibrationError(
                f"duration={cal['duration']:g} s at {sr} Hz is beyond the limit of {8 * MAX_CELLS} samples; correct it"
            )
        if "n_frames" not in cal:
            return _derive(cal, "n_frames", _frames(samples, cal), ("duration", "hop_length", "sr"))
        return _reconcile(cal, samples)
    if "n_frames" not in cal:
        cal = cal.updated("assumed", 0.3, "one frame a column", n_frames=width)
        seconds = max(1, (width - 1)) * hop / sr
        cal = cal.remarked(
            f"duration is not known: assuming one frame a column, {width} frames of {hop} samples at {sr} Hz "
            f"= {seconds:.2f} s; give --duration to correct it"
        )
    samples = max(1, cal["n_frames"] - 1) * hop
    return _derive(cal, "duration", samples / sr, ("n_frames", "hop_length", "sr"))


def _frames(samples: int, cal: Mapping[str, Any]) -> int:
    if cal.get("center", True):
        return 1 + samples // int(cal["hop_length"])
    n_fft = int(cal.get("n_fft", cal["hop_length"]))
    return max(1, 1 + (samples - n_fft) // int(cal["hop_length"]))


def _reconcile(cal: Calibration, samples: int) -> Calibration:
    """Both duration and n_frames are known: the hop must fit them, or whichever is weakest gives way."""
    frames = cal["n_frames"]
    implied = _frames(samples, cal)
    told = "assumed" not in (cal.source("n_frames"), cal.source("duration"), cal.source("sr"))
    if implied == frames and (cal.source("hop_length") != "assumed" or not told):
        return cal
    if cal.source("hop_length") == "assumed":
        hop = _likely_hop(samples, frames, cal.get("n_fft"))
        if hop is not None and (told or hop != cal["hop_length"]):
            sure = min(0.9, *(cal.facts[name].confidence for name in ("n_frames", "duration", "sr")))
            fact = Fact(hop, "pixels", sure, f"the only usual hop that gives {frames} frames in {cal['duration']:g} s")
            return Calibration({**cal.facts, "hop_length": fact}, cal.picture, cal.remarks)
        if implied == frames:
            return cal
        near = _nearest_hop(samples, frames, cal.get("n_fft"))
        counted = cal.source("n_frames") == "pixels" and cal.facts["n_frames"].confidence >= _COUNTED
        if counted and 2 * near <= (cal.get("win_length") or cal.get("n_fft") or 2):
            fact = Fact(near, "pixels", 0.5, f"nearest to {frames} frames in {cal['duration']:g} s at {cal['sr']} Hz")
            return Calibration({**cal.facts, "hop_length": fact}, cal.picture, cal.remarks)
    if cal.source("n_frames") in ("pixels", "assumed") or abs(implied - frames) <= 1:
        return (
            cal
            if abs(implied - frames) <= 1
            else _derive(
                cal.remarked(
                    f"n_frames: the pixels say {frames}, duration, hop_length and sr say {implied}; using {implied}"
                ),
                "n_frames",
                implied,
                ("duration", "hop_length", "sr"),
            )
        )
    if cal.source("duration") != "given" or cal.source("n_frames") == "given":
        raise CalibrationError(
            f"n_frames={frames} contradicts duration={cal['duration']:g} s, which is {implied} frames of "
            f"{cal['hop_length']} samples at {cal['sr']} Hz; give only one of them, or another hop_length"
        )
    return _derive(
        cal.remarked(f"duration={cal['duration']:g} s is {implied} frames, not the {frames} embedded; using {implied}"),
        "n_frames",
        implied,
        ("duration", "hop_length", "sr"),
    )


def _nearest_hop(samples: int, frames: int, n_fft: int | None) -> int:
    """A usual hop with which `frames` frames are as long as `samples` but for one of them, or any hop."""
    exact = samples / max(0.5, frames - 0.5)
    near = min(_usual_hops(n_fft), key=lambda hop: (abs(hop - exact), hop))
    return near if abs(near - exact) * frames <= near else max(1, samples // max(1, frames - 1))


def _likely_hop(samples: int, frames: int, n_fft: int | None) -> int | None:
    """The one usual hop with which `samples` make `frames` frames, or None."""
    fitting = [hop for hop in _usual_hops(n_fft) if 1 + samples // hop == frames]
    return fitting[0] if len(fitting) == 1 else None


def _usual_hops(n_fft: int | None) -> set[int]:
    usual = {1 << k for k in range(5, 13)} | {80, 100, 110, 120, 160, 200, 220, 240, 256, 275, 300, 320, 441, 480}
    if n_fft is not None:
        usual |= {n_fft // k for k in (1, 2, 3, 4, 8, 16) if n_fft // k}
    return usual


def _derive(cal: Calibration, name: str, value: Any, origins: tuple[str, ...]) -> Calibration:
    facts = [cal.facts[origin] for origin in origins]
    source = max((fact.source for fact in facts), key=SOURCES.index)
    confidence = min(fact.confidence for fact in facts)
    return cal.updated(source, confidence, f"from {', '.join(origins)}", **{name: value})

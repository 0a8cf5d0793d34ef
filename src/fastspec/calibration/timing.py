"""n_frames, duration and hop_length made to fit each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastspec.calibration import guesses
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.consistency import MAX_CELLS
from fastspec.calibration.facts import STATED, Fact
from fastspec.errors import CalibrationError
from fastspec.transform.geometry import count_frames

_COUNTED = 0.85  # how sure frames are that were counted


def reconcile(cal: Calibration, width: int) -> Calibration:
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
        return _fit_hop(cal, samples)
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
    hop = int(cal["hop_length"])
    center = cal.get("center", True)
    return max(1, count_frames(samples, hop, int(cal.get("n_fft", 0 if center else hop)), center=center))


def _fit_hop(cal: Calibration, samples: int) -> Calibration:
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
        said = cal.source("n_frames") in STATED
        counted = said or (cal.source("n_frames") == "pixels" and cal.facts["n_frames"].confidence >= _COUNTED)
        longest = cal.get("win_length") or cal.get("n_fft") or 2
        # windows hardly need to overlap (see `Complete.retrieval_hop`); how long they are may be a guess itself
        if counted and (near <= longest or cal.source("n_fft") in (None, "assumed")):
            sure = min(0.5, *(cal.facts[name].confidence for name in ("n_frames", "duration", "sr")))
            fact = Fact(near, "pixels", sure, f"nearest to {frames} frames in {cal['duration']:g} s at {cal['sr']} Hz")
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
    """A usual hop with which `frames` frames are as long as `samples` but for one of them, or any hop.

    Frames that are not centred, as SciPy's and MATLAB's, begin and end with the sound.
    """
    centred = samples / max(0.5, frames - 0.5)
    whole = (samples - (n_fft or 0)) / max(0.5, frames - 1)
    for exact in (centred, whole):
        near = min(_usual_hops(n_fft), key=lambda hop: (abs(hop - exact), hop))
        if abs(near - exact) * frames <= near:
            return near
    return max(1, samples // max(1, frames - 1))


def _likely_hop(samples: int, frames: int, n_fft: int | None) -> int | None:
    """The one usual hop with which `samples` make `frames` frames, or None."""
    fitting = [hop for hop in _usual_hops(n_fft) if count_frames(samples, hop, n_fft or 0) == frames]
    return fitting[0] if len(fitting) == 1 else None


def _usual_hops(n_fft: int | None) -> set[int]:
    usual = {1 << k for k in range(5, 13)} | {80, 100, 110, 120, 160, 200, 220, 240, 256, 275, 300, 320, 441, 480}
    if n_fft is not None:
        usual |= {n_fft // k for k in (1, 2, 3, 4, 8, 16) if n_fft // k}
    return usual


def _derive(cal: Calibration, name: str, value: Any, origins: tuple[str, ...]) -> Calibration:
    return cal.corrected({name: guesses.following(value, cal.facts, origins)})

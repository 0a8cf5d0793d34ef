"""What a search found, as facts of a calibration: decibels and reference of the levels, sources, sentences."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from fastspec._typing import FloatArray
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.complete import Complete
from fastspec.calibration.facts import FACTS, FILES, Fact
from fastspec.errors import listed
from fastspec.retouch import level
from fastspec.retouch.samples import Trial
from fastspec.retouch.suppositions import Change
from fastspec.transform.windows import get_window


class Limits(NamedTuple):
    """When numbers that were measured are taken for the round ones beside them."""

    same: float = 0.6  # steps of a level; unmeasured
    width: float = 0.01  # of the width of a range of decibels; unmeasured
    round: float = 0.1  # dB by which ends of a drawn range lie off 0 or whole numbers; unmeasured
    sure: float = 0.985  # share of exact pixels among the close ones from which a fact is stated for sure; unmeasured
    proven: float = 0.2  # share of exact pixels from which that counts; unmeasured
    # Score and share of exact pixels from which what nothing else tells is the original's, as the search found nothing
    # better. Share of right facts: JPEG q50 .057, noise of 10 .064, WebP q80 .067; of pictures whose drawing was not
    # found .028 to .047.
    agreed: float = 0.35  # score; unmeasured
    confirmed: float = 0.05  # share; unmeasured


LIMITS = Limits()
_TOP_DBS = (80.0, 100.0, 120.0, 60.0, 90.0, 70.0, 50.0, 40.0)
_PLACE = "plot_offsets"  # fractions of a pixel, of which nothing needs to be said
_FOUND = (
    "sr", "duration", "n_fft", "hop_length", "win_length", "window", "center", "n_frames", "freq_scale", "freq_edges",
    "origin", "db_range", "ref", "n_mels", "fmin", "fmax", "mel_htk", "mel_norm", "mel_power",
    "level_kind", _PLACE,
)  # fmt: skip
_OF_16_BITS = 20 * math.log10(1 << 15)
_BELIEVED = 0.9  # confidence of what pixels say that is left as it is


def levels(
    facts: Complete, trial: Trial, loudest: float, amplitudes: FloatArray, *, free: bool, step: float
) -> Complete:
    """`facts` with the range of decibels and the reference that levels were drawn with, as the fitted line tells.

    loudest : amplitude of the loudest cell. step : how far numbers are uncertain, of the range from 0 to 1.
    """
    if trial.exact == 0 or facts.level_kind != "db" or loudest <= 0:
        return facts
    low, high = trial.line.ends  # dB of amplitude 1
    peak = 20 * math.log10(loudest)
    lo, hi = facts.db_range
    close = LIMITS.same * (high - low) * step
    if free:
        lo, hi = _range(low - peak, high - peak, amplitudes / loudest, (lo, hi), close)
    reference = high - hi  # dB
    for round_number in (peak, 0.0, *_densities(facts)):
        if abs(reference - round_number) < close:
            reference = round_number
            break
    ref = loudest if reference == peak else 10 ** (reference / 20)
    spec = FACTS["ref"]
    return facts._replace(db_range=(lo, hi), ref=ref if spec.low <= ref <= spec.high else None)


def _densities(facts: Complete) -> tuple[float, ...]:
    """Decibels of amplitude 1 less than a one-sided power density has, as of plt.specgram: of samples up to 1 or as
    16-bit numbers, at the sound's rate or plt.specgram's own of 2."""
    if not facts.one_sided:
        return ()
    power = float(np.square(get_window(facts.window, facts.win_length)).sum()) / 2
    return tuple(10 * math.log10(rate * power) - whole for rate in (facts.sr, 2) for whole in (0.0, _OF_16_BITS))


def from_the_top(facts: Complete) -> Complete:
    """The same levels counted from the loudest colour, where the picture's loudest cell may be elsewhere."""
    lo, hi = facts.db_range
    if facts.ref is None or facts.level_kind != "db":
        return facts
    return facts._replace(db_range=(lo - hi, 0.0), ref=facts.ref * 10 ** (hi / 20))


def _range(
    low: float, high: float, relative: FloatArray, supposed: tuple[float, float], close: float
) -> tuple[float, float]:
    """The ends of the colours in dB under the loudest cell."""
    if abs(high) < close:
        high = 0.0
    width = high - low
    quietest = 20 * math.log10(max(float(relative.min()), 1e-15))
    for top in (supposed[1] - supposed[0], *_TOP_DBS, high - quietest):
        if abs(width - top) < max(close, LIMITS.width * top):
            width = top
            break
    return high - width, high


def as_facts(
    known: Calibration,
    facts: Complete,
    steps: list[tuple[Change, Trial, Trial]],
    trial: Trial,
    proven: bool,
    *,
    decibels: bool = True,
) -> tuple[dict[str, Fact], tuple[str, ...]]:
    """The facts that the original found, and what to say of them.

    decibels : whether levels are those of cells, to which nothing was added.
    """
    if not proven:
        return {}, ()
    sure = trial.crisp >= LIMITS.sure and trial.exact >= LIMITS.proven
    agrees = trial.score >= LIMITS.agreed and trial.exact >= LIMITS.confirmed
    found: dict[str, Fact] = {}
    said, new = [], list[str]()
    changes: dict[str, tuple[Any, Trial, Trial]] = {}
    for change, before, after in steps:
        changes.update({name: (value, before, after) for name, value in change.items()})
    for name in _FOUND:
        value, old = getattr(facts, name), known.facts.get(name)
        if name.startswith("mel") and facts.freq_scale != "mel":
            continue
        if value is None or (old is not None and old.source in ("given", *FILES)):
            continue
        is_new = old is None or not _same(old.value, value)
        if is_new and name in changes and old is not None and name != _PLACE:
            _, before, after = changes[name]
            said.append(
                f"{name} {_show(value)}: drawn with it, the sound gives {after.exact:.1%} of the pixels exactly, with "
                f"{_show(old.value)} {before.exact:.1%}"
            )
            new.append(name)
        doubted = old is None or old.source == "assumed" or old.confidence < _BELIEVED or old.source == "original"
        confirmed = agrees and old is not None and old.source == "assumed"
        if is_new or confirmed or (sure and doubted):
            note = f"redrawn, {trial.exact:.1%} of the pixels agree exactly"
            found[name] = Fact(value, "original", 0.99 if sure else 0.7 if agrees else 0.4, note)
    if new and not agrees:
        said.append(f"that is too little to be sure of {listed(new)}: give what you know about the drawing")
    if "db_range" in found and decibels:
        said += _unusual(facts.db_range)
    return found, tuple(said)


def _unusual(ends: tuple[float, float]) -> list[str]:
    """A sentence on a range that nobody draws: brightness or contrast of the whole picture may have been changed."""
    lo, hi = ends
    if abs(hi) < LIMITS.round and abs(hi - lo - round(hi - lo)) < LIMITS.round:
        return []
    return [
        f"the colours span {lo:.1f} to {hi:.1f} dB, as if brightness or contrast of the whole picture had been "
        "changed. That is not applied as an edit; to hear it, give --db-range as it was drawn"
    ]


def louder(known: Calibration, facts: Complete, gain: float) -> tuple[Complete, dict[str, Fact], tuple[str, ...]]:
    """`facts` of an original `gain` dB louder than the stated reference says, that reference, and what to say."""
    spec, stated = FACTS["ref"], facts.ref
    if not gain or stated is None:
        return facts, {}, ()
    ref = stated * 10 ** (gain / 20)
    if not spec.low <= ref <= spec.high:
        return facts, {}, ()
    fact = Fact(ref, "original", 0.9, f"the picture says {stated:g}, and its original is at another level")
    return facts._replace(ref=ref), {"ref": fact}, (level.said(gain, stated, known.facts["ref"].source),)


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float | int) and isinstance(b, float | int):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)
    return bool(a == b)


def _show(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(_show(part) for part in value)
    return f"{value:g}" if isinstance(value, float) else str(value)

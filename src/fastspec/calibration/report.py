"""A calibration as a table that a person understands, and as the command that uses it."""

from __future__ import annotations

import shlex
import textwrap
from typing import Any

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS, NEEDED, REPORTED, shortened

_OPTIONS = {
    "profile": "--profile",
    "sr": "--sr",
    "n_fft": "--n-fft",
    "hop_length": "--hop-length",
    "win_length": "--win-length",
    "window": "--window",
    "duration": "--duration",
    "freq_scale": "--freq-scale",
    "n_mels": "--n-mels",
    "fmin": "--fmin",
    "fmax": "--fmax",
    "cmap": "--cmap",
    "db_range": "--db-range",
    "channels": "--channels",
    "channel_layout": "--channel-layout",
    "plot_area": "--crop",
}
_WHERE = {
    "given": "given by you",
    "embedded": "in the file",
    "pixels": "from the pixels",
    "profile": "from the profile",
    "assumed": "only assumed",
}


def as_table(cal: Calibration, name: str) -> str:
    """A report on the picture `name`: every fact with value, source, confidence and what goes wrong if it is wrong."""
    picture = cal.picture
    lines = [f"{name}: {picture.get('width')} x {picture.get('height')} {picture.get('format', 'pixels')}".rstrip()]
    software = picture.get("software")
    if software:
        lines[0] += f", by {software}"
    names = [n for n in REPORTED if n in cal] + [n for n in cal if n not in REPORTED]
    rows = [
        (n, _value(n, cal), _WHERE[cal.facts[n].source], f"{cal.facts[n].confidence:.0%}", FACTS[n].if_wrong)
        for n in names
    ]
    header = ("fact", "value", "source", "sure", "if wrong")
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(4)]
    for row in [header, *rows]:
        cells = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False))
        lines.append(f"  {cells}  {row[4]}".rstrip())
    for remark in cal.remarks:
        lines += textwrap.wrap(remark, 110, initial_indent="note: ", subsequent_indent="      ", break_on_hyphens=False)
    guessed = [n for n in NEEDED if cal.source(n) == "assumed"]
    if guessed:
        lines.append(f"not known, only assumed: {', '.join(guessed)}")
    if "doubt" in cal.picture:
        lines += ["to decode it all the same:", f"  {decode_command(cal, name)} --force"]
    else:
        lines += ["to decode it:", f"  {decode_command(cal, name)}"]
    return "\n".join(lines)


def decode_command(cal: Calibration, name: str) -> str:
    """The `fastspec decode` command that uses just these facts; an embedded calibration needs no option."""
    words = ["fastspec", "decode", name]
    for fact_name, option in _OPTIONS.items():
        fact = cal.facts.get(fact_name)
        if fact is None or (fact.source in ("embedded", "profile") and fact_name != "profile"):
            continue
        if fact.follows == "profile":  # naming the profile brings it back
            continue
        if fact_name == "profile" and fact.source == "embedded":
            continue
        if fact_name == "plot_area" and fact.source == "assumed":
            continue
        if fact_name == "win_length" and fact.value == cal.get("n_fft"):
            continue
        values = fact.value if isinstance(fact.value, tuple) else (fact.value,)
        words += [option, *(f"{v:.10g}" if isinstance(v, float) else str(v) for v in values)]
    return shlex.join(words)


def _value(name: str, cal: Calibration) -> str:
    shown, other = _shown(name, cal[name]), cal.facts[name].alternative
    return shown if other is None else f"{shown} (or {_shown(name, other)})"


def _shown(name: str, value: Any) -> str:
    unit = {"sr": " Hz", "duration": " s", "fmin": " Hz", "fmax": " Hz", "db_range": " dB"}.get(name, "")
    if isinstance(value, tuple):
        return ", ".join(f"{v:g}" for v in value) + unit
    if isinstance(value, float):
        return f"{value:.6g}{unit}"
    return shortened(f"{value}{unit}")

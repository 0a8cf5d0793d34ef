"""A calibration as a table that a person understands, and as the command that uses it."""

from __future__ import annotations

import textwrap
from typing import Any

from fastspec._text import printable, shell_word
from fastspec.calibration import defaults, trust
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS, FILES, NEEDED, REPORTED, Fact, shortened
from fastspec.errors import listed

# the facts that a command needs, the ones that people ask for first; an option is a fact's name
_COMMAND = (
    "profile", "sr", "n_fft", "hop_length", "win_length", "window", "duration", "freq_scale", "freq_edges", "origin",
    "n_mels", "mel_htk", "mel_norm", "mel_power", "n_bins", "bins_per_octave", "fmin", "fmax", "cmap", "level_kind",
    "level_exponent", "db_range", "db_center", "channels", "channel_layout", "panel", "plot_area",
)  # fmt: skip
_UNITS = {"sr": " Hz", "duration": " s", "fmin": " Hz", "fmax": " Hz", "db_range": " dB", "db_center": " dB"}
_LENGTHS = ("n_fft", "hop_length")
_WHERE = {
    "given": "given by you",
    "original": "from the original",
    "embedded": "in the file",
    "sidecar": "from the sidecar {sidecar}",
    "like": "from {like}",
    "pixels": "from the pixels",
    "profile": "from the profile",
    "assumed": "only assumed",
}


def as_table(cal: Calibration, name: str) -> str:
    """A report on the picture `name`: every fact with value, source, confidence and what goes wrong if it is wrong."""
    picture = cal.picture
    size = f"{picture.get('width')} x {picture.get('height')} {picture.get('format', 'pixels')}"
    lines = [f"{printable(name)}: {size}".rstrip()]
    software = picture.get("software")
    if software:
        lines[0] += f", by {printable(software)}"
    if "rows" in picture:
        lines[0] += f", {picture['rows']} rows of equal height"
    names = [n for n in REPORTED if n in cal] + [n for n in cal if n not in REPORTED]
    rows = [(n, _value(n, cal), _where(cal, n), f"{cal.facts[n].confidence:.0%}", FACTS[n].if_wrong) for n in names]
    header = ("fact", "value", "source", "sure", "if wrong")
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(4)]
    for row in [header, *rows]:
        cells = "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=False))
        lines.append(f"  {cells}  {row[4]}".rstrip())
    for remark in cal.remarks:
        lines += textwrap.wrap(
            printable(remark), 110, initial_indent="note: ", subsequent_indent="      ", break_on_hyphens=False
        )
    guessed = [n for n in NEEDED if cal.source(n) == "assumed"]
    if guessed:
        lines.append(f"not known, only assumed: {', '.join(guessed)}")
    to_give = (*trust.doubts(cal), *(name for name in _LENGTHS if name in cal and _is_default(name, cal.facts[name])))
    if to_give:
        lines.append(f"the sound depends on {listed(to_give)}: replace what ends in ? by what you know")
    if "doubt" in cal.picture:
        lines += ["to decode it anyway:", f"  {decode_command(cal, name)} --force"]
    else:
        lines += ["to decode it:", f"  {decode_command(cal, name)}"]
    return "\n".join(lines)


def decode_command(cal: Calibration, name: str) -> str:
    """The `fastspec decode` command that uses just these facts; an embedded calibration needs no option.

    It holds no guess: what is only assumed is left out, and what the sound hangs on stands as `--duration SECONDS?`,
    to be replaced; so do n_fft and hop_length where nothing tells them, by which it grows rough.
    """
    words = ["fastspec", "decode", shell_word(name)]
    unknown = trust.doubts(cal)
    for told in ("original", "like"):
        if told in cal.picture:
            words += [f"--{told}", shell_word(str(cal.picture[told]))]
    for fact_name in _COMMAND:
        option = "--crop" if fact_name == "plot_area" else f"--{fact_name.replace('_', '-')}"
        fact = cal.facts.get(fact_name)
        if fact_name == "level_kind" and "db_range" in unknown:
            continue  # whoever gives decibels says what levels are
        if fact_name in unknown:
            words += [option, *trust.PLACEHOLDERS[fact_name].split()]
        elif fact is not None and _is_default(fact_name, fact):
            words += [option, "SAMPLES?"]
        elif fact is not None and _is_needed(fact_name, fact, cal):
            values = fact.value if isinstance(fact.value, tuple) else (fact.value,)
            if isinstance(fact.value, bool):
                words.append(option if fact.value else f"--no-{option[2:]}")
                continue
            words += [option, *(f"{v:.10g}" if isinstance(v, float) else shell_word(str(v)) for v in values)]
    return " ".join(words)


def _where(cal: Calibration, name: str) -> str:
    """Where a fact comes from."""
    names = {told: printable(cal.picture.get(told, "")) for told in ("sidecar", "like")}
    return _WHERE[cal.facts[name].source].format(**names)


def _is_default(name: str, fact: Fact) -> bool:
    """Whether it is a length in samples of which nothing is known: a guess of it roughens the sound."""
    return name in _LENGTHS and fact.source == "assumed" and fact.confidence <= defaults.CONFIDENCE


def _is_needed(name: str, fact: Fact, cal: Calibration) -> bool:
    """Whether a command must state a fact: neither file nor profile say it, and it is no assumption."""
    if fact.source == "profile" and name == "profile":
        return True
    if fact.source in (*FILES, "profile", "assumed") or fact.follows == "profile":  # naming the profile is enough
        return False
    if name in ("freq_edges", "origin", "level_kind") and fact.source not in ("given", "original"):
        return False  # read again
    if name == "cmap" and cal.source("cmap_table") == "pixels":
        return False  # likewise; its table has no name
    if name == "plot_area" and fact.value == (0, 0, cal.picture.get("width"), cal.picture.get("height")):
        return False  # nothing is cut off
    return not (name == "win_length" and fact.value == cal.get("n_fft"))


def _value(name: str, cal: Calibration) -> str:
    shown, other = _shown(name, cal[name]), cal.facts[name].alternative
    return shown if other is None else f"{shown} (or {_shown(name, other)})"


def _shown(name: str, value: Any) -> str:
    unit = _UNITS.get(name, "")
    if isinstance(value, tuple):
        return ", ".join(f"{v:g}" for v in value) + unit
    if isinstance(value, float):
        return f"{value:.6g}{unit}"
    return printable(shortened(f"{value}{unit}"))

"""Judge `fastspec.inspect`: which facts it reads off pictures, which it leaves out, and which are false.

    python -m bench.quality.facts CORPUS [--draw N] [--figures N] [--seed S] [--only PATTERN] [--keep FOLDER]
                                  [--json FILE] [--markdown]

CORPUS holds audio/, pictures/ and truth.json. Every picture is inspected with nothing given; each fact is right, not
stated (its source is "assumed", or it is missing) or false. With --draw, N unseen pictures of the corpus' sounds are
drawn with random parameters, with --figures N whole figures (`bench/pictures`); --keep saves those that fail.
Tables: each picture of the corpus; right/not stated/false of each kind and damage, with the processor time of
`inspect`; confidence against the share that is right; the false facts. Exit code 1 where fewer than 95 % of the colour
maps, of scale, rate and FFT length on log axes, and of the profiles of SoX, ffmpeg and Riffusion are right, on the
corpus or on the drawings, or where a fact stated with more than .9 from the pixels or the file is false. What a
picture cannot show (`Drawing.excused`) is not asked for, but must not be stated falsely either.
"""

from __future__ import annotations

import argparse
import fnmatch
import itertools
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from PIL import Image

import fastspec
from bench import pictures
from bench.pictures import Drawing
from bench.pictures.damage import spoil
from bench.quality.text_table import text_table
from fastspec.colours import colormap

LEAST, SURE = 0.95, 0.9
ISSUE_PROFILES = ("sox", "ffmpeg", "riffusion")
COLUMNS = ("cmap", "freq_scale", "sr", "n_fft", "n_mels", "freq_edges", "profile", "plot_area", "duration", "db_range")
BINS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 1.001)
RIGHT, SILENT, FALSE = "right", "not stated", "FALSE"


@dataclass(frozen=True)
class Said:
    """One fact: what was stated, and whether that is right."""

    name: str
    verdict: str
    value: Any = None
    truth: Any = None
    confidence: float = 0.0
    source: str = ""
    asked: bool = False
    issue: bool = False
    note: str = ""

    @property
    def sure(self) -> bool:
        """Read off the picture itself with more than `SURE`."""
        return self.source in ("pixels", "embedded") and self.confidence > SURE


@dataclass(frozen=True)
class Judged:
    """One picture: its facts, whether it was doubted or refused, and the processor time of `inspect`."""

    drawing: Drawing
    said: tuple[Said, ...] = ()
    seconds: float = 0.0
    refused: str = ""


# What is right ----------------------------------------------------------------------------------------------------


def same_map(name: str, true: str) -> bool:
    """Two names of one table, such as gray, gist_gray and Riffusion's, or binary and gray_r, say the same of every
    pixel: either is right. Rounding puts some entries one off; so do tables of other lengths."""
    if name == true:
        return True
    tables = []
    for one in (name, true):
        table = np.asarray(colormap.get(one.replace("gray8", "gray")).table, float)
        table = np.repeat(table[:, None], 3, axis=1) if table.ndim == 1 else table
        at = np.linspace(0, len(table) - 1, 256)
        tables.append(np.stack([np.interp(at, np.arange(len(table)), channel) for channel in table.T]))
    return bool(np.abs(tables[0] - tables[1]).max() <= 1.5)


def _same_range(value: Any, true: Any) -> bool:
    """To half a decibel, or a hundredth of the range. Where truth.json tells `top_db` only ("at least"), the map
    begins at the quietest cell, which may lie above: any such range is right if its top is."""
    low, high = true[:2]
    slack = max(0.5, 0.01 * (high - low))
    if len(true) == 3:
        return bool(abs(value[1] - high) <= slack and low - slack <= value[0] < high - 20)
    return bool(abs(value[0] - low) <= slack and abs(value[1] - high) <= slack)


_RULES: dict[str, Callable[[Any, Any], bool]] = {
    "cmap": same_map,
    "db_range": _same_range,
    # the end of the axis and of the sound may be a frame apart
    "duration": lambda value, true: abs(value / true - 1) <= 0.01,
    "plot_area": lambda value, true: max(abs(a - b) for a, b in zip(value, true, strict=True)) <= 1,
    # zero is said of sides that are not known; the area itself may be a pixel off
    "plot_offsets": lambda value, true: all(
        v == 0 or abs((v - t + 0.5) % 1 - 0.5) <= 0.3 for v, t in zip(value, true, strict=True)
    ),
    # only a legend tells the levels of "ffmpeg-sqrt" and so on; what must be read is the tool
    "profile": lambda value, true: value == true or (value == "ffmpeg" and true.startswith("ffmpeg-")),
    "fmin": lambda value, true: abs(value - true) < 1.0,
    "fmax": lambda value, true: abs(value / true - 1) < 0.01,
}


def is_right(name: str, value: Any, true: Any) -> bool:
    """Whether this value of the fact `name` is right."""
    rule = _RULES.get(name)
    return bool(rule(value, true) if rule else value == true)


def in_issue(name: str, drawing: Drawing) -> bool:
    """Whether the 95 % are promised of this fact."""
    scale = drawing.truth.get("freq_scale")
    if name == "profile":
        return str(drawing.truth["profile"]).startswith(ISSUE_PROFILES)
    if name == "cmap":
        return True
    return name in ("freq_scale", "sr", "n_fft") and scale == "log" and "n_fft" in drawing.truth


def judge(drawing: Drawing) -> Judged:
    """Inspect one picture, told nothing."""
    start = time.process_time()
    facts: dict[str, fastspec.Fact] = {}
    try:
        cal = fastspec.inspect(drawing.path)
        refused, facts = str(cal.picture.get("doubt", "")), dict(cal.facts)
    except fastspec.FastspecError as error:
        refused = str(error)
    seconds = time.process_time() - start
    said = []
    for name, true in drawing.truth.items():
        asked = name in drawing.asked and name not in drawing.excused
        issue = asked and in_issue(name, drawing)
        fact = facts.get(name)
        # "chosen": how fastspec will analyse the sound where the picture has no frames, no claim about the picture
        if fact is None or fact.source == "assumed" or fact.note.startswith("chosen"):
            said.append(Said(name, SILENT, truth=true, asked=asked, issue=issue))
            continue
        verdict = RIGHT if is_right(name, fact.value, true) else FALSE
        said.append(Said(name, verdict, fact.value, true, fact.confidence, fact.source, asked, issue, fact.note))
    return Judged(drawing, tuple(said), seconds, refused)


# The corpus -------------------------------------------------------------------------------------------------------


def corpus_drawings(corpus: Path, only: str) -> Iterator[Drawing]:
    """The pictures of truth.json."""
    told = json.loads((corpus / "truth.json").read_text())
    for name in sorted(told):
        if fnmatch.fnmatch(name, only):
            yield _of_corpus(corpus, name, told[name])


def _of_corpus(corpus: Path, name: str, told: dict[str, Any]) -> Drawing:
    path = corpus / "pictures" / name
    names = {"scale": "freq_scale", "edges": "freq_edges", "hop": "hop_length"}
    kept = ("sr", "n_fft", "scale", "edges", "hop", "n_mels", "cmap", "profile", "duration")
    truth = {names.get(key, key): value for key, value in told.items() if key in kept}
    if "db" in told:
        truth["db_range"] = (*told["db"], "at least")[: 2 if "profile" in told else 3]
    excused: dict[str, str] = {}
    profile = told.get("profile", "librosa-0.8" if told.get("edges") == "librosa<0.9" else "librosa")
    truth["profile"] = profile
    if profile.startswith("librosa") and truth.get("n_fft"):
        sound = soundfile.info(corpus / "audio" / f"{told['audio']}.flac")
        truth["n_frames"] = 1 + sound.frames // told["hop"]
    if profile == "riffusion":
        # Its bands are in Hz, whatever the rate; the EXIF's rate is that of the sound to be made, which truth.json's,
        # that of the sound before, does not contradict.
        truth.pop("sr")
    asked = {"cmap", "freq_scale", "freq_edges", "profile"} & truth.keys()
    if profile.startswith("librosa"):
        asked -= {"profile"}  # librosa leaves no mark
        asked |= {"log": {"sr", "n_fft"}, "mel": {"sr", "n_mels"}, "linear": {"n_fft"}}.get(told["scale"], set())
    if told.get("figure") and profile != "ffmpeg":
        asked -= {"n_fft", "freq_edges"} if told["scale"] == "linear" else set()  # fewer rows than bins
        asked |= {"sr", "duration"} | ({"db_range"} if "cmap" in told else set())
    kind = name.partition("_")[0]
    damage = "jpeg" if name.endswith("jpg") else "noise" if "noise" in name else "clean"
    return Drawing(path, kind, truth, frozenset(asked), "", damage, excused)


# Tables -----------------------------------------------------------------------------------------------------------


def _show(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ",".join(_show(item) for item in value)
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _sure(confidence: float) -> str:
    return f"{confidence:.2f}".removeprefix("0")


def picture_table(rows: Iterable[Judged], markdown: bool) -> str:
    """Every picture with every fact: the value and how sure, "-" for not stated, FALSE with the truth."""
    body = []
    for row in rows:
        by_name = {s.name: s for s in row.said}
        cells = [row.drawing.path.name]
        for name in COLUMNS:
            s = by_name.get(name)
            if s is None or (s.verdict == SILENT and not s.asked):
                cells.append("")
            elif s.verdict == SILENT:
                cells.append("-")
            else:
                false = f"FALSE, is {_show(s.truth)}: " if s.verdict == FALSE else ""
                cells.append(f"{false}{_show(s.value)} {_sure(s.confidence)}")
        body.append([*cells, row.refused[:40]])
    return text_table(["picture", *COLUMNS, "doubt"], body, markdown)


def _counts(said: Iterable[Said]) -> str:
    verdicts = [s.verdict for s in said]
    return "/".join(str(verdicts.count(v)) for v in (RIGHT, SILENT, FALSE)) if verdicts else ""


def totals(rows: list[Judged], group: Callable[[Judged], str], markdown: bool) -> str:
    """right/not stated/false of what was asked, a row for each group, and the time of `inspect`."""
    body = []
    for name in [*sorted({group(row) for row in rows}), "all"]:
        some = [row for row in rows if name in ("all", group(row))]
        asked = [s for row in some for s in row.said if s.asked]
        times = [1000 * row.seconds for row in some]
        body.append(
            [f"{name} ({len(some)})"]
            + [_counts(s for s in asked if s.name == column) for column in COLUMNS]
            + [str(sum(bool(row.refused) for row in some)), f"{statistics.median(times):.0f}, {max(times):.0f}"]
        )
    return text_table(["right/not/FALSE", *COLUMNS, "doubted", "ms median, max"], body, markdown)


def calibration(rows: list[Judged], markdown: bool) -> str:
    """For each bin of confidence how many facts were stated from the pixels or the file, and how many are right."""
    body = []
    said = [s for row in rows for s in row.said if s.verdict != SILENT]
    for low, high in itertools.pairwise(BINS):
        line = [f"{low:.2f} - {min(high, 1):.2f}"]
        for sources in (("pixels", "embedded"), ("profile",)):
            some = [s for s in said if s.source in sources and low < s.confidence <= high]
            right = sum(s.verdict == RIGHT for s in some)
            line.append(f"{right} of {len(some)} = {right / len(some):.1%}" if some else "")
        body.append(line)
    return text_table(["confidence", "pixels, file: right", "profile: right"], body, markdown)


def falsehoods(rows: list[Judged], only_sure: bool) -> list[str]:
    """A line for each false fact, the surest first."""
    some = [(s, row) for row in rows for s in row.said if s.verdict == FALSE and (s.sure or not only_sure)]
    some.sort(key=lambda pair: -pair[0].confidence)
    return [
        f"  {row.drawing.path.name}: {s.name} {_show(s.value)} {s.confidence:.2f} ({s.source}: {s.note}), "
        f"is {_show(s.truth)} [{row.drawing.kind}, {row.drawing.damage}, {row.drawing.how}]"
        for s, row in some
    ]


def unread(rows: list[Judged]) -> list[str]:
    """A line for each picture with promised facts that were not stated, or that is doubted."""
    lines = []
    for row in rows:
        missing = [f"{s.name} (is {_show(s.truth)})" for s in row.said if s.issue and s.verdict == SILENT]
        if missing or row.refused:
            doubt = f"doubted: {row.refused}; " if row.refused else ""
            what = f"{doubt}not stated: {', '.join(missing) or 'nothing'}"
            lines.append(f"  {row.drawing.path.name}: {what} [{row.drawing.damage}, {row.drawing.how}]")
    return lines


def report(title: str, rows: list[Judged], markdown: bool, each: bool) -> list[str]:
    """Print all tables of one set of pictures; what is missed."""
    if not rows:
        return []
    heading = f"## {title}: {len(rows)} pictures\n" if markdown else f"{title}: {len(rows)} pictures\n"
    print(heading)
    if each:
        print(picture_table(rows, markdown))
    print(totals(rows, lambda row: row.drawing.kind, markdown))
    print(totals(rows, lambda row: row.drawing.damage, markdown))
    print(calibration(rows, markdown))
    excused = [reason for row in rows for n, reason in row.drawing.excused.items() if n in row.drawing.asked]
    counted = ", ".join(f"{excused.count(reason)} {reason}" for reason in sorted(set(excused)))
    print(f"not asked for: {counted or 'nothing'}\n")
    parts = (("not stated", unread(rows)), ("false", falsehoods(rows, only_sure=False)))
    for name, lines in parts:
        print(f"{name}: {len(lines)}", *lines, "", sep="\n")
    promised = [s for row in rows for s in row.said if s.issue]
    right = sum(s.verdict == RIGHT for s in promised)
    missed = []
    if promised:
        print(f"promised facts: {right} of {len(promised)} are right, {right / len(promised):.1%}\n")
        if right < LEAST * len(promised):
            missed.append(f"{title}: {right / len(promised):.1%} of the promised facts are right, not {LEAST:.0%}")
    wrong = falsehoods(rows, only_sure=True)
    if wrong:
        print(f"stated with more than {SURE} and false: {len(wrong)}", *wrong, "", sep="\n")
        missed.append(f"{title}: {len(wrong)} facts stated with more than {SURE} are false")
    return missed


def judged(some: Iterable[Drawing | None], keep: Path | None) -> list[Judged]:
    """Judge each picture as it is drawn; those that fail are copied to `keep`, all others deleted unless they stay."""
    rows = []
    for drawing in some:
        if drawing is None:  # its tool is not installed
            continue
        row = judge(drawing)
        rows.append(row)
        if keep and (row.refused or any(s.verdict == FALSE or (s.issue and s.verdict == SILENT) for s in row.said)):
            keep.mkdir(parents=True, exist_ok=True)
            shutil.copy(drawing.path, keep)
    return rows


def _warm_up(sounds: pictures.Sounds, place: Path) -> None:
    """Compile and load what only the first pictures wait for: clean, damaged, with axes."""
    figure = pictures.figure(sounds, place, 0, 0).path
    noisy, _ = spoil(np.random.default_rng(0), figure.read_bytes(), "noise", place / "first")
    area = place / "cut.png"
    with Image.open(noisy) as image:
        image.crop((200, 100, image.width - 200, image.height - 100)).save(area)
    for path in (figure, noisy, area):
        fastspec.inspect(path)


def main() -> int:
    parser = argparse.ArgumentParser(description="Judge the facts that fastspec.inspect reads off pictures.")
    parser.add_argument("corpus", type=Path, metavar="CORPUS")
    parser.add_argument("--draw", type=int, default=0, metavar="N", help="draw and judge N unseen pictures")
    parser.add_argument("--figures", type=int, default=0, metavar="N", help="draw and judge N whole figures")
    parser.add_argument("--first", type=int, default=0, metavar="K", help="begin with picture K of the series")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the drawings")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="pictures of the corpus whose name matches")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="save the pictures that fail here")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all verdicts here")
    parser.add_argument("--markdown", action="store_true", help="tables in Markdown")
    args = parser.parse_args()
    sounds = pictures.load_sounds(args.corpus)
    numbers = (range(args.first, args.first + args.draw), range(args.first, args.first + args.figures))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _warm_up(sounds, place)
        sets = {
            "Corpus": judged(corpus_drawings(args.corpus, args.only), None),
            "Drawings": judged((pictures.draw(sounds, place, args.seed, n) for n in numbers[0]), args.keep),
            "Figures": judged((pictures.figure(sounds, place, args.seed, n) for n in numbers[1]), args.keep),
        }
        missed = [m for title, rows in sets.items() for m in report(title, rows, args.markdown, title == "Corpus")]
    if args.json:
        args.json.write_text(
            json.dumps({title: [_plain(row) for row in rows] for title, rows in sets.items()}, indent=1)
        )
    print(*missed, sep="\n", file=sys.stderr)
    return 1 if missed else 0


def _plain(row: Judged) -> dict[str, Any]:
    d = row.drawing
    said = [{**vars(s), "value": _show(s.value), "truth": _show(s.truth)} for s in row.said]
    about = {"name": d.path.name, "kind": d.kind, "damage": d.damage, "how": d.how, "excused": d.excused}
    return {**about, "seconds": row.seconds, "doubt": row.refused, "said": said}


if __name__ == "__main__":
    sys.exit(main())

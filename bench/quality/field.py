"""Judge `inspect` and `decode` on pictures as people make them: arrays, gray, specgrams, counted axes, levels, JPEG.

    python -m bench.quality.field CORPUS [--count 200] [--seed S] [--only KIND] [--decode] [--jobs N] [--first K]
                                  [--keep FOLDER] [--json FILE] [--markdown]
    python -m bench.quality.field --made DIR

CORPUS holds audio/. Pictures are drawn at random (`bench/pictures/field`, a file a kind) and inspected with nothing
given. Tables: facts that are right, assumed or not stated, and FALSE, of each kind, promised ones apart; confidence
against the share that is right, by source; what was promised and missed; what was false. --decode decodes each picture
with what a person knows of it and compares the sound with that of the array itself (`field_bound.py`): the share that
comes within 1 dB of held-out SC or .02 of STOI. --made judges a folder of pictures with a truth.json of facts, and
NAME.wav beside each. Exit code 1 where fewer than 95 % of the promised facts are right ("cmap" up to its direction), or
where one that was stated with more than .9 from the pixels or the file is false.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import math
import multiprocessing
import shutil
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile

import fastspec
from bench import pictures
from bench.pictures import field
from bench.pictures.field import FieldDrawing
from bench.quality import field_bound
from bench.quality.facts import BINS, FALSE, LEAST, RIGHT, SILENT, SURE, Said, is_right
from bench.quality.text_table import text_table
from fastspec.colours import user_tables

SOURCES = ("pixels", "embedded", "profile", "assumed")
_SURE_OF_ROWS = 0.9  # a picture's number of rows is described only where it is as sure as that
_CLOSE_TABLES = 12.0  # of 255, rms: a map read off a bar, JPEG included
# of the pictures of a folder, those whose mel bands are sums of amplitude, which their facts do not say
BANDS_OF_AMPLITUDE = frozenset({"frames_and_channels", "frames_unlabelled_gray"})


@dataclass(frozen=True)
class Row:
    """One picture: its facts, and the figures of its sound and of the array's (held-out SC in dB, STOI)."""

    name: str
    kind: str
    how: str
    said: tuple[Said, ...]
    promised: tuple[Said, ...]
    doubt: str = ""
    lossy: str = ""
    got: tuple[float, float] | None = None
    best: tuple[float, float] | None = None
    error: str = ""


def same_colours(facts: Mapping[str, Any], true: str) -> bool:
    """Whether the map that was stated is the true one: by its name, or by its table where it has none."""
    name = str(facts["cmap"])
    if "cmap_table" in facts and true.endswith(".csv"):
        table = np.asarray(user_tables.from_text(facts["cmap_table"])[1], float)[:, :3]
        told = np.loadtxt(true, delimiter=",")
        at = np.linspace(0, len(table) - 1, len(told))
        read = np.stack([np.interp(at, np.arange(len(table)), channel) for channel in table.T], axis=1)
        return bool(np.sqrt(np.mean((read - told) ** 2)) <= _CLOSE_TABLES)
    if true.endswith(".csv") or "cmap_table" in facts:
        return False
    return is_right("cmap", name, true)


def turned(name: str) -> str:
    """The map's name reversed."""
    return name.removesuffix("_r") if name.endswith("_r") else f"{name}_r"


def stated(cal: fastspec.Calibration, name: str) -> fastspec.Fact | None:
    """The fact, "rows" being whichever of them counts the rows, and "reading" colours and origin together."""
    if name == "reading":
        some = cal.picture.get("readings")
        if some:
            facts = some[0]["facts"]
            pair = facts.get("cmap", cal.get("cmap")), facts.get("origin", cal.get("origin"))
            return fastspec.Fact(pair, "pixels", float(some[0]["probability"]), "the likeliest reading")
        both = [cal.facts.get("cmap"), cal.facts.get("origin")]
        if None in both:
            return None
        known = [fact for fact in both if fact is not None]
        source = "assumed" if any(fact.source == "assumed" for fact in known) else "pixels"
        return fastspec.Fact(tuple(f.value for f in known), source, min(f.confidence for f in known))
    if name != "rows":
        return cal.facts.get(name)
    if "rows" in cal.picture:
        return fastspec.Fact(cal.picture["rows"], "pixels", _SURE_OF_ROWS, "rows of equal height")
    for count in ("n_mels", "n_bins", "shown_n_fft", "n_fft"):
        fact = cal.facts.get(count)
        if fact is not None and fact.source != "assumed" and not fact.note.startswith("chosen"):
            return fact
    return None


def is_true(cal: fastspec.Calibration, name: str, value: Any, true: Any, frame: float = 0.0) -> bool:
    """Whether the stated value is right; of a duration, to within a `frame` of so many seconds, or a hundredth."""
    if name == "cmap":
        return same_colours(cal, str(true))
    if name == "rows":
        return value in (true, 2 * true, 2 * (true - 1)) if "rows" not in cal.picture else value == true
    if name == "reading":
        return is_right("cmap", value[0], true[0]) and value[1] == true[1]
    if name == "n_fft" and "shown_n_fft" in cal:
        value = cal["shown_n_fft"]
    if isinstance(true, tuple) and name == "profile":
        return value in true
    if name == "duration" and abs(value - true) <= frame:  # the end of the axis and of the sound may be a frame apart
        return True
    return is_right(name, value, true)


def is_kept(cal: fastspec.Calibration, name: str, value: Any, true: Any, frame: float = 0.0) -> bool:
    """Whether a promise is kept: colours up to their direction; of readings, the true one is among those named."""
    if is_true(cal, name, value, true, frame):
        return True
    if name == "cmap" and not str(true).endswith(".csv") and "cmap_table" not in cal:
        return is_right("cmap", str(value), turned(str(true)))  # a tool's own map may have no reverse
    if name == "reading":
        named = [r["facts"] for r in cal.picture.get("readings", ())]
        pairs = [(r.get("cmap", cal.get("cmap")), r.get("origin", cal.get("origin"))) for r in named]
        return any(is_right("cmap", c, true[0]) and o == true[1] for c, o in pairs)
    return False


def judge(made: FieldDrawing, decode: bool) -> Row:
    """Inspect one picture, told nothing; decode it, told what a person knows."""
    drawing = made.drawing
    about = drawing.path.name, drawing.kind, drawing.how
    try:
        cal = fastspec.inspect(drawing.path)
    except fastspec.FastspecError as error:
        promised = tuple(Said(name, SILENT, truth=drawing.truth.get(name), asked=True) for name in made.promised)
        return Row(*about, (), promised, doubt=str(error), lossy=made.lossy)
    said, promised_facts = [], []
    frame = made.table.facts["hop_length"] / made.table.sr
    for name, true in drawing.truth.items():
        fact = stated(cal, name)
        if fact is None or fact.note.startswith("chosen"):
            said.append(Said(name, SILENT, truth=true))
            kept = False
        else:
            right = is_true(cal, name, fact.value, true, frame)
            verdict = SILENT if fact.source == "assumed" else RIGHT if right else FALSE
            note = ("right" if right else "wrong") if fact.source == "assumed" else fact.note
            said.append(Said(name, verdict, fact.value, true, fact.confidence, fact.source, note=note))
            silent = fact.source == "assumed" and not (name == "reading" and cal.picture.get("readings"))
            kept = not silent and is_kept(cal, name, fact.value, true, frame)
        if name in made.promised:
            verdict = RIGHT if kept else said[-1].verdict if said[-1].verdict != RIGHT else FALSE
            promised_facts.append(Said(name, verdict, said[-1].value, true, said[-1].confidence, said[-1].source))
    sounds: dict[str, Any] = decoded(made) if decode else {}
    doubt = str(cal.picture.get("doubt", ""))
    return Row(*about, tuple(said), tuple(promised_facts), doubt, made.lossy, **sounds)


def decoded(made: FieldDrawing) -> dict[str, Any]:
    """The figures of the picture's sound with what a person knows, and of the array's."""
    what, best = made.table, field_bound.bound(made)
    try:
        y, rate = fastspec.decode(made.drawing.path, force=True, **made.given)
    except fastspec.FastspecError as error:
        return {"best": best, "error": str(error)}
    if rate != what.sr or y.ndim > 1:
        return {"best": best, "error": f"a sound of {rate} Hz and shape {y.shape}"}
    return {"best": best, "got": field_bound.figures(y, what.sound, what.sr)}


# Tables -----------------------------------------------------------------------------------------------------------


def _count(said: Iterable[Said]) -> str:
    verdicts = [s.verdict for s in said]
    return "/".join(str(verdicts.count(v)) for v in (RIGHT, SILENT, FALSE))


def kind_table(rows: list[Row], markdown: bool) -> str:
    """Each kind: promised facts, all facts, false ones that were sure, and how near its sounds come to the arrays'."""
    body = []
    for kind in [*sorted({row.kind for row in rows}), "all"]:
        some = [row for row in rows if kind in ("all", row.kind)]
        promised = [s for row in some for s in row.promised]
        share = sum(s.verdict == RIGHT for s in promised) / max(1, len(promised))
        said = [s for row in some for s in row.said]
        cells = [f"{kind} ({len(some)})", _count(promised), f"{share:.1%}", _count(said)]
        cells += [str(sum(s.verdict == FALSE and s.sure for s in said)), str(sum(bool(row.doubt) for row in some))]
        both = [row for row in some if row.best is not None]
        near = [row for row in both if row.got and row.best and field_bound.near(row.got, row.best)]
        cells.append(f"{len(near)} of {len(both)}" if both else "")
        pairs: list[tuple[float, float]]
        for pairs in ([row.got for row in both if row.got], [row.best for row in both if row.best]):
            cells.append(f"{np.median([p[0] for p in pairs]):.1f}, {_stoi(pairs)}" if pairs else "")
        body.append(cells)
    head = ["right/not stated/FALSE", "promised", "share", "all facts", f"FALSE > {SURE}", "doubted"]
    return text_table([*head, "near the bound", "SC, STOI", "bound"], body, markdown)


def _stoi(pairs: list[Any]) -> str:
    some = [p[1] for p in pairs if not math.isnan(p[1])]
    return f"{np.median(some):.3f}" if some else "-"


def fact_table(rows: list[Row], markdown: bool) -> str:
    """Each promised fact, by kind."""
    kinds = sorted({row.kind for row in rows})
    body = []
    for name in sorted({s.name for row in rows for s in row.promised}):
        some = [[s for row in rows if row.kind == kind for s in row.promised if s.name == name] for kind in kinds]
        body.append([name, *(_count(said) if said else "" for said in some)])
    return text_table(["promised", *kinds], body, markdown)


def reliability(rows: list[Row], markdown: bool) -> str:
    """For each bin of confidence and each source how many facts are right."""
    body = []
    said = [s for row in rows for s in row.said if s.source]
    for low, high in itertools.pairwise(BINS):
        line = [f"{low:.2f} - {min(high, 1):.2f}"]
        for source in SOURCES:
            some = [s for s in said if s.source == source and low < s.confidence <= high]
            right = sum(s.verdict == RIGHT or (s.verdict == SILENT and s.note == "right") for s in some)
            line.append(f"{right} of {len(some)} = {right / len(some):.0%}" if some else "")
        body.append(line)
    return text_table(["confidence", *(f"{source}: right" for source in SOURCES)], body, markdown)


def _lines(rows: list[Row], which: Callable[[Row], Iterable[Said]]) -> list[str]:
    return [
        f"  {row.name}: {s.name} {s.value} {s.confidence:.2f} ({s.source}: {s.note}), is {s.truth} [{row.how}]"
        for row in rows
        for s in which(row)
    ]


def report(rows: list[Row], markdown: bool) -> list[str]:
    """Print all tables; what is missed."""
    print(kind_table(rows, markdown), fact_table(rows, markdown), reliability(rows, markdown), sep="\n")
    missing = _lines(rows, lambda row: (s for s in row.promised if s.verdict != RIGHT))
    false = _lines(rows, lambda row: (s for s in row.said if s.verdict == FALSE))
    far = [
        f"  {row.name}: {row.error or row.got}, the array {row.best} [{row.how}; {row.lossy}]"
        for row in rows
        if row.best and not (row.got and field_bound.near(row.got, row.best))
    ]
    for title, lines in (("promised, not right", missing), ("false", false), ("far from the bound", far)):
        print(f"{title}: {len(lines)}", *lines, "", sep="\n")
    promised = [s for row in rows for s in row.promised]
    right = sum(s.verdict == RIGHT for s in promised)
    missed = []
    if promised and right < LEAST * len(promised):
        missed.append(f"{right} of {len(promised)} promised facts are right, {right / len(promised):.1%}")
    sure = _lines(rows, lambda row: (s for s in row.said if s.verdict == FALSE and s.sure))
    if sure:
        missed.append(f"{len(sure)} facts stated with more than {SURE} are false")
        print(missed[-1], *sure, sep="\n")
    return missed


# A folder of pictures with truth.json -----------------------------------------------------------------------------


def made_table(folder: Path, markdown: bool) -> str:
    """Each picture of the folder with the facts of its truth.json: its sound's figures beside the array's."""
    body = []
    for name, told in json.loads((folder / "truth.json").read_text()).items():
        path = next(p for p in (folder / f"{name}.png", folder / f"{name}.jpg") if p.exists())
        if "refuse" in told["facts"]:
            try:
                doubt = fastspec.inspect(path).picture.get("doubt", "")
            except fastspec.FastspecError as error:
                doubt = str(error)
            body.append([name, "", "", "refused" if doubt else "NOT REFUSED"])
            continue
        sound, sr = soundfile.read(folder / f"{name}.wav", dtype="float32")
        facts = {"sr": told["sr"], "duration": told["duration"], **told["facts"]}
        try:
            cal = fastspec.inspect(path, **facts)
            y, _ = fastspec.decode(path, force=True, **facts)
            got = field_bound.figures(y, sound, sr)
        except fastspec.FastspecError as error:
            body.append([name, f"{type(error).__name__}: {error}"[:60], "", "MISSED"])
            continue
        drawn = {"mel_power": 1.0, **facts} if name in BANDS_OF_AMPLITUDE else facts
        array, known = field_bound.redrawn(sound, sr, drawn)
        left, top, right, bottom = cal.get("plot_area", (0, 0, array.shape[1], array.shape[0]))
        shown = field_bound.seen(array, (bottom - top, right - left))
        best = field_bound.figures(field_bound.decode_array(shown, known, sr, len(sound)), sound, sr)
        ok = "ok" if field_bound.near(got, best) else "MISSED"
        body.append([name, f"{got[0]:.2f}, {got[1]:.3f}", f"{best[0]:.2f}, {best[1]:.3f}", ok])
    return text_table(["picture", "SC, STOI", "bound", ""], body, markdown)


# ------------------------------------------------------------------------------------------------------------------


@functools.cache
def _sounds(corpus: Path) -> pictures.Sounds:
    return pictures.load_sounds(corpus)


def one(task: tuple[Path, Path, int, int, str | None, bool, Path | None]) -> Row:
    """Draw and judge a picture; kept if it fails."""
    corpus, folder, seed, number, only, decode, keep = task
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made = field.draw(_sounds(corpus), folder, seed, number, only)
        row = judge(made, decode)
    failed = any(s.verdict != RIGHT for s in row.promised) or any(s.verdict == FALSE for s in row.said)
    if keep and failed:
        keep.mkdir(parents=True, exist_ok=True)
        shutil.copy(made.drawing.path, keep)
    made.drawing.path.unlink()
    return row


def main(arguments: list[str] | None = None) -> int:
    """Draw, judge, print."""
    parser = argparse.ArgumentParser(description="Judge fastspec on pictures as people make them.")
    parser.add_argument("corpus", type=Path, metavar="CORPUS", nargs="?")
    parser.add_argument("--made", type=Path, metavar="DIR", help="judge this folder of pictures with a truth.json")
    parser.add_argument("--count", type=int, default=200, metavar="N", help="pictures to draw")
    parser.add_argument("--first", type=int, default=0, metavar="K", help="begin with picture K of the series")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="of the drawings")
    parser.add_argument("--only", choices=list(field.KINDS), help="pictures of this kind")
    parser.add_argument("--decode", action="store_true", help="decode them, too")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="save the pictures that fail here")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all verdicts here")
    parser.add_argument("--markdown", action="store_true", help="tables in Markdown")
    args = parser.parse_args(arguments)
    if args.made:
        print(made_table(args.made, args.markdown))
    if not args.corpus:
        return 0 if args.made else parser.error("give CORPUS or --made DIR")
    with tempfile.TemporaryDirectory() as folder:
        numbers = range(args.first, args.first + args.count)
        rest = args.only, args.decode, args.keep
        tasks = [(args.corpus, Path(folder), args.seed, number, *rest) for number in numbers]
        if args.jobs > 1:
            with multiprocessing.get_context("spawn").Pool(args.jobs) as pool:
                rows = pool.map(one, tasks, chunksize=4)
        else:
            rows = [one(task) for task in tasks]
    missed = report(rows, args.markdown)
    if args.json:
        args.json.write_text(json.dumps([asdict(row) for row in rows], indent=1, default=str))
    print(*missed, sep="\n", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

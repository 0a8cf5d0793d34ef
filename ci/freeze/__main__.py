"""Freeze: does the tree of before and the tree of now give the same bits? Both are asked the same, in one run.

    python ci/freeze OLD_PYTHON NEW_PYTHON [--corpus DIR] [--field make.py] [--only PART ...] [--quick]
                     [--match REGEX] [--allow REGEX] [--work DIR] [--reuse] [--jobs N] [--time] [--rounds N]
                     [--first-call]

OLD_PYTHON and NEW_PYTHON are interpreters of two virtual environments that hold a tree each, and the same versions of
all else. Only the command line and public names are used, so modules may move. The old tree works first; the new one
gets a copy of its FFTW wisdom and must not plan anything. Parts:

inspect  every picture with nothing, something and all known, as facts, as a table and as JSON, refusals included
decode   magnitudes and waves with all facts and with none (forced where refused), every method and start, sound files
encode   pixels and embedded text of every profile and option; picture files chunk by chunk
batch    undisturbed, killed and resumed, with broken files, run again in other ways: outputs, ledgers, exit codes
help     --help of every command, the public names and what they take, profiles, the doctor's report
wrong    commands and calls that are wrong: exit code, output, message

Pictures: tests/data, some drawn by the old tree, those that --corpus and --field give, and spoiled copies in steps that
cross the thresholds. Meant to differ, and made equal before they are compared: see `differences` and `prints`.
What else is meant to differ is named by --allow, which is searched for in "part/name". Exit code 1 if anything differs.

--quick takes a quarter of the pictures and no batch. --reuse with --work takes the old tree's results of the last run
where neither it nor these scripts have changed. --time prints paired times as well, --first-call those of an empty
cache.
Not seen here: the order in which files are made durable, other machines, remote storage, Dask.
"""

from __future__ import annotations

import argparse
import fcntl
import json
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import batches
import cases
import pictures
import timing
from differences import Made, Report, between, equal_made
from pictures import Shown
from sides import Side, Task

PARTS = ("inspect", "decode", "encode", "batch", "help", "wrong")
BATCH = ("spectrogram.png", *(f"drawn/{name}" for name in ("native.png", "log.png", "mel.png", "jet.jpg")))
BATCH += ("drawn/stereo_sox.png", "drawn/audacity_mel.png", "drawn/native16.png", "drawn/bare_log.png")


def arguments() -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="freeze", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("old", metavar="OLD_PYTHON")
    parser.add_argument("new", metavar="NEW_PYTHON")
    parser.add_argument("--corpus", type=Path, metavar="DIR", help="audio/, pictures/ and truth.json")
    parser.add_argument("--field", type=Path, metavar="make.py", help="draws pictures and their truth.json")
    parser.add_argument(
        "--only", nargs="+", choices=[*PARTS, "time"], default=[], metavar="PART", help=", ".join(PARTS)
    )
    parser.add_argument("--quick", action="store_true", help="a quarter of the pictures, no batch")
    parser.add_argument("--match", default="", metavar="REGEX", help="only what matches; part/name is searched")
    parser.add_argument("--allow", action="append", default=[], metavar="REGEX", help="items that are meant to differ")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep what is drawn and computed here")
    parser.add_argument("--reuse", action="store_true", help="take the old tree's results from --work")
    parser.add_argument("--jobs", type=int, default=2, help="workers of a tree (2)")
    parser.add_argument("--time", action="store_true", help="print paired times as well")
    parser.add_argument("--rounds", type=int, default=20, help="rounds of paired times (20)")
    parser.add_argument("--first-call", action="store_true", help="print the times of a first call as well")
    return parser.parse_args()


def shown_pictures(args: argparse.Namespace, old: Side, work: Path) -> tuple[list[Shown], list[str]]:
    """All pictures, or a quarter of them, and the files of a batch."""
    drawn = pictures.drawn(old, work / "pictures" / "drawn")
    found = [*pictures.of_repository(), *drawn]
    batch_of = [shown.path for shown in found if shown.name in BATCH]
    corpus = pictures.of_corpus(args.corpus) if args.corpus else []
    bases = [str(pictures.DATA / "spectrogram.png"), *(s.path for s in drawn if s.name == "drawn/bare_sox_odd.png")]
    bases += [shown.path for shown in corpus if shown.name == "figure_speech_930.png"]
    found += corpus + pictures.spoiled(old, bases, work / "pictures" / "spoiled")
    found += pictures.noisy(old, work / "pictures" / "noisy")
    if args.quick:
        found = [shown for number, shown in enumerate(found) if number % 4 == 3 or shown.name == "spectrogram.png"]
    if args.field:
        folder = work / "pictures" / ("field-quick" if args.quick else "field")
        found += pictures.of_field(args.field, old, folder, args.quick)
    return found, batch_of


def seeds(old: Side, folder: Path) -> str:
    """A folder of small files that wrong commands name."""
    (folder / "sub").mkdir(parents=True, exist_ok=True)
    (folder / "hole").mkdir(exist_ok=True)
    silence = {"source": {"name": "noise"}, "target": str(folder / "a.wav")}
    old.ask(Task("", "", "store_sound", silence))
    old.ask(Task("", "seed", "command", {"arguments": ["encode", str(folder / "a.wav"), "-o", str(folder / "a.png")]}))
    whole = (folder / "a.png").read_bytes()
    old.ask(Task("", "", "store_bare", {"path": str(folder / "a.png"), "target": str(folder / "a.png")}))
    (folder / "torn.png").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").write_bytes(b"")
    for name in ("text.png", "text.wav"):
        (folder / name).write_text("this is text\n")
    return str(folder)


def tasks_of(args: argparse.Namespace, old: Side, shown: Sequence[Shown], work: Path) -> list[Task]:
    """All that is asked of both, but for the batches."""
    sound = str((args.corpus / "audio" / "music_forest.flac").resolve()) if args.corpus else None
    profiles = old.ask(Task("", "", "profiles"))["order"]
    drawable = [name for name in profiles if "returned" in old.ask(cases.call("", "Encoder", {"profile": name}))]
    made: dict[str, Iterator[Task]] = {
        "inspect": cases.inspect(shown),
        "decode": cases.decode(shown),
        "encode": cases.encode(profiles, drawable, sound),
        "help": cases.helps(),
        "wrong": cases.wrong(seeds(old, work / "pictures" / "seeds")),
    }
    tasks = [task for part in args.parts if part in made for task in made[part] if re.search(args.match, task.title)]
    titles = [task.title for task in tasks]
    twice = sorted({title for title in titles if titles.count(title) > 1})
    if twice:
        raise SystemExit(f"these names stand twice: {', '.join(twice)}")
    return tasks


def results_of(side: Side, tasks: Sequence[Task], batch_of: Sequence[str], kept: dict[str, Any]) -> dict[str, Any]:
    """Every result by title; `kept` holds those that are known already."""
    warm = side.process(["warmup"], str(side.folder / "run"))
    if warm["exit"]:
        raise SystemExit(f"{side.name}: {warm['err']}")
    results = {task.title: kept[task.title] for task in tasks if task.title in kept}
    results |= side.run([task for task in tasks if task.title not in results])
    spread: dict[str, Any] = {}
    for task in tasks:
        result = results[task.title]
        entries = {f"{task.title} {name}": value for name, value in result.items()} if task.spread else {}
        spread |= entries or {task.title: result}
    if batch_of:
        told = kept.get("batch") or batches.run(side, batch_of)
        spread |= {f"batch/{name}": value for name, value in told.items()}
        results["batch"] = told
    side.results = results
    return spread


def compare(args: argparse.Namespace, sides: Sequence[Side], found: Sequence[dict[str, Any]]) -> bool:
    """Print a line a part and every difference; whether there is one that is not allowed."""
    made = [Made(side.about["version"], (str(side.folder), side.about["folder"])) for side in sides]
    reports = {part: Report() for part in args.parts}
    said: list[str] = []
    for title in dict.fromkeys([*found[0], *found[1]]):
        report = reports[title.partition("/")[0]]
        report.compared += 1
        absent = [side.name for side, results in zip(sides, found, strict=True) if title not in results]
        lines = [f"not there: {absent[0]}"] if absent else []
        if not absent:
            lines = between(*(equal_made(results[title], m) for results, m in zip(found, made, strict=True)))
        if lines and any(re.search(pattern, title) for pattern in args.allow):
            report.allowed += 1
        elif lines:
            report.differ += 1
            said += [f"\n--- {title}", *lines]
    print(*(report.line(part) for part, report in reports.items()), sep="\n")
    print(*said, sep="\n")
    return any(report.differ for report in reports.values())


def keep_results(old: Side, tasks: Sequence[Task], path: Path) -> None:
    """Write the old tree's results, beside those of other parts of the same tree."""
    document: dict[str, Any] = {"tree": old.tree(), "tasks": {}, "results": {}}
    if path.exists() and (last := json.loads(path.read_text()))["tree"] == document["tree"]:
        document = last
    document["tasks"] |= {task.title: repr(task) for task in tasks}
    document["results"] |= old.results
    path.write_text(json.dumps(document))


def kept_results(old: Side, tasks: Sequence[Task], path: Path, reuse: bool) -> dict[str, Any]:
    """The old tree's results of the last run, where it and the tasks are still the same."""
    if not (reuse and path.exists()):
        return {}
    last = json.loads(path.read_text())
    if last["tree"] != old.tree():
        return {}
    same = {task.title for task in tasks if last["tasks"].get(task.title) == repr(task)}
    return {title: result for title, result in last["results"].items() if title in same or title == "batch"}


def run(args: argparse.Namespace, work: Path) -> int:
    """The whole comparison, in the folder `work`."""
    old, new = (Side(name, python, work / name, args.jobs) for name, python in (("old", args.old), ("new", args.new)))
    for side in (old, new):
        print(f"{side.name}: {' '.join(f'{name} {value}' for name, value in side.about.items())}")
    strangers = [name for name in old.about if name not in ("version", "folder") and old.about[name] != new.about[name]]
    if strangers:
        print(f"the environments differ in {', '.join(strangers)}: differences may come from there")
    new.close()
    failed = False
    if args.parts:
        shown, batch_of = shown_pictures(args, old, work)
        batch_of = batch_of if "batch" in args.parts else []
        tasks = tasks_of(args, old, shown, work)
        store = work / "old.json"
        kept = kept_results(old, tasks, store, args.reuse)
        first = results_of(old, tasks, batch_of, kept)
        keep_results(old, tasks, store)
        old.close()
        new.take_wisdom(old)
        tree = new.tree()
        second = results_of(new, tasks, batch_of, {})
        if new.tree() != tree:
            print("the new tree was changed while it was asked: this comparison says nothing")
            failed = True
        failed |= compare(args, (old, new), (first, second))
        planned = [name for name, digest in new.wisdom().items() if old.wisdom().get(name) != digest]
        if planned:
            print(f"wisdom: the new tree planned transforms that the old one did not need ({', '.join(planned)})")
            failed = not any(re.search(pattern, "wisdom") for pattern in args.allow) or failed
        else:
            print("wisdom: the same files for both, unchanged")
    if args.time:
        if not args.parts:
            old.process(["warmup"], str(old.folder / "run"))
            new.take_wisdom(old)
        print()
        for line in timing.table(old, new, pictures.of_corpus(args.corpus) if args.corpus else [], args.rounds):
            print(line, flush=True)
    if args.first_call:
        print(*(timing.first_call(side) for side in (old, new)), sep="\n")
    old.close()
    new.close()
    return 1 if failed else 0


def main() -> int:
    args = arguments()
    args.time = args.time or "time" in args.only
    chosen = args.only or [part for part in PARTS if not (args.quick and part == "batch")]
    args.parts = [part for part in chosen if part != "time"]
    work = args.work.resolve() if args.work else Path(tempfile.mkdtemp(prefix="freeze-"))
    work.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    try:
        with open(work / ".lock", "w") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SystemExit(f"another run is at work in {work}; name another folder") from None
            return run(args, work)
    finally:
        print(f"{time.monotonic() - started:.0f} s")
        if args.work is None:
            shutil.rmtree(work, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

"""Compare fastspec with librosa, SciPy, torch and MKL: side by side in one process, one thread each, same work.

    python -m bench.speed.compare --json results.json [--corpus CORPUS | --audio FILE] [--only PATTERN] [--quick]

Outputs are compared before times: where they disagree the row has an error instead of a figure. Peers that are not
installed are skipped and said. CORPUS holds audio/, pictures/user_61s.png and truth.json; without it a picture is
drawn from the sound, and without a sound the clip in tests/data is repeated for 61 s. --quick takes about a minute,
with few rounds and small work. `table.py` makes the README's table of the JSON, `gate.py` judges it. Exit code 1 if a
row failed.
"""

from __future__ import annotations

import argparse
import dataclasses
import fnmatch
import importlib.metadata
import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.speed.paired import one_thread_each

if TYPE_CHECKING:
    from bench.speed.clips import Clip

LIBRARIES = ("numpy", "numba", "pyfftw", "pillow", "soundfile", "librosa", "scipy", "torch", "mkl_fft")


_VECTORS = {"avx512f": "AVX-512", "avx2": "AVX2", "avx": "AVX", "sse2": "SSE2", "neon": "NEON"}


def machine() -> dict[str, Any]:
    """What the figures depend on; nothing that names a user or a place."""
    processor = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        processor = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), processor)
    versions: dict[str, str | None] = {}
    for name in LIBRARIES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            versions[name] = None
    return {
        "processor": processor,
        "vectors": vectors(),
        "system": platform.system(),
        "python": platform.python_version(),
        "versions": versions,
    }


def vectors() -> str:
    """The widest vectors that compiled code may use, of this processor or of that which NUMBA_CPU_NAME names."""
    import os

    import llvmlite.binding as llvm

    llvm.initialize_native_target()
    named = os.environ.get("NUMBA_CPU_NAME")
    features = os.environ.get("NUMBA_CPU_FEATURES") or ("" if named else llvm.get_host_cpu_features().flatten())
    if named and not features:
        return f"as of {named}"
    has = set(features.split(","))
    return next((words for flag, words in _VECTORS.items() if f"+{flag}" in has), "no vectors")


def plan(clip: Clip, quick: bool) -> list[tuple[tuple[str, ...], Callable[[], Iterator[Any]]]]:
    """(names of the rows, what measures them) in the order of the table."""
    from bench.speed import rows_engine as engine
    from bench.speed import rows_processors, rows_reading
    from bench.speed import rows_whole as whole

    rounds = 5 if quick else 21
    slow = 3 if quick else 2  # where the peer needs seconds

    def first(seconds: int) -> Clip:
        return dataclasses.replace(clip, y=clip.y[: seconds * clip.sr]) if quick else clip

    lengths = {"pghi_1s": 1, "pghi_61s": 61, "pghi_1h": 3600}
    if quick:
        del lengths["pghi_1h"]
    return [
        *(
            ((f"iteration_{n}", f"transforms_{n}"), lambda n=n: engine.iteration(first(20), n, 3 if quick else 11))
            for n in (1024, 2048)
        ),
        *(
            ((f"iteration_{n}_avx2", f"transforms_{n}_avx2"), lambda n=n: rows_processors.avx2(first(20), n, quick))
            for n in ((1024,) if quick else (1024, 2048))
        ),
        (("stft", "istft"), lambda: engine.transforms(clip, rounds)),
        (("quality_200",), lambda: engine.quality_200(first(4), slow)),
        ((*lengths, "pghi_heap"), lambda: engine.pghi(clip, lengths, rounds)),
        (("colours",), lambda: whole.colours(clip, rounds)),
        (("picture",), lambda: whole.picture(clip, 3 if quick else 9)),
        *([] if quick else [(("picture_fast",), lambda: whole.picture(clip, 5, "fast"))]),
        (
            ("reading", "reading_planned", "reading_clean", "reading_jpeg", "reading_figure"),
            lambda: rows_reading.reading(clip, 3 if quick else 9),
        ),
        (("look", "look_png"), lambda: rows_reading.look(clip, 3 if quick else 9)),
        (("threads",), lambda: engine.threads(clip, rounds)),
        (("batch",), lambda: engine.batch(clip, 8 if quick else 256, slow)),
        (("memory",), lambda: whole.memory(500 if quick else 5000)),
        (("command",), lambda: whole.command(clip, 2 if quick else 7)),
        (("first_call",), lambda: whole.first_call(clip, 1 if quick else 3)),
        (("import",), lambda: whole.importing(3 if quick else 7)),
    ]


def measure(clip: Clip, quick: bool, only: str) -> list[Any]:
    """All rows; a failing one says why and does not hide the others."""
    from bench.speed.record import Row

    rows: list[Row] = []
    for names, make in plan(clip, quick):
        if not any(fnmatch.fnmatch(name, only) for name in names):
            continue
        start = time.perf_counter()
        found: list[Row] = []
        try:
            found.extend(make())  # keeps what came before an error
        except Exception as error:  # as above
            done = {row.name for row in found}
            reason = f"{type(error).__name__}: {error}"
            # where all required ones are done, a row against an optional peer failed
            failed = [name for name in names if name not in done] or [f"{names[0]}_peer"]
            found += [Row(name, name, error=reason) for name in failed]
        for row in found:
            print(line(row), flush=True)
        print(f"  ({time.perf_counter() - start:.0f} s)", file=sys.stderr, flush=True)
        rows += found
    return rows


def line(row: Any) -> str:
    """One row as a line of text."""
    if row.error is not None:
        return f"{row.name:22} FAILED {row.error}"
    parts = [f"{row.name:22} {row.ours:10.3f} {row.unit}"]
    if row.theirs is not None:
        parts.append(f"{row.peer}: {row.theirs:.3f}")
    if row.ratio is not None:
        parts.append(f"ratio {row.ratio.median:.2f} [{row.ratio.low:.2f}, {row.ratio.high:.2f}] x{row.ratio.rounds}")
    parts += [f"{key} {a:.2f} -> {b:.2f}" for key, (a, b) in row.quality.items()]
    if row.met is not None:
        parts.append("met" if row.met else f"MISSED ({row.wanted[1]} {row.wanted[2]:g})")
    return "; ".join([*parts, *filter(None, [row.note])])


def main() -> int:
    one_thread_each()
    parser = argparse.ArgumentParser(description="Compare fastspec with its peers, side by side.")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--audio", type=Path, metavar="FILE", help="the sound to work on")
    source.add_argument("--corpus", type=Path, metavar="CORPUS", help="a folder with the user's picture and its sound")
    parser.add_argument("--only", default="*", metavar="PATTERN", help="rows whose name matches")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures here")
    parser.add_argument("--update", action="store_true", help="replace only the rows measured now in the JSON")
    parser.add_argument("--quick", action="store_true", help="few rounds, small work: a smoke test")
    args = parser.parse_args()

    from bench.speed import clips, peers

    start = time.perf_counter()
    for name in ("torch", "mkl_fft"):
        if peers.optional(name) is None:
            print(f"{name} is not installed: its rows are skipped", file=sys.stderr)
    with tempfile.TemporaryDirectory() as folder:
        clip = clips.load(args.audio, args.corpus, 61.0, Path(folder))
        rows = measure(clip, args.quick, args.only)
    kept, described = [], machine()
    if args.update and args.json and args.json.exists():
        new, old = {row.name for row in rows}, json.loads(args.json.read_text())
        kept = [saved for saved in old["rows"] if saved["name"] not in new]
        # a peer that is not installed now still has its rows
        described["versions"] = {k: v or old["machine"]["versions"].get(k) for k, v in described["versions"].items()}
    if args.json:
        result = {
            "machine": described,
            "clip": {"name": clip.name, "seconds": round(clip.y.size / clip.sr, 2), "sr": clip.sr},
            "quick": args.quick,
            "minutes": round((time.perf_counter() - start) / 60, 1),
            "rows": kept + [row.asdict() for row in rows],
        }
        args.json.write_text(json.dumps(result, indent=1) + "\n")
    failed = [row.name for row in rows if row.error is not None]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

"""One side at work: this runs under the interpreter of a tree and answers tasks, one line of JSON each.

A task is {"kind": name of a function in KINDS, "with": its arguments}; the answer is what the function returns. Only
public names of fastspec are used, and its command line, run in this process as `python -m fastspec` would be: a new
process for each of a thousand commands would take longer than what they do.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import importlib
import inspect as signatures
import io
import json
import os
import runpy
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import prints
import soundfile


def refusal(error: BaseException) -> dict[str, Any]:
    """An exception as a result: its class, those above it that are fastspec's, its code and its message."""
    family = [kind.__name__ for kind in type(error).__mro__ if kind not in (object, BaseException)]
    return {"refused": family, "code": getattr(error, "code", None), "message": str(error)}


def array(a: Any) -> str:
    """An array to the bit, with its shape and loudness so that a difference can be judged."""
    a = np.ascontiguousarray(a)
    loud = float(np.sqrt(np.mean(np.square(np.abs(a).astype(np.float64))))) if a.size else 0.0
    return f"{a.dtype} {a.shape} rms {loud:.9g} sha256 {hashlib.sha256(a.tobytes()).hexdigest()[:40]}"


def plain(facts: dict[str, Any] | None) -> dict[str, Any]:
    """Options as a caller would write them: JSON has no tuples."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in (facts or {}).items()}


def sound(name: str, *, channels: int = 1, seconds: float | None = None, noise: float = 0.0) -> tuple[Any, int]:
    """A sound: a file, or silence, noise, a click or an impulse that NaN spoils, by name."""
    made = {
        "silence": lambda: np.zeros(8000, np.float32),
        "one": lambda: np.ones(1, np.float32),
        "noise": lambda: np.random.default_rng(1).standard_normal(20_000).astype(np.float32),
        "loud": lambda: np.full(4000, 1e13, np.float32),
        "nan": lambda: np.array([0.0, np.nan] * 500, np.float32),
        "empty": lambda: np.zeros(0, np.float32),
    }
    y, sr = (made[name](), 8000) if name in made else soundfile.read(name, dtype="float32")
    y = y if seconds is None else y[: int(seconds * sr)]
    if noise:
        y = y + np.float32(noise) * np.random.default_rng(2).standard_normal(y.shape).astype(np.float32)
    return (y if channels == 1 else np.stack([y * np.float32(0.6**k) for k in range(channels)])), sr


def about() -> dict[str, Any]:
    """Which tree this is and what it stands on."""
    import fastspec

    modules = ("numpy", "numba", "pyfftw", "PIL", "soundfile", "click")
    found = {name: str(getattr(importlib.import_module(name), "__version__", "?")) for name in modules}
    return {"version": fastspec.__version__, "folder": str(Path(fastspec.__file__).parent), **found}


def names() -> dict[str, Any]:
    """The public names and what they take; annotations are left out, as types may be written in other words."""
    import fastspec

    found: dict[str, Any] = {"all": sorted(fastspec.__all__), "dir": sorted(dir(fastspec))}
    batch = importlib.import_module("fastspec.batch")
    public = {f"fastspec.{name}": getattr(fastspec, name) for name in fastspec.__all__}
    public |= {f"fastspec.batch.{name}": getattr(batch, name) for name in batch.__all__}
    for name, value in public.items():
        if isinstance(value, type):
            for member in sorted(n for n in dir(value) if not n.startswith("_")):
                found[f"{name}.{member}"] = _takes(getattr(value, member))
        found[name] = _takes(value)
    return found


def _takes(value: Any) -> str:
    if not callable(value):
        return f"{type(value).__name__} {value!r}" if isinstance(value, str | int | float) else type(value).__name__
    try:
        taken = signatures.signature(value).parameters.values()
    except (TypeError, ValueError):
        return "callable"
    return ", ".join(f"{p.kind.name} {p.name}{'' if p.default is p.empty else f'={p.default!r}'}" for p in taken)


def profiles() -> dict[str, Any]:
    """Every profile to the last fact."""
    import fastspec

    parts = ("title", "source", "facts", "usual", "by_scale", "options")
    return {
        name: {part: repr(_sorted(getattr(profile, part))) for part in parts}
        for name, profile in fastspec.profiles().items()
    } | {"order": list(fastspec.profiles())}


def _sorted(value: Any) -> Any:
    if hasattr(value, "items"):
        return {key: _sorted(inner) for key, inner in value.items()}
    return sorted(value) if isinstance(value, set | frozenset) else value


def inspect(path: str, facts: dict[str, Any] | None = None) -> dict[str, Any]:
    """The report of a picture, to the digit and in its order."""
    import fastspec

    return {"report": fastspec.inspect(path, **plain(facts)).report()}


def decode(path: str, facts: dict[str, Any] | None = None, how: dict[str, Any] | None = None) -> dict[str, Any]:
    """Magnitude and waves of a picture; one that is refused is forced, and the refusal is part of the result."""
    import fastspec

    given = plain(facts)
    runs = {name: plain(options) for name, options in (how or {"usual": {}}).items()}
    decoders = {name: fastspec.Decoder(**given, **options) for name, options in runs.items()}
    result: dict[str, Any] = {}
    first = next(iter(decoders.values()))
    try:
        read = first.read(path)
    except fastspec.PictureError as error:
        result["unforced"] = refusal(error)
        read = fastspec.Decoder(**given, **next(iter(runs.values())), force=True).read(path)
    result |= {"magnitude": array(read.magnitude), "report": read.calibration.report()}
    for name, decoder in decoders.items():
        result[name] = array(decoder.waveform(read))
    return result


def together(paths: list[str], options: dict[str, Any]) -> dict[str, Any]:
    """Several pictures by each of the ways that there are to decode several."""
    import fastspec

    decoder = fastspec.Decoder(**plain(options))
    threads = fastspec.Decoder(**plain(options), workers=2)
    return {
        "batch": [[array(y), sr] for y, sr in decoder.decode_batch(paths)],
        "stream": [[array(y), sr] for y, sr in decoder.stream(iter(paths))],
        "threads": [[array(y), sr] for y, sr in threads.decode_batch(paths)],
        "mono": [[array(y), sr] for y, sr in fastspec.Decoder(**plain(options), mono=True).decode_batch(paths)],
        "function": [[array(y), sr] for y, sr in (fastspec.decode(path, **plain(options)) for path in paths)],
    }


def encode(source: dict[str, Any], options: dict[str, Any]) -> dict[str, Any]:
    """The picture of a sound, what it carries, and what is said about it."""
    import fastspec

    y, sr = sound(**source)
    encoder = fastspec.Encoder(**plain(options))
    picture = encoder.encode(y, sr)
    return {
        "pixels": array(picture.pixels),
        "palette": None if picture.palette is None else array(picture.palette),
        "embedded": picture.embedded,
        "info": repr(picture.info),
        "remarks": list(encoder.remarks(y, sr)),
    }


def transform(function: str, options: dict[str, Any], source: dict[str, Any], double: bool = False) -> dict[str, Any]:
    """A public function of waves and spectra: of a sound, its magnitude or its transform, whichever it takes."""
    import fastspec

    y, _ = sound(**source)
    y = y.astype(np.float64) if double else y
    geometry = {k: v for k, v in options.items() if k in ("n_fft", "hop_length", "win_length", "window", "center")}
    spectrum = fastspec.stft(y, **geometry)
    taken = {"stft": y, "istft": spectrum}.get(function)
    more = {k: v for k, v in options.items() if function != "stft" or k in geometry}
    result = getattr(fastspec, function)(np.abs(spectrum) if taken is None else taken, **more)
    several = result if isinstance(result, tuple) else (result,)
    return {"result": [array(part) if isinstance(part, np.ndarray) else _untimed(part) for part in several]}


def _untimed(value: Any) -> Any:
    """A trace of iterations without how long they took."""
    if isinstance(value, list | tuple):
        return [_untimed(inner) for inner in value]
    if isinstance(value, dict):
        return {name: inner for name, inner in value.items() if name != "seconds"}
    return repr(value)


def call(name: str, options: dict[str, Any], arguments: list[Any] | None = None) -> dict[str, Any]:
    """Call a public name with plain values; what is wanted is the exception."""
    import fastspec

    return {"returned": type(getattr(fastspec, name)(*(arguments or []), **plain(options))).__name__}


def command(arguments: list[str], folder: str) -> dict[str, Any]:
    """A command as `python -m fastspec` runs it, in `folder`: exit code, both outputs, and the files there."""
    os.makedirs(folder, exist_ok=True)
    before, argv, thresholds = os.getcwd(), sys.argv, gc.get_threshold()
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    os.chdir(folder)
    try:
        sys.argv = ["fastspec", *arguments]
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code: Any = None
            try:
                runpy.run_module("fastspec", run_name="__main__", alter_sys=True)
            except SystemExit as end:
                code = end.code
    finally:
        os.chdir(before)
        sys.argv = argv
        gc.set_threshold(*thresholds)
        gc.unfreeze()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return {"exit": code, "out": texts[0], "err": texts[1], "files": prints.of_folder(Path(folder))}


def helps(folder: str, path: list[str] | None = None) -> dict[str, Any]:
    """The help of a command and of all below it, by name."""
    path = path or []
    said = command([*path, "--help"], folder)
    found = {" ".join(["fastspec", *path]): {name: said[name] for name in ("exit", "out", "err")}}
    _, _, below = said["out"].partition("\nCommands:\n")
    for line in below.splitlines():
        if line.startswith("  ") and line[2:3].strip():
            found |= helps(folder, [*path, line.split()[0]])
    return found


def doctor() -> dict[str, Any]:
    """The shape of the doctor's report, and what it finds wrong; its values are the machine's."""
    import fastspec

    report = fastspec.doctor_report()

    def shape(value: Any) -> Any:
        return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else type(value).__name__

    return {"ok": report["ok"], "problems": report["problems"], "shape": shape(report)}


def clock(stage: str, call_of: dict[str, Any], shortest: float = 0.05) -> list[float]:
    """[wall, processor] seconds of one call, repeated to at least `shortest`; the first call of a stage warms up."""
    made = _stages.get(stage)
    if made is None:
        run = _prepared(**call_of)
        run()
        start = time.perf_counter()
        run()
        made = _stages[stage] = run, max(1, round(shortest / max(time.perf_counter() - start, 1e-9)))
    run, repeats = made
    gc.collect()
    wall, processor = time.perf_counter(), time.process_time()
    for _ in range(repeats):
        run()
    return [(time.perf_counter() - wall) / repeats, (time.process_time() - processor) / repeats]


def _prepared(what: str, path: str = "", options: dict[str, Any] | None = None) -> Callable[[], Any]:
    import fastspec

    given = plain(options)
    if what == "inspect":
        return lambda: fastspec.inspect(path, **given)
    if what == "decode":
        decoder = fastspec.Decoder(**given)
        return lambda: decoder.decode(path)
    y, sr = sound(path)
    if what == "encode":
        encoder = fastspec.Encoder(**given)
        return lambda: encoder.encode(y, sr)
    y = np.resize(y, 10 * sr)
    magnitude = np.abs(fastspec.stft(y, n_fft=1024, hop_length=512))
    return lambda: fastspec.griffinlim(magnitude, n_iter=32, n_fft=1024, hop_length=512, random_state=0)


def variants(path: str, folder: str) -> list[str]:
    """Spoiled copies of a picture, made by this side alone; see `spoil`."""
    import spoil

    return spoil.write(Path(path), Path(folder))


def store_sound(source: dict[str, Any], target: str) -> None:
    """Write a sound into a WAV file."""
    y, sr = sound(**source)
    soundfile.write(target, y.T, sr)


def store_bare(path: str, target: str) -> None:
    """Save a picture again as an editor does: its pixels without what is embedded."""
    from PIL import Image

    with Image.open(path) as image:
        image.load()
        plain_image = image.copy()
    plain_image.info = {}
    plain_image.save(target, quality=95)  # which only JPEG and WebP heed


def store_turned(path: str, target: str, fade: bool) -> None:
    """Save a gray picture upright, turned, and, if wanted, step by step into a photograph; nothing embedded."""
    import spoil

    spoil.write_turned(Path(path), Path(target), fade)


_stages: dict[str, tuple[Callable[[], Any], int]] = {}
_TASKS = (about, names, profiles, inspect, decode, together, encode, transform, call, command, helps, doctor, clock)
KINDS: dict[str, Callable[..., Any]] = {
    f.__name__: f for f in (*_TASKS, variants, store_sound, store_bare, store_turned)
}
KINDS["in_place"] = command  # in a folder that is not emptied before


def answer(task: dict[str, Any]) -> Any:
    """The result of a task; an exception is a result, and so is a warning about the arithmetic."""
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        try:
            result = KINDS[task["kind"]](**task["with"])
        except Exception as error:
            result = refusal(error)
    said = sorted({str(w.message) for w in heard if issubclass(w.category, RuntimeWarning)})
    return {**result, "warned": said} if said and isinstance(result, dict) else result


def main() -> None:
    """Answer tasks until there are none. Nothing else may write to the pipe that answers go to, nor read the tasks."""
    tasks, answers = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    for line in tasks:
        answers.write(json.dumps(answer(json.loads(line)), default=repr) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()

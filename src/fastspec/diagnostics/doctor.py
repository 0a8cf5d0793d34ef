"""What a machine has and whether fastspec works on it (`doctor_report`), and getting it ready (`warmup`)."""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import os
import platform
import re
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # at run time a report must be possible without any package
    import numpy as np
    import numpy.typing as npt

PACKAGES = (
    "numpy",
    "numba",
    "llvmlite",
    "pyfftw",
    "pillow",
    "soundfile",
    "lazy_loader",
    "click",
    "tqdm",
    "platformdirs",
)
_MODULES = {"pillow": "PIL"}
_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS", "NUMBA_DISABLE_JIT")
_SELF_TEST_DB = -30.0  # held-out spectral convergence of the chirp; a sound installation gives -43 dB


def warmup(n_fft: Sequence[int] = (1024, 2048), *, float64: bool = False) -> dict[str, Any]:
    """Compile every kernel and plan the FFTs now, and keep both on disk, instead of in the first call.

    n_fft : lengths to plan, in samples; other lengths are planned when they are first used, in .1 to .4 s each.
    float64 : also compile and plan for work in double precision.

    Nothing is listed here that could be forgotten: tiny pictures and sounds of every kind are sent along the real road.

    Returns {"kernels": names of those compiled (none if all lay in the cache), "compile_seconds", "n_fft",
    "plan_seconds", "seconds"}. Raises ParameterError for a length that cannot be transformed.
    """
    import numpy as np

    from fastspec import kernels
    from fastspec.transform import fft

    started = time.perf_counter()
    dtypes = (np.float32, np.float64) if float64 else (np.float32,)
    for size in n_fft:
        for dtype in dtypes:
            fft.pair(int(size), dtype)
    planned = time.perf_counter()
    compiled: list[str] = []
    with kernels.compiling(compiled.append):
        for dtype in dtypes:
            _walk(int(n_fft[0]) if len(n_fft) else 1024, np.dtype(dtype))
    ended = time.perf_counter()
    return {
        "kernels": sorted(set(compiled)),
        "compile_seconds": ended - planned,
        "n_fft": [int(size) for size in n_fft],
        "plan_seconds": planned - started,
        "seconds": ended - started,
    }


def doctor_report(*, self_test: bool = True) -> dict[str, Any]:
    """What fastspec stands on here, and whether it works: plain values that JSON can hold.

    self_test : draw a chirp, decode the picture twice and with two threads, and compare.

    The report is made whatever is broken. `report["problems"]` has a sentence for each thing that is; `report["ok"]`
    says that there is none.
    """
    problems: list[str] = []

    def part(what: str, make: Callable[[], Any]) -> Any:
        try:
            return make()
        except Exception as error:  # a report on what is broken must not break
            problems.append(f"{what}: {type(error).__name__}: {error}")
            return None

    report = {
        "fastspec": part("fastspec", _fastspec),
        "python": f"{platform.python_version()} ({platform.python_implementation()}, {platform.platform()})",
        "packages": {name: part(name, lambda name=name: _package(name)) for name in PACKAGES},  # type: ignore[misc]
        "libraries": part("libraries", _libraries),
        "processor": part("processor", _processor),
        "threads": {name: os.environ[name] for name in _THREADS if name in os.environ},
        "fft": part("fft", _fft),
        "caches": part("caches", _caches),
        "extras": part("extras", _extras),
        "self_test": part("self-test", _self_test) if self_test else None,
    }
    problems += part("self-test", lambda: _complaints(report["self_test"])) or []
    return {"ok": not problems, "problems": problems, **report}


def as_text(report: dict[str, Any]) -> str:
    """A report as lines that a person understands."""
    nothing: dict[str, Any] = {}
    fft, test = report["fft"] or nothing, report["self_test"]
    threads = ", ".join(f"{name}={value}" for name, value in report["threads"].items())
    rows = [
        ("python", report["python"]),
        ("packages", _listed(report["packages"])),
        ("libraries", _listed(report["libraries"] or nothing)),
        ("processor", (report["processor"] or nothing).get("text", "unknown")),
        ("threads", threads or "no variable of the environment limits them; fastspec uses as many as workers= says"),
        ("fft", f"{fft.get('backend')}; plans kept: {_listed(fft.get('wisdom') or nothing)}"),
    ]
    for name, cache in (report["caches"] or nothing).items():
        state = f"{cache['files']} files, {cache['megabytes']:.1f} MB"
        rows.append((name, f"{cache['path']}: {state}{'' if cache['writable'] else ', NOT WRITABLE: slower starts'}"))
    for extra, packages in (report["extras"] or nothing).items():
        absent = [name for name, version in packages.items() if version is None]
        hint = f" (pip install 'fastspec[{extra}]')" if absent else ""
        rows.append((f"extra {extra}", f"{_listed(packages)}{hint}"))
    if test is not None:
        same = "the same bits again and on 2 threads" if test["repeats"] and test["threads"] else "NOT THE SAME BITS"
        rows.append(("self-test", f"chirp to picture to chirp: {test['held_out_sc_db']:.1f} dB, {same}"))
    about = report["fastspec"] or nothing
    lines = [f"fastspec {about.get('version')} in {about.get('folder')}"]
    for name, text in rows:
        kept = text.replace(" ", "\0").replace(",\0", ", ")  # a version stays on the line of its name
        wrapped = textwrap.wrap(
            kept,
            110,
            initial_indent=f"  {name:<10}  ",
            subsequent_indent=" " * 14,
            break_long_words=False,
            break_on_hyphens=False,
        )
        lines += [line.replace("\0", " ") for line in wrapped]
    count = len(report["problems"])
    lines.append("all is well" if report["ok"] else f"{count} problem{'s' if count > 1 else ''}:")
    return "\n".join([*lines, *(f"  {problem}" for problem in report["problems"])])


# --- the road, walked with tiny data ----------------------------------------------------------------------


def _walk(n_fft: int, dtype: np.dtype[Any]) -> None:
    """Call all that users call, with every kind of picture and every layout of array that compiles of its own."""
    import numpy as np

    import fastspec
    from fastspec import Decoder, Encoder
    from fastspec.phase import methods, starts

    hop = max(1, n_fft // 4)
    rate = 16000
    y = chirp(16 * n_fft, rate).astype(dtype)
    if dtype == np.float32:
        shape: Any = {"n_fft": n_fft, "hop_length": hop}
        for picture, facts in _pictures(y, rate, shape):
            Decoder(n_iter=1, **facts).decode(picture)
        drawn = Encoder(**shape, size=(64, 48), freq_scale="log").encode(y, rate)
        for quality in ("fast", "balanced", "best"):
            Decoder(quality=quality, n_iter=1).decode(drawn)
        for init in starts.names():
            Decoder(init=init, n_iter=1).decode(drawn)
    spectrum = fastspec.stft(y, n_fft=n_fft, hop_length=hop)
    fastspec.istft(spectrum, hop_length=hop)
    layouts = np.abs(spectrum), np.ascontiguousarray(np.abs(spectrum))
    for S in layouts:
        fastspec.pghi(S, hop_length=hop)
        fastspec.spsi(S, hop_length=hop)
        fastspec.griffinlim(S, hop_length=hop, n_iter=1)
        for method in methods.names():
            fastspec.phase_retrieval(S, method=method, hop_length=hop, n_iter=2, tol=1e-9, return_trace=True)
        for start in (spectrum, np.ascontiguousarray(spectrum)):
            fastspec.phase_retrieval(S, init=start, hop_length=hop, n_iter=1, pad_mode="reflect", workers=2)


def _pictures(y: npt.NDArray[Any], rate: int, shape: Any) -> list[tuple[Any, dict[str, Any]]]:
    """Pictures of all kinds that are read in different ways, with the facts that reading them needs."""
    import numpy as np

    from fastspec import Encoder

    own = Encoder(**shape).encode(y, rate)
    facts = {**shape, "sr": rate, "freq_scale": "linear", "freq_edges": "bins"}
    rgb = own.rgb()
    spoilt = rgb.copy()
    spoilt[::2] ^= 5  # colours beside the map
    deep = Encoder(**shape, bits=16).encode(y, rate)
    mel = Encoder(**shape, freq_scale="mel", n_mels=24).encode(y, rate)
    gray = Encoder(**shape, cmap="gray").encode(y, rate)
    large = Encoder(**shape, freq_scale="log", size=(200, 160)).encode(y, rate).rgb()
    rough = np.clip(large + np.random.default_rng(0).normal(0, 20, large.shape), 0, 255).astype(np.uint8)
    seconds = {"duration": y.size / rate, "sr": rate}
    return [
        (own, {}),
        (rgb, {**facts, "cmap": "magma"}),
        (np.dstack([rgb, np.full_like(rgb[..., :1], 255)]), {**facts, "cmap": "magma"}),
        (spoilt, {**facts, "cmap": "magma"}),
        (deep, {}),
        (mel, {}),
        (gray.rgb()[..., 0], {**facts, "cmap": "gray"}),
        (rough, {**shape, "duration": y.size / rate, "force": True}),
        (np.repeat(rough[..., 1:2], 3, axis=2), {**shape, **seconds, "force": True}),
        (large, {**seconds, "profile": "matplotlib-specgram", "force": True}),
        (large, {**seconds, "profile": "matplotlib-specgram", "n_fft": 256, "hop_length": 128, "force": True}),
        (_figure(rgb), {**facts, "cmap": "magma"}),
        (np.dstack([_figure(rgb), np.full((192, 256), 255, np.uint8)]), {**facts, "cmap": "magma"}),
    ]


def _figure(rgb: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """A picture (192, 256, 3) within a frame, with marks and strokes for labels beside it, one of two that touch."""
    import numpy as np

    page = np.full((192, 256, 3), 255, np.uint8)
    page[39:141, 59:221] = 0
    high, wide = rgb.shape[:2]
    page[40:140, 60:220] = rgb[np.arange(100)[:, None] * high // 100, np.arange(160) * wide // 160]
    for place in (42, 90, 138):
        page[place, 54:59] = 0
        page[place - 5 : place + 6, [40, 41, 46]] = 0
        page[place, 40:52] = 0
    return page


def chirp(samples: int, rate: int) -> npt.NDArray[np.float32]:
    """A sine that rises from a twentieth to a quarter of the rate, float32 (samples,), fading in and out."""
    import numpy as np

    t = np.arange(samples) / samples
    phase = 2 * np.pi * samples * (0.05 * t + 0.1 * t * t)
    y: npt.NDArray[np.float32] = (0.5 * np.hanning(samples) * np.sin(phase)).astype(np.float32)
    return y


def _self_test() -> dict[str, Any]:
    import numpy as np

    from fastspec import Decoder, Encoder
    from fastspec.phase.metrics import held_out_sc

    rate = 16000
    y = chirp(2 * rate, rate)
    started = time.perf_counter()
    picture = Encoder(n_fft=1024, hop_length=256).encode(y, rate)
    got, _ = Decoder().decode(picture)
    again, _ = Decoder().decode(picture)
    shared, _ = Decoder(workers=2).decode(picture)
    return {
        "held_out_sc_db": round(held_out_sc(got, y), 2),
        "repeats": bool(np.array_equal(got, again)),
        "threads": bool(np.array_equal(got, shared)),
        "seconds": round(time.perf_counter() - started, 3),
    }


def _complaints(test: dict[str, Any] | None) -> list[str]:
    if test is None:
        return []
    said = []
    if not test["held_out_sc_db"] <= _SELF_TEST_DB:
        said.append(f"self-test: the chirp came back at {test['held_out_sc_db']} dB, not {_SELF_TEST_DB:g} dB or less")
    if not test["repeats"]:
        said.append("self-test: decoding the same picture twice gave different bits")
    if not test["threads"]:
        said.append("self-test: two threads gave other bits than one")
    return said


# --- what is here -----------------------------------------------------------------------------------------


def _fastspec() -> dict[str, str]:
    import fastspec

    return {"version": fastspec.__version__, "folder": str(Path(fastspec.__file__).parent)}


def _package(name: str) -> str:
    """Version of a package that fastspec cannot do without; importing it shows that it is whole."""
    module = importlib.import_module(_MODULES.get(name, name))
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return str(getattr(module, "__version__", "of unknown version"))


def _libraries() -> dict[str, str | None]:
    """The native libraries inside the packages."""
    found: dict[str, str | None] = {}
    with contextlib.suppress(Exception):  # a package that is broken is reported as a package
        import pyfftw

        found["FFTW"] = pyfftw.pyfftw._fftw_version_dict.get("32") or pyfftw.fftw_version
    with contextlib.suppress(Exception):
        import soundfile

        found["libsndfile"] = soundfile.__libsndfile_version__
    with contextlib.suppress(Exception):
        from PIL import features

        for label, name in (("libjpeg", "jpg"), ("zlib", "zlib"), ("libwebp", "webp"), ("libtiff", "libtiff")):
            found[label] = features.version(name)
        found["libjpeg-turbo"] = features.version("libjpeg_turbo")
    return found


def _processor() -> dict[str, Any]:
    model = platform.machine()
    with contextlib.suppress(OSError), open("/proc/cpuinfo", encoding="utf-8", errors="replace") as lines:
        named = next((line for line in lines if line.startswith("model name")), "")
        model = named.partition(":")[2].strip() or model
    cores = os.cpu_count() or 1
    usable = len(os.sched_getaffinity(0)) if sys.platform != "win32" and hasattr(os, "sched_getaffinity") else cores
    return {"model": model, "cores": cores, "usable": usable, "text": f"{model}, {cores} cores, {usable} usable"}


def _fft() -> dict[str, Any]:
    from fastspec.transform import fft, wisdom

    return {"backend": fft.backend(), "wisdom": {name: wisdom.state(name) for name in ("float32", "float64")}}


def _caches() -> dict[str, dict[str, Any]]:
    from fastspec.transform import wisdom

    caches = {"plans": _folder(wisdom.cache_dir(), "*")}
    with contextlib.suppress(ImportError):  # numba's absence is said elsewhere
        for number, path in enumerate(sorted({path for path in map(_cache_path, _dispatchers()) if path})):
            caches["kernels" if number == 0 else f"kernels {number + 1}"] = _folder(Path(path), "*.nb?")
    return caches


def _dispatchers() -> list[Any]:
    """Every kernel, as numba's object."""
    import pkgutil

    from fastspec import kernels

    rooms = [importlib.import_module(f"{kernels.__name__}.{m.name}") for m in pkgutil.iter_modules(kernels.__path__)]
    return [value for room in rooms for value in vars(room).values() if hasattr(value, "py_func")]


def _cache_path(dispatcher: Any) -> str | None:
    path = dispatcher.stats.cache_path
    return str(path) if path else None


def _folder(path: Path, pattern: str) -> dict[str, Any]:
    files = [file for file in path.glob(pattern) if file.is_file()]
    above = next((p for p in (path, *path.parents) if p.exists()), path)
    size = sum(file.stat().st_size for file in files)
    return {
        "path": str(path),
        "writable": os.access(above, os.W_OK),
        "files": len(files),
        "megabytes": round(size / 2**20, 2),
    }


def _extras() -> dict[str, dict[str, str | None]]:
    """Version of each package of each extra, None where it is absent."""
    try:
        required = importlib.metadata.requires("fastspec") or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    found: dict[str, dict[str, str | None]] = {}
    for line in required:
        match = re.match(r"([\w.-]+)[^;]*;.*extra\s*==\s*['\"]([\w-]+)['\"]", line)
        if match and match[2] not in ("test", "bench"):
            version = None
            with contextlib.suppress(importlib.metadata.PackageNotFoundError):
                version = importlib.metadata.version(match[1])
            found.setdefault(match[2], {})[match[1]] = version
    return found


def _listed(named: dict[str, Any]) -> str:
    return ", ".join(f"{name} {'absent' if value is None else value}" for name, value in named.items())

"""What a machine has, and whether fastspec works on it."""

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
from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastspec._text import printable
from fastspec.diagnostics.warmup import chirp
from fastspec.errors import DISTRIBUTION, install_command

# No package is imported here: a report must be possible without any.
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
    problems += part("fastspec", _other_project) or []
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
        hint = f" ({install_command(extra)})" if absent else ""
        rows.append((f"extra {extra}", f"{_listed(packages)}{hint}"))
    if test is not None:
        same = "the same bits again and on 2 threads" if test["repeats"] and test["threads"] else "NOT THE SAME BITS"
        rows.append(("self-test", f"chirp to picture to chirp: {test['held_out_sc_db']:.1f} dB, {same}"))
    about = report["fastspec"] or nothing
    lines = [f"fastspec {about.get('version')} in {printable(about.get('folder'))}"]
    for name, text in rows:
        kept = printable(text).replace(" ", "\0").replace(",\0", ", ")  # a version stays on the line of its name
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
    return "\n".join([*lines, *(f"  {printable(problem)}" for problem in report["problems"])])


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


def _other_project() -> list[str]:
    """What to do where the distribution "fastspec" is installed as well, whose files lie in the same folder as ours."""
    try:
        other = importlib.metadata.version("fastspec")
    except importlib.metadata.PackageNotFoundError:
        return []
    return [
        f"the distribution fastspec {other} is installed too: on PyPI that is another project, an OpenAPI client, and "
        f"before 0.2 it was this one; both write into the folder fastspec, so run: pip uninstall fastspec "
        f"{DISTRIBUTION}; pip install {DISTRIBUTION}"
    ]


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

        # of the single precision library, which has no public name
        found["FFTW"] = pyfftw.pyfftw._fftw_version_dict.get("32") or pyfftw.fftw_version  # noqa: SLF001
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

    kept = {name: wisdom.state(name) for name in ("float32", "float64")} if fft.backend() == "pyfftw" else {}
    return {"backend": fft.backend(), "wisdom": kept}


def _caches() -> dict[str, dict[str, Any]]:
    from fastspec.transform import wisdom

    caches = {"plans": _folder(wisdom.cache_dir(), "*")}
    with contextlib.suppress(ImportError):  # numba's absence is said elsewhere
        for number, path in enumerate(sorted({path for path in map(_cache_path, dispatchers()) if path})):
            caches["kernels" if number == 0 else f"kernels {number + 1}"] = _folder(Path(path), "*.nb?")
    return caches


def dispatchers() -> list[Any]:
    """Every kernel, as numba's object."""
    import pkgutil

    from fastspec import kernels

    prefix = f"{kernels.__name__}."
    rooms = [importlib.import_module(m.name) for m in pkgutil.walk_packages(kernels.__path__, prefix)]
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
        required = importlib.metadata.requires(DISTRIBUTION) or []
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

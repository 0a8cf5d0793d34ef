"""What both trees are asked: pictures to inspect and decode, sounds to draw, commands, and what is wrong with some."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Any

from pictures import SPEECH, Shown
from sides import Task

How = dict[str, dict[str, Any]]

METHODS = ("gla", "fgla", "agla", "admm", "raar")
STARTS = ("pghi", "spsi", "random", "zero")
_QUALITIES: How = {"fast": {"quality": "fast"}, "balanced": {"quality": "balanced"}}
_OFTEN: How = {"fast": {"quality": "fast"}}
_ONCE: How = {
    "best": {"quality": "best", "n_iter": 6},
    "seed": {"init": "random", "n_iter": 2, "seed": 7},
}
_CAREFUL: How = {"careful": {"n_iter": 1, "max_pixels": 1 << 20, "max_seconds": 600}}  # else a claim takes minutes


# Pictures of each kind, and what they are told, true or not: it must be weighed against what they show and hold.
_ASKED = (
    *("drawn/native.png", "drawn/sox.png", "drawn/bare_riffusion.png", "ffmpeg_magma_long_61s.png"),
    *("spectrogram.png", "figure_speech_930.png", "sox_speech_930.png", "drawn/bare_audacity_mel.png"),
    *("drawn/log.png", "drawn/bare_log.png", "drawn/bare_sox_odd.png", "specgram_speech_930.png"),
)
_TOLD: tuple[dict[str, Any], ...] = (
    *({"sr": 16000}, {"sr": 44100, "duration": 3.3}, {"duration": 4.765}, {"duration": 9.53}, {"duration": 1.3}),
    *({"n_fft": 512}, {"n_fft": 2048, "hop_length": 300}, {"win_length": 200}, {"hop_length": 100}, {"n_frames": 150}),
    *({"freq_scale": "mel", "n_mels": 64}, {"freq_scale": "log", "fmin": 40.0}, {"freq_scale": "cqt", "fmin": 50.0}),
    *({"cmap": "gray"}, {"db_range": [-60, 0]}, {"level_kind": "power"}, {"origin": "upper"}, {"channels": 2}),
    *({"profile": "ffmpeg"}, {"profile": "sox", "duration": 4.765, "sr": 22050}, {"profile": "riffusion"}),
    *({"profile": "matplotlib-specgram", "n_fft": 256}, {"profile": "scipy-pcolormesh"}, {"profile": "imshow-db"}),
    *({"plot_area": [5, 3, 200, 100]}, {"window": "hamming", "center": False}, {"freq_edges": "librosa<0.9"}),
)


def inspect(pictures: Sequence[Shown]) -> Iterator[Task]:
    """Every picture with nothing known, with rate and duration, and with all facts; as a table, as JSON."""
    for number, shown in enumerate(pictures):
        yield Task("inspect", shown.name, "inspect", {"path": shown.path})
        if shown.group == "spoiled":
            continue
        some = {name: value for name, value in shown.facts.items() if name in ("sr", "duration")}
        if some != shown.facts:
            yield Task("inspect", f"{shown.name} some facts", "inspect", {"path": shown.path, "facts": some})
        yield Task("inspect", f"{shown.name} all facts", "inspect", {"path": shown.path, "facts": shown.facts})
        options = ["--json"] if number % 2 else []
        yield Task("inspect", f"{shown.name} command", "command", {"arguments": ["inspect", shown.path, *options]})
        for facts in _TOLD if shown.name in _ASKED else ():
            yield Task("inspect", f"{shown.name} {facts}", "inspect", {"path": shown.path, "facts": facts})


def decode(pictures: Sequence[Shown]) -> Iterator[Task]:
    """Every picture with all facts, fast and balanced, and with none; and the ways to retrieve phases."""
    for number, shown in enumerate(pictures):
        if shown.group == "spoiled":
            if number % 4 == 0:
                yield Task("decode", shown.name, "decode", {"path": shown.path, "how": _OFTEN})
            continue
        hostile = shown.group == "hostile"
        told = {"path": shown.path, "facts": shown.facts, "how": _CAREFUL if hostile else _QUALITIES}
        yield Task("decode", shown.name, "decode", told)
        untold = {"path": shown.path, "how": _CAREFUL if hostile else _OFTEN}
        yield Task("decode", f"{shown.name} no facts", "decode", untold)
        for facts in _TOLD if shown.name in _ASKED[-4:] else ():
            arguments = {"path": shown.path, "facts": facts, "how": _OFTEN}
            yield Task("decode", f"{shown.name} {facts}", "decode", arguments)
    some = [shown for shown in pictures if shown.name in ("spectrogram.png", "drawn/stereo_sox.png", "drawn/log.png")]
    for shown in some:
        how = {**_ONCE}
        for method in METHODS:
            how |= {f"{method} {init}": {"method": method, "init": init, "n_iter": 3} for init in STARTS}
        yield Task(
            "decode", f"{shown.name} every method", "decode", {"path": shown.path, "facts": shown.facts, "how": how}
        )
        for name, command in _WRITING.items():
            line = ["decode", shown.path, *shlex.split(command)]
            yield Task("decode", f"{shown.name} into {name}", "command", {"arguments": line})
    if some:
        paths = [shown.path for shown in some]
        yield Task("decode", "together", "together", {"paths": paths, "options": {"n_iter": 3, "sr": 22050}})
    yield from _transforms()


_WRITING = {
    "wav": "-o a.wav --n-iter 2",
    "float": "-o a.wav --subtype FLOAT --no-normalize --quality fast",
    "flac": "-o a.flac --subtype PCM_24 --mono --n-iter 1",
    "ogg": "-o a.ogg --n-iter 1",
    "aiff": "-o deep/a.aiff --n-iter 1 --seed 3 --init random",
    "cut": "-o a.wav --crop 3 2 301 251 --sr 16000 --n-iter 1 --force",
    "told": "-o a.wav --sr 16000 --n-fft 512 --window hamming --db-range -60 0 --freq-scale mel --force --n-iter 1",
}


def _transforms() -> Iterator[Task]:
    """The public functions of waves and spectra, each method's parameters among them."""
    source = {"name": str(SPEECH), "seconds": 1.5}
    geometries: dict[str, dict[str, Any]] = {
        "usual": {"n_fft": 1024, "hop_length": 256},
        "short": {"n_fft": 512, "hop_length": 200, "win_length": 400, "window": "hamming"},
        "odd": {"n_fft": 1022, "hop_length": 511, "center": False},
    }
    for name, geometry in geometries.items():
        for function in ("stft", "istft", "pghi", "spsi", "griffinlim", "phase_retrieval"):
            options = {**geometry, **_MORE.get(function, {})}
            if function in ("pghi", "spsi"):
                options.pop("center", None)
            for double in (False, True):
                yield _transform(f"{name} {double=}", function, options, source, double)
    parameters: dict[str, dict[str, float]] = {
        "gla": {},
        "fgla": {"momentum": 0.5},
        "agla": {"momentum": 0.8, "beta": 1.2, "gamma": 1.1},
    }
    parameters |= {"admm": {"rho": 0.5}, "raar": {"beta": 0.7}}
    for method, given in parameters.items():
        options = {**geometries["usual"], "method": method, "n_iter": 4, "return_trace": True, **given}
        yield _transform(f"{method} {given}", "phase_retrieval", options, source)
    for given in (
        {"tol": 1e-3},
        {"length": 30_000},
        {"workers": 2},
        {"pad_mode": "reflect"},
        {"init": "random", "seed": 5},
    ):
        yield _transform(str(given), "phase_retrieval", {**geometries["usual"], "n_iter": 6, **given}, source)


_MORE: dict[str, dict[str, Any]] = {
    "pghi": {"rng": 4},
    "griffinlim": {"n_iter": 3, "random_state": 0},
    "phase_retrieval": {"n_iter": 3},
}


def _transform(name: str, function: str, options: dict[str, Any], source: dict[str, Any], double: bool = False) -> Task:
    given = {"function": function, "options": options, "source": source, "double": double}
    return Task("decode", f"{function} {name}", "transform", given)


_DRAWING: tuple[dict[str, Any], ...] = (
    {},
    {"n_fft": 1024, "hop_length": 200, "win_length": 800, "window": "hamming", "center": False},
    {"n_fft": 513, "size": (301, 97)},
    {"bits": 16},
    {"bits": 16, "size": (320, 240), "freq_scale": "log", "top_db": 100.0},
    {"freq_scale": "log", "size": (640, 480), "cmap": "magma"},
    {"freq_scale": "log", "size": (641, 211), "profile": "librosa-0.8", "n_fft": 1024},
    {"freq_scale": "mel"},
    {"freq_scale": "mel", "n_mels": 64, "fmin": 100.0, "fmax": 7000.0, "size": (333, 222)},
    {"profile": "librosa", "size": (200, 100), "top_db": 60.0},
    {"db_range": (-70.0, -5.0), "cmap": "viridis"},
    {"profile": "sox", "n_fft": 512},
    {"profile": "sox", "size": (800, 257), "db_range": (-90.0, -10.0)},
    {"profile": "sox", "top_db": 60.0, "cmap": "sox-6"},
    {"profile": "riffusion", "n_mels": 128, "fmin": 30.0, "fmax": 12_000.0},
    {"profile": "audacity", "n_fft": 4096, "win_length": 1024, "window": "hamming", "size": (300, 200)},
    {"profile": "audacity", "fmin": 100.0, "fmax": 8000.0, "db_range": (-80.0, -10.0), "freq_scale": "log"},
    {"profile": "audio-diffusion", "n_fft": 1024, "hop_length": 256, "n_mels": 64},
    {"max_seconds": 1.0},
)
_MAPS = ("gray", "jet", "viridis", "plasma", "cividis", "inferno", "turbo", "hot", "gray_r", "magma_r", "rainbow")
_SOX_MAPS = ("sox", "sox-2", "sox-3", "sox-4", "sox-5", "sox-mono", "sox-high")
_AUDACITY_MAPS = ("audacity", "audacity-3.2", "audacity-classic", "audacity-grayscale", "audacity-inverse")
_SCALES = ("linear", "log", "mel", "bark", "erb", "period", "cqt")


def encode(profiles: Sequence[str], drawable: Sequence[str], sound: str | None) -> Iterator[Task]:
    """Each profile and option of drawing, from speech, from two channels, and from sounds that are hard to draw."""
    options = [*_DRAWING, *({"profile": name} for name in profiles), *({"cmap": name} for name in _MAPS)]
    options += [{"profile": "sox", "cmap": name} for name in _SOX_MAPS]
    options += [{"profile": "audacity", "cmap": name} for name in _AUDACITY_MAPS]
    options += [{"profile": "audacity", "freq_scale": name} for name in _SCALES]
    for given in options:
        yield _encode("speech", {"name": str(SPEECH)}, given)
    styles: list[dict[str, Any]] = [
        {},
        {"freq_scale": "log", "size": (640, 480)},
        *({"profile": name} for name in drawable),
    ]
    for given in styles:
        yield _encode("two channels", {"name": str(SPEECH), "channels": 2, "seconds": 2}, given)
        for name in ("silence", "one", "noise", "loud", "nan", "empty"):
            yield _encode(name, {"name": name}, given)
        if sound is not None:
            yield _encode("corpus", {"name": sound, "seconds": 5}, given)
    yield _encode("three channels", {"name": str(SPEECH), "channels": 3, "seconds": 1}, {"profile": "sox"})
    for name, command in _FILES.items():
        arguments = ["encode", str(SPEECH), *shlex.split(command)]
        yield Task("encode", f"into {name}", "command", {"arguments": arguments})


def _encode(name: str, source: dict[str, Any], options: dict[str, Any]) -> Task:
    shown = " ".join(f"{key}={value}" for key, value in options.items()) or "no option"
    return Task("encode", f"{name} {shown}", "encode", {"source": source, "options": options})


_FILES = {
    "png": "-o a.png",
    "jpeg": "-o a.jpg --n-fft 1024",
    "poor jpeg": "-o a.jpg --n-fft 1024 --quality 30",
    "webp": "-o a.webp --n-fft 512",
    "tiff": "-o a.tiff --n-fft 512 --bits 16",
    "16 bits": "-o a.png --bits 16",
    "specshow": "-o a.png --freq-scale log --size 640x480",
    "mel": "-o a.png --freq-scale mel --n-mels 64 --fmin 60 --fmax 7000 --size 400x300 --db-range -70 0",
    "window": "-o a.png --window hamming --win-length 700 --n-fft 1024 --hop-length 175",
    "folder": "--out-dir out --format jpeg --quality 50 --profile sox",
    **{
        name: f"-o a.png --profile {name}"
        for name in ("sox", "riffusion", "audacity", "audio-diffusion", "librosa-0.8")
    },
}


def helps() -> Iterator[Task]:
    """The help of every command, the version, the public names and what they take, the profiles."""
    yield Task("help", "of", "helps", spread=True)
    yield Task("help", "of names", "names", spread=True)
    yield Task("help", "of profile", "profiles", spread=True)
    yield Task("help", "of the doctor's report", "doctor")
    for arguments in (["--help"], ["--version"], ["decode", "-h"]):
        yield Task("help", f"process {' '.join(arguments)}", "process", {"arguments": arguments})


_WRONG = """
frobnicate
--frob
decode
encode
inspect
decode a.png --frob
decode a.png --sr fast
decode a.png --sr 0
decode a.png --cmap magmma
decode a.png --n-fft 1023 --freq-scale log
decode a.png --n-fft 512 --win-length 1024
decode a.png --db-range 0 -80
decode a.png --crop 9 0 3 4
decode a.png --crop 0 0 900 900
decode a.png --profile librossa
decode a.png --freq-scale loud
decode a.png --window hannn
decode a.png --method glaa
decode a.png --init pghj
decode a.png --n-iter -1
decode a.png --seed -1
decode a.png --quality good
decode a.png --channels 40
decode a.png --duration nan
decode a.png --hop-length 0
decode a.png --max-seconds 0
decode a.png --max-pixels 100 -o x.wav
decode a.png b.png -o x.wav
decode a.png -o x.xyz
decode a.png -o x.wav --format xyz
decode a.png -o x.flac --subtype VORBIS
decode a.png -o a.png
decode a.png -o sub/nowhere/../../x.wav --plot a.png
decode a.png -o x.wav --resume
decode a.png --out-dir out --plot p.png
decode a.png --out-dir out --jobs 0
decode a.png --out-dir out --engine trains
decode a.png --out-dir out --overwrite --resume
decode a.png --out-dir text.wav
decode a.png -o text.wav/x.wav
decode gone.png -o x.wav
decode empty.png -o x.wav
decode text.png -o x.wav
decode torn.png -o x.wav
decode sub -o x.wav
decode hole --out-dir out
decode *.xyz --out-dir out
decode @gone.txt --out-dir out
decode a.png a.png --out-dir out
decode a.png text.png --out-dir out
decode a.png s3://bucket/a.png --out-dir out
decode a.png -o x.wav
inspect gone.png
inspect text.png --json
inspect a.png text.png
inspect a.png --channel-layout sideways
inspect a.png --n-mels 0
inspect a.png --fmin 9 --fmax 3 --freq-scale mel
inspect a.png --sr 8000 --fmax 9000
inspect a.wav
encode a.wav --size 640
encode a.wav --size 0x9
encode a.wav -o a.xyz
encode a.wav --bits 16 --cmap jet
encode a.wav --bits 12
encode a.wav --quality 0
encode a.wav --format bmp
encode a.wav --profile soxx
encode a.wav --profile ffmpeg
encode a.wav --profile sox --hop-length 9
encode a.wav --profile sox --n-fft 33 -o x.png
encode a.wav --profile sox --cmap magma
encode a.wav --profile sox --bits 16
encode a.wav --profile riffusion --size 9x9
encode a.wav --profile audacity --cmap jet
encode a.wav --profile audacity --freq-scale cqt
encode a.wav --n-mels 5
encode a.wav --freq-scale cqt
encode a.wav --freq-scale cubic
encode a.wav --max-seconds 0.1 -o x.png
encode a.wav --profile sox --size 800x5 -o x.png
encode a.wav --win-length 5000
encode a.wav --hop-length 5000
encode text.wav -o x.png
encode gone.wav -o x.png
encode a.png -o x.png
encode a.wav -o sub
warmup --n-fft 0
warmup --n-fft many
doctor --frob
doctor extra
""".splitlines()
_WRONG_CALLS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("Decoder", {"sample_rate": 5}),
    ("Decoder", {"quality": "good"}),
    ("Decoder", {"sr": "fast"}),
    ("Decoder", {"sr": True}),
    ("Decoder", {"n_iter": 1.5}),
    ("Decoder", {"seed": 0.5}),
    ("Decoder", {"max_pixels": 0}),
    ("Decoder", {"max_seconds": -1}),
    ("Decoder", {"mel_norm": "loud"}),
    ("Decoder", {"plot_offsets": [0, 0, 2, 0]}),
    ("Decoder", {"level_kind": "x"}),
    ("Decoder", {"sr": 8000, "fmax": 5000, "freq_scale": "mel"}),
    ("Decoder", {"window": "kaiser"}),
    ("Decoder", {"linscale": 0}),
    ("Decoder", {"duration": 2, "n_frames": 9, "hop_length": 4, "sr": 8000}),
    ("Decoder", {"fmin": 500, "fmax": 100}),
    ("Encoder", {"bits": 12}),
    ("Encoder", {"window": ["kaiser", 4]}),
    ("Encoder", {"size": [0, 5]}),
    ("Encoder", {"max_seconds": 0}),
    ("Encoder", {"n_fft": 0}),
    ("Encoder", {"hop_length": 1.5}),
    ("Encoder", {"db_range": [0, -5]}),
    ("Encoder", {"n_mels": 5}),
    ("Encoder", {"profile": "sox", "top_db": 0}),
    ("Encoder", {"profile": "riffusion", "top_db": 9}),
    ("Encoder", {"profile": "sox", "size": [800, 5]}),
    ("Encoder", {"profile": "nobody"}),
    ("Encoder", {"cmap": "nobody"}),
)
_WRONG_PHASE: tuple[dict[str, Any], ...] = (
    {"method": "nobody"},
    {"method": "gla", "rho": 1.0},
    {"method": "raar", "beta": 2.0},
    {"method": "fgla", "momentum": -1.0},
    {"method": "admm", "rho": float("inf")},
    *({"init": "nobody"}, {"n_iter": -1}, {"hop_length": 0}, {"win_length": 3000}, {"length": -1}, {"workers": 0}),
    *({"window": "nobody"}, {"dtype": "int8"}, {"tol": -1.0}, {"pad_mode": "nobody"}),
)


def wrong(seeds: str) -> Iterator[Task]:
    """Commands and calls that are wrong; `seeds` holds the files that they name."""
    for line in _WRONG:
        yield Task("wrong", line or "(nothing)", "command", {"arguments": line.split()}, seeds=seeds)
    for line in ("decode a.png --frob", "decode text.png -o x.wav", "encode a.wav --profile soxx"):
        yield Task("wrong", f"process {line}", "process", {"arguments": line.split()}, seeds=seeds)
    for name, options in _WRONG_CALLS:
        yield call(f"{name} {options}", name, options)
    for value in ("gone.png", 5, None):
        yield call(f"inspect {value!r}", "inspect", {}, value)
    geometry = {"n_fft": 512, "hop_length": 128}
    for given in _WRONG_PHASE:
        arguments = {
            "function": "phase_retrieval",
            "options": {**geometry, "n_iter": 1, **given},
            "source": {"name": "noise"},
        }
        yield Task("wrong", f"phase_retrieval {given}", "transform", arguments)


def call(title: str, name: str, options: dict[str, Any], *arguments: Any) -> Task:
    """Calling a public name, to see whether it refuses."""
    return Task("wrong", title, "call", {"name": name, "options": options, "arguments": arguments})

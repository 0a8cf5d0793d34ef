"""The pictures that both trees read: a corpus, the field's, the repository's, some drawn now, and spoiled copies.

All that is drawn here is drawn once, by the old tree.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sides import Side, Task

DATA = Path(__file__).parents[2] / "tests" / "data"
SPEECH = DATA / "speech.flac"
SUFFIXES = (".png", ".jpg", ".webp", ".tiff")
_DRAWN = {
    "native.png": "--n-fft 1024 --hop-length 256",
    "native16.png": "--n-fft 512 --bits 16",
    "linear.png": "--n-fft 1024 --profile librosa --size 500x403 --cmap viridis",
    "log.png": "--n-fft 1024 --freq-scale log --size 640x480",
    "log_old.png": "--n-fft 1024 --freq-scale log --size 641x479 --profile librosa-0.8",
    "mel.png": "--freq-scale mel --n-mels 80 --fmin 50 --fmax 8000 --size 500x401 --cmap inferno",
    "jet.jpg": "--n-fft 1024 --freq-scale log --size 640x480 --cmap jet --quality 60",
    "native.webp": "--n-fft 512",
    "native.tiff": "--n-fft 512 --cmap gray_r",
    "sox.png": "--profile sox",
    "sox_odd.png": "--profile sox --size 801x129 --cmap sox-2",
    "stereo_sox.png": "--profile sox",
    "riffusion.png": "--profile riffusion --n-mels 256",
    "stereo_riffusion.png": "--profile riffusion",
    "diffusion.png": "--profile audio-diffusion --n-mels 96",
    **{
        f"audacity_{scale}.png": f"--profile audacity --freq-scale {scale}"
        for scale in ("linear", "log", "mel", "bark", "erb", "period")
    },
}
_NOISE = (0.0, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.06, 0.12, 0.3)
_OFF_FIELD = ("refuse",)


@dataclass(frozen=True)
class Shown:
    """A picture and what is true of it, as one would tell it."""

    name: str
    path: str
    facts: dict[str, Any] = field(default_factory=dict)
    group: str = ""


def of_corpus(corpus: Path) -> list[Shown]:
    """The pictures of a corpus with what `truth.json` says of each."""
    truth = json.loads((corpus / "truth.json").read_text())
    return [Shown(n, str((corpus / "pictures" / n).resolve()), told(truth[n]), "corpus") for n in sorted(truth)]


def told(truth: dict[str, Any]) -> dict[str, Any]:
    """What truth.json says, as facts: all of librosa's pictures; of other tools' what their pictures do not tell."""
    facts = {"sr": truth["sr"], "duration": truth["duration"]}
    if "edges" not in truth:
        scale = truth.get("scale", "linear")
        profile = f"ffmpeg-{scale}" if truth["profile"] == "ffmpeg" and scale != "linear" else truth["profile"]
        return {**facts, "profile": profile, **({"db_range": truth["db"]} if "specgram" in profile else {})}
    facts |= {"profile": "librosa-0.8" if "<" in truth["edges"] else "librosa", "freq_scale": truth["scale"]}
    facts |= {"n_fft": truth["n_fft"], "hop_length": truth["hop"], "cmap": truth["cmap"]}
    return facts | ({"n_mels": truth["n_mels"]} if "n_mels" in truth else {})


def of_field(make: Path, side: Side, folder: Path, quick: bool) -> list[Shown]:
    """The pictures that `make` draws, every fourth if it must be quick; what it misses here, it leaves out."""
    made = folder / "truth.json"
    if not made.exists():
        names = re.findall(r"@case\ndef (\w+)", make.read_text())
        folder.mkdir(parents=True, exist_ok=True)
        chosen = names[1::4] if quick else names
        done = subprocess.run(
            [side.python, str(make.resolve()), str(folder), *chosen],
            env=side.environment, cwd=folder, capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{make} failed:\n{done.stderr}")
        for line in done.stderr.splitlines():
            print(f"field: {line}")
    found = []
    for name, truth in json.loads(made.read_text()).items():
        facts = {k: v for k, v in truth["facts"].items() if k not in _OFF_FIELD}
        facts |= {"sr": truth["sr"], "duration": truth["duration"]}
        path = next(p for p in sorted(folder.glob(f"{name}.*")) if p.suffix in SUFFIXES)
        found.append(Shown(path.name, str(path), facts, "field"))
    return found


def of_repository() -> list[Shown]:
    """The pictures of tests/data, those that broke something once among them."""
    facts = {"profile": "librosa", "n_fft": 1024, "hop_length": 512, "duration": 4.5, "sr": 22050, "cmap": "magma"}
    known = {"spectrogram.png": facts, "audacity.png": {"profile": "audacity", "sr": 22050, "duration": 0.57}}
    paths = [path for path in sorted(DATA.rglob("*")) if path.suffix in SUFFIXES]
    groups = {path: "hostile" if path.parent.name == "hostile" else "data" for path in paths}
    return [
        Shown(path.relative_to(DATA).as_posix(), str(path), known.get(path.name, {"sr": 8000}), group)
        for path, group in groups.items()
    ]


def drawn(side: Side, folder: Path) -> list[Shown]:
    """Pictures of speech in every style, once as they are and once without what is embedded in them."""
    facts = {"sr": 22050, "duration": 4.5}
    if not folder.exists():
        half = folder.with_name("drawn.part")
        half.mkdir(parents=True, exist_ok=True)
        _draw(side, half)
        os.replace(half, folder)
    paths = sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)
    return [Shown(f"drawn/{path.name}", str(path), facts, "drawn") for path in paths]


def _draw(side: Side, folder: Path) -> None:
    stereo = folder / "stereo.wav"
    side.ask(Task("", "", "store_sound", {"source": {"name": str(SPEECH), "channels": 2}, "target": str(stereo)}))
    for name, options in _DRAWN.items():
        source, target = stereo if name.startswith("stereo") else SPEECH, folder / name
        arguments = ["encode", str(source), "-o", str(target), *options.split()]
        said = side.ask(Task("", f"draw {name}", "command", {"arguments": arguments}))
        if said.get("exit") != 0:
            raise SystemExit(f"the old tree does not draw {name}: {said}")
        bare = target.with_name(f"bare_{target.name}")
        side.ask(Task("", "", "store_bare", {"path": str(target), "target": str(bare)}))


def noisy(side: Side, folder: Path) -> list[Shown]:
    """Gray pictures of speech in more and more noise, upright and turned, and the first faded into a photograph.

    So what is loud moves from below to everywhere, and a spectrogram becomes none.
    """
    folder.mkdir(exist_ok=True)
    sound, drawn = folder / "noisy.wav", folder / "drawn.png"
    for noise in _NOISE:
        source = {"name": str(SPEECH), "noise": noise}
        for scale, options in (("log", ("--size", "512x384")), ("linear", ("--n-fft", "1024", "--hop-length", "256"))):
            target = folder / f"{scale}_{noise}_upright.png"
            if target.exists():
                continue
            side.ask(Task("", "", "store_sound", {"source": source, "target": str(sound)}))
            arguments = ["encode", str(sound), "-o", str(drawn), "--freq-scale", scale, "--cmap", "gray", *options]
            side.ask(Task("", "draw noisy", "command", {"arguments": arguments}))
            side.ask(Task("", "", "store_turned", {"path": str(drawn), "target": str(target), "fade": noise == 0}))
    paths = sorted(path for path in folder.glob("*_*.png"))
    return [Shown(f"spoiled/{path.name}", str(path), {"sr": 22050}, "spoiled") for path in paths]


def spoiled(side: Side, bases: list[str], folder: Path) -> list[Shown]:
    """Spoiled copies of some pictures."""
    found = []
    for base in bases:
        paths = side.ask(Task("", "", "variants", {"path": base, "folder": str(folder)}))
        found += [Shown(f"spoiled/{Path(path).name}", path, {"sr": 22050}, "spoiled") for path in paths]
    return found

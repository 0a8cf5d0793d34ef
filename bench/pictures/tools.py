"""Pictures of SoX, ffmpeg, Riffusion, audio-diffusion, plt.specgram, SciPy and imshow with known random parameters."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import librosa
import numpy as np
import scipy.signal
import soundfile
from PIL import Image

from bench.pictures.drawings import (
    RATES,
    SIZES,
    Array,
    Drawing,
    Sounds,
    canvas,
    colormap,
    damage_of,
    excerpt,
    pick,
    saved,
    spoil,
)

FFMPEG_MAPS = (
    "intensity", "rainbow", "moreland", "nebulae", "fire", "fiery", "fruit", "cool", "magma", "green", "viridis",
    "plasma", "cividis", "terrain", "channel",
)  # fmt: skip
_AS_SAVED = ("clean", "no metadata")  # what leaves a tool's pixels as they were
_DAMAGED = "a damaged picture of a tool"


def _kept(rng: np.random.Generator, png: bytes, stem: Path) -> tuple[Path, tuple[int, int], str]:
    """Path, size and damage: most pictures as the tool wrote them, some converted to RGB, a few as JPEG."""
    damage = str(rng.choice(["clean", "no metadata", "jpeg 4:2:0"], p=[0.75, 0.15, 0.1]))
    return *spoil(rng, png, damage, stem), damage


def _excused(damage: str, *names: str) -> dict[str, str]:
    """A tool's fingerprints lie in its exact colours: damaged pictures are only watched for false facts."""
    return {} if damage in _AS_SAVED else dict.fromkeys(names, _DAMAGED)


def sox(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing | None:
    """`sox ... spectrogram`, raw or with axes."""
    if shutil.which("sox") is None:
        return None
    sr = int(pick(rng, RATES))
    y = excerpt(rng, sounds, sr, rng.uniform(3, 20))
    wav, png = stem.with_suffix(".wav"), stem.with_suffix(".sox.png")
    raw, range_db = bool(rng.random() < 0.5), int(pick(rng, [120, 120, 120, 100, 80, 150]))
    options = ["-z", str(range_db)]
    name, light = "sox", rng.random() < 0.2
    look = rng.random()
    if look < 0.15:
        name, options = "sox-mono", [*options, "-m"]
    elif look < 0.25:
        name, options = "sox-high", [*options, "-h"]
    elif look < 0.4:
        order = int(rng.integers(2, 7))
        name, options = f"sox-{order}", [*options, "-p", str(order)]
    options += ["-l"] if light else []
    options += ["-r"] if raw else []
    options += ["-x", str(int(rng.integers(200, 1200)))] if rng.random() < 0.5 else []
    options += ["-y", str(int(pick(rng, [129, 257, 300, 513])))] if rng.random() < 0.5 else []
    options += ["-w", str(pick(rng, ["Hamming", "Kaiser", "Dolph"]))] if rng.random() < 0.2 else []
    title = not raw and rng.random() < 0.2
    options += ["-t", "A title"] if title else []
    stereo = bool(rng.random() < 0.15)
    soundfile.write(wav, np.stack([y, 0.7 * y[::-1]], axis=1) if stereo else y, sr)
    subprocess.run(["sox", wav, "-n", "spectrogram", *options, "-o", png], check=True, stderr=subprocess.DEVNULL)
    wav.unlink()
    path, (width, height), damage = _kept(rng, png.read_bytes(), stem)
    png.unlink()
    truth: dict[str, Any] = {
        "profile": "sox",
        "cmap": name + "_r" * bool(light),
        "freq_scale": "linear",
        "sr": sr,
        "duration": len(y) / sr,
        "db_range": (-float(range_db), 0.0),
        "plot_area": (0, 0, width, height) if raw else (58, 50 if title else 30, width - 86, height - 48),
        "channels": 2 if stereo else 1,
        "origin": "lower",
    }
    asked = frozenset({"profile", "cmap", *(() if raw else ("sr", "duration", "db_range", "plot_area"))})
    how = f"{width}x{height} {' '.join(options)} {'stereo' if stereo else ''}"
    return Drawing(path, "sox" if raw else "sox, axes", truth, asked, how, damage, _excused(damage, *asked))


def ffmpeg(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing | None:
    """`ffmpeg -lavfi showspectrumpic`, of sounds that are long enough: 5.1.9 draws short ones wrongly."""
    if shutil.which("ffmpeg") is None:
        return None
    sr = int(pick(rng, RATES))
    width, height = pick(rng, [(640, 256), (800, 512), (1024, 512), (512, 512), (900, 256), (1024, 256)])
    y = excerpt(rng, sounds, sr, rng.uniform(30, 60))
    y = np.tile(y, 1 + (3 * width * height) // len(y))  # half as long again as the transforms of all columns
    colour = str(pick(rng, FFMPEG_MAPS))
    legend, scale = bool(rng.random() < 0.5), str(pick(rng, ["log", "log", "log", "sqrt", "lin", "cbrt", "5thrt"]))
    log, span = bool(rng.random() < 0.08), int(pick(rng, [120, 120, 120, 90, 150]))
    options = f"s={width}x{height}:color={colour}:legend={int(legend)}:scale={scale}:drange={span}"
    options += ":fscale=log" if log else ""
    wav, png = stem.with_suffix(".wav"), stem.with_suffix(".ffmpeg.png")
    soundfile.write(wav, y, sr)
    command: list[str | Path] = ["ffmpeg", "-v", "error", "-y", "-i", wav, "-lavfi", f"showspectrumpic={options}", png]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    wav.unlink()
    path, size, damage = _kept(rng, png.read_bytes(), stem)
    png.unlink()
    left = (size[0] - width) // 2
    truth: dict[str, Any] = {
        "profile": "ffmpeg" if scale == "log" else f"ffmpeg-{scale}",
        "cmap": f"ffmpeg-{colour}",
        "freq_scale": "log" if log else "linear",
        "sr": sr,
        "duration": len(y) / sr,
        "plot_area": (left, 64, left + width, 64 + height) if legend else (0, 0, width, height),
        "origin": "lower",
    }
    if legend and scale == "log":
        truth["db_range"] = (-float(span), 0.0)
    asked = {"profile", "cmap", *(("sr", "duration", "plot_area") if legend else ())}
    excused = _excused(damage, *asked)
    if colour == "channel":  # one channel in gray: any gray of 256 levels
        excused |= dict.fromkeys({"cmap"} if legend else asked, "plain gray levels")
    kind = "ffmpeg, legend" if legend else "ffmpeg"
    return Drawing(path, kind, truth, frozenset(asked), f"{size} {options}", damage, excused)


def mel_amplitudes(y: Array) -> Array:
    """Riffusion's: 512 HTK bands to 10 kHz without norm, windows of 100 ms padded to 400, every 10 ms at 44.1 kHz."""
    S = np.abs(librosa.stft(y, n_fft=17640, win_length=4410, hop_length=441))
    bank = librosa.filters.mel(sr=44100, n_fft=17640, n_mels=512, fmin=0, fmax=10000, htk=True, norm=None)
    return np.asarray(bank @ S)


def riffusion(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing:
    """After spectrogram_converter.py and image_util.py: 255 - 255 (S / max)^.25, turned over; stereo in green and blue.

    Riffusion writes its EXIF itself; what a diffusion model draws, or an editor saves, has none. The sound is taken to
    44.1 kHz first, as its command line does, so that the EXIF's rate is the sound's.
    """
    y = excerpt(rng, sounds, 44100, float(pick(rng, [3, 5.12, 5.12, 8])))
    stereo, exif = bool(rng.random() < 0.25), bool(rng.random() < 0.5)
    sides = [mel_amplitudes(y)] + ([mel_amplitudes(0.8 * y[::-1])] if stereo else [])
    width = 512 if len(y) == int(5.12 * 44100) else sides[0].shape[1]
    S = np.stack([side[:, :width] for side in sides])
    most = float(S.max())
    gray = (255 - 255 * (S / most) ** 0.25).astype(np.uint8)[:, ::-1]
    rgb = np.stack([0 * gray[0], *gray] if stereo else [gray[0]] * 3, axis=2)
    image = Image.fromarray(rgb)
    tags = Image.Exif()
    values = {11000: 44100, 11005: stereo, 11010: 10, 11020: 100, 11030: 400, 11040: 512, 11050: 0, 11060: 10000}
    for tag, value in {**values, 11070: 0.25, 11080: most}.items():
        tags[tag] = value
    jpeg = bool(rng.random() < 0.25)
    path = stem.with_suffix(".jpg" if jpeg else ".png")
    image.save(path, exif=tags if exif else Image.Exif())
    truth: dict[str, Any] = {
        "profile": "riffusion",
        "cmap": "riffusion",
        "freq_scale": "mel",
        "n_mels": 512,
        "sr": 44100,
        "duration": width / 100,
        "channels": 2 if stereo else 1,
        "origin": "lower",
        "plot_area": (0, 0, width, 512),
    }
    how = f"{width}x512 {'stereo' if stereo else 'mono'}"
    kind = "riffusion, EXIF" if exif else "riffusion"
    excused = {} if exif or not jpeg else {"profile": _DAMAGED}
    return Drawing(path, kind, truth, frozenset({"profile"}), how, "jpeg" if jpeg else "clean", excused)


def audio_diffusion(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing:
    """After audio-diffusion's Mel.audio_slice_to_image: plain gray, 80 dB, the lowest band at the top."""
    side = int(pick(rng, [64, 128, 256, 256, 256, 512]))
    hop = int(pick(rng, [512, 512, 1024]))
    y = np.resize(excerpt(rng, sounds, 22050, side * hop / 22050 + 1), side * hop - 1)
    S = librosa.feature.melspectrogram(y=y, sr=22050, n_fft=2048, hop_length=hop, n_mels=side)
    db = librosa.power_to_db(S, ref=np.max, top_db=80)
    gray = (((db + 80) * 255 / 80).clip(0, 255) + 0.5).astype(np.uint8)
    path = stem.with_suffix(".png")
    Image.fromarray(gray).save(path)
    truth: dict[str, Any] = {
        "profile": "audio-diffusion",
        "cmap": "gray",
        "freq_scale": "mel",
        "n_mels": side,
        "sr": 22050,
        "n_fft": 2048,
        "hop_length": hop,
        "db_range": (-80.0, 0.0),
        "origin": "upper",
        "plot_area": (0, 0, side, side),
    }
    how = f"{side}x{side} hop {hop}"
    return Drawing(path, "audio-diffusion", truth, frozenset({"profile", "cmap"}), how)


def _decorated(rng: np.random.Generator, figure: Any, image: Any, kind: str, stem: Path, truth: dict[str, Any]) -> Any:
    """The Drawing of a figure without axes that shows `image`, perhaps damaged."""
    truth |= {"cmap": image.get_cmap().name, "db_range": tuple(float(v) for v in image.get_clim())}
    damage = damage_of(rng)
    path, size = spoil(rng, saved(figure), damage, stem)
    truth["plot_area"] = (0, 0, *size)
    how = f"{size[0]}x{size[1]}"
    return Drawing(path, kind, truth, frozenset({"profile", "cmap", "freq_scale"}), how, damage)


def specgram(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing:
    """plt.specgram without axes. Its rows are equal, and so those of librosa's edges: none are asked for."""
    sr, n_fft = int(pick(rng, RATES)), int(pick(rng, [256, 512, 1024, 2048]))
    hop = n_fft // int(pick(rng, [2, 4, 8]))
    y = excerpt(rng, sounds, sr, rng.uniform(2, 15))
    figure, axes = canvas(*pick(rng, SIZES))
    look: dict[str, Any] = {"cmap": colormap(rng) or "viridis"} if rng.random() < 0.4 else {}
    *_, image = axes.specgram(y + 1e-7, NFFT=n_fft, Fs=sr, noverlap=n_fft - hop, **look)
    if rng.random() < 0.5:
        image.set_clim(-140, -40)
    axes.axis("off")
    truth = {
        "profile": "matplotlib-specgram",
        "freq_scale": "linear",
        "sr": sr,
        "n_fft": n_fft,
        "hop_length": hop,
        "duration": len(y) / sr,
        "origin": "lower",
    }
    drawing: Drawing = _decorated(rng, figure, image, "plt.specgram", stem, truth)
    return drawing


def scipy_mesh(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing:
    """scipy.signal.spectrogram in decibels by pcolormesh, at times with gouraud shading as in SciPy's manual."""
    sr, n_fft = int(pick(rng, RATES)), int(pick(rng, [256, 512, 1024]))
    y = excerpt(rng, sounds, sr, rng.uniform(2, 10))
    f, t, S = scipy.signal.spectrogram(y + 1e-7, sr, nperseg=n_fft, noverlap=int(pick(rng, [n_fft // 8, n_fft // 2])))
    figure, axes = canvas(*pick(rng, SIZES))
    smooth = bool(rng.random() < 0.3)
    look: dict[str, Any] = {"cmap": colormap(rng) or "viridis", "shading": "gouraud" if smooth else "auto"}
    image = axes.pcolormesh(t, f, 10 * np.log10(S + 1e-14), **look)
    axes.axis("off")
    truth = {
        "profile": "scipy-pcolormesh",
        "freq_scale": "linear",
        "freq_edges": "bins" if smooth else "librosa>=0.9",
        "sr": sr,
        "n_fft": n_fft,
        "duration": len(y) / sr,
        "origin": "lower",
    }
    kind = "scipy gouraud" if smooth else "scipy pcolormesh"
    drawing: Drawing = _decorated(rng, figure, image, kind, stem, truth)
    return drawing


def imshow(rng: np.random.Generator, sounds: Sounds, stem: Path) -> Drawing:
    """imshow of decibels, upside down or not; its edges as above."""
    sr, n_fft = int(pick(rng, RATES)), int(pick(rng, [512, 1024, 2048]))
    y = excerpt(rng, sounds, sr, rng.uniform(2, 10))
    db = librosa.amplitude_to_db(np.abs(librosa.stft(y, n_fft=n_fft)), ref=np.max)
    origin = str(pick(rng, ["upper", "lower"]))
    figure, axes = canvas(*pick(rng, SIZES))
    image = axes.imshow(db, origin=origin, aspect="auto", cmap=colormap(rng) or "viridis")
    axes.axis("off")
    truth = {
        "profile": "imshow-db",
        "freq_scale": "linear",
        "sr": sr,
        "n_fft": n_fft,
        "hop_length": n_fft // 4,
        "duration": len(y) / sr,
        "n_frames": db.shape[1],
        "origin": origin,
    }
    drawing: Drawing = _decorated(rng, figure, image, f"imshow {origin}", stem, truth)
    return drawing


TOOLS: dict[str, Callable[[np.random.Generator, Sounds, Path], Drawing | None]] = {
    "sox": sox,
    "ffmpeg": ffmpeg,
    "riffusion": riffusion,
    "audio-diffusion": audio_diffusion,
    "specgram": specgram,
    "scipy": scipy_mesh,
    "imshow": imshow,
}

"""SoX and ffmpeg themselves, where they are installed (Debian: apt install sox ffmpeg), and text in their fonts."""

from __future__ import annotations

import shutil
import subprocess

import numpy as np
import pytest
import soundfile

needs_sox = pytest.mark.skipif(shutil.which("sox") is None, reason="sox is not installed")
needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def write_sounds(folder, y, sr, right, times):
    """Fill a folder with clip.wav, stereo.wav with that `right` channel, and long.wav, so many times as long."""
    soundfile.write(folder / "clip.wav", y, sr)
    soundfile.write(folder / "stereo.wav", np.stack([y, right], axis=1), sr)
    soundfile.write(folder / "long.wav", np.tile(y, times), sr)
    return folder


def draw_with_sox(folder, name, *options, source="clip.wav"):
    """Path of the picture that `sox SOURCE -n spectrogram OPTIONS` draws."""
    path = folder / f"{name}.png"
    subprocess.run(["sox", folder / source, "-n", "spectrogram", *options, "-o", path], check=True)
    return path


def draw_with_ffmpeg(folder, name, options, source="long.wav"):
    """Path of the picture that ffmpeg's showspectrumpic draws; `name` with its suffix."""
    path = folder / name
    command = ["ffmpeg", "-v", "error", "-y", "-i", folder / source, "-lavfi", f"showspectrumpic={options}", path]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return path


def write(pixels, face, x, y, text, ink):
    """Write `text` in a font at column x and row y."""
    drawn = face.drawn(text)
    part = pixels[y : y + drawn.shape[0], x : x + drawn.shape[1]]
    part[drawn[:, : part.shape[1]]] = ink

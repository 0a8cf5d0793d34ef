"""Make the files of this folder again: cut the speech, draw its spectrogram, and say whether they differ.

    python tests/data/make_data.py                     draw spectrogram.png from speech.flac
    python tests/data/make_data.py --check             draw it elsewhere and compare the pixels
    python tests/data/make_data.py --cut SOUND START   cut speech.flac out of a longer recording first

The drawing is the one that fastspec began with: a librosa STFT of 1024 samples, hop 512, `np.hanning` window,
`amplitude_to_db` relative to the maximum, log frequency axis, default colours, 640 x 480 pixels, axes off.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import librosa
import librosa.display
import matplotlib
import numpy as np
import soundfile
from PIL import Image

matplotlib.use("Agg")
import matplotlib.pyplot as plt

HERE = Path(__file__).parent
SPEECH, PICTURE = HERE / "speech.flac", HERE / "spectrogram.png"
SECONDS = 4.5


def cut(source: Path, start: float) -> None:
    """Write `SECONDS` of `source` from `start` on as speech.flac, samples unchanged."""
    sr = soundfile.info(source).samplerate
    first = round(start * sr)
    y, sr = soundfile.read(source, start=first, frames=round(SECONDS * sr), dtype="int16")
    soundfile.write(SPEECH, y, sr, subtype="PCM_16")


def draw(output: Path) -> None:
    """Draw the spectrogram of speech.flac, the picture filling the figure."""
    y, sr = librosa.load(SPEECH, sr=None)
    S = np.abs(librosa.stft(y, n_fft=1024, hop_length=512, window=np.hanning(1024)))
    fig = plt.figure(figsize=(6.4, 4.8), dpi=100)
    ax = fig.add_axes((0, 0, 1, 1))
    # axis("off") and nothing more: axis("tight") before specshow stops today's librosa from setting the limits
    ax.axis("off")
    dB = librosa.amplitude_to_db(S, ref=np.max)
    librosa.display.specshow(dB, sr=sr, hop_length=512, x_axis="time", y_axis="log", ax=ax)
    fig.savefig(output)
    plt.close(fig)


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the test data again.")
    parser.add_argument("--cut", nargs=2, metavar=("SOUND", "START"))
    parser.add_argument("--check", action="store_true")
    args = parser.parse_args()
    if args.cut:
        cut(Path(args.cut[0]), float(args.cut[1]))
    if not args.check:
        draw(PICTURE)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        again = Path(folder) / "again.png"
        draw(again)
        new, old = (np.asarray(Image.open(p)) for p in (again, PICTURE))
    changed = int((new != old).any(axis=-1).sum()) if new.shape == old.shape else old.shape[0] * old.shape[1]
    print(f"{changed} of {old.shape[0] * old.shape[1]} pixels differ")
    return 1 if changed else 0


if __name__ == "__main__":
    sys.exit(main())

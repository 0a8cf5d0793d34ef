"""Write src/fastspec/data/bitmap_fonts.npz: the bitmap fonts in which SoX and ffmpeg write their legends.

Run by hand when `fastspec.detect.bitmap_fonts` needs another character: `python ci/data/make_bitmap_fonts.py`. The
tools themselves draw the characters: SoX in a picture's title, ffmpeg in the names of channel layouts and the other
lines of its legend. For each font NAME the archive holds `NAME_characters` (N,) and `NAME_bits` (N, rows) uint8, a
row's leftmost pixel in its highest bit.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

TARGET = Path(__file__).parents[2] / "src" / "fastspec" / "data" / "bitmap_fonts.npz"
SOX_TEXT = "0123456789.+-()DCTimeFrquncyHzskMGp dBFSatobyX"
LAYOUTS = (
    "mono", "stereo", "2.1", "3.0", "3.0(back)", "4.0", "quad", "quad(side)", "3.1", "5.0", "5.0(side)", "4.1", "5.1",
    "5.1(side)", "6.0", "6.0(front)", "hexagonal", "6.1", "6.1(back)", "6.1(front)", "7.0", "7.0(front)", "7.1",
    "7.1(wide)", "7.1(wide-side)", "octagonal", "hexadecagonal", "downmix",
)  # fmt: skip
RATES = (44100, 23456, 37890)


def ink(path: Path) -> np.ndarray:
    """Which pixels are written on: bool (H, W)."""
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))[:, :, 1] > 90


def cells(pixels: np.ndarray, text: str, x: int, y: int, size: tuple[int, int], pitch: int) -> dict[str, np.ndarray]:
    """The bits of each character of `text`, written at (x, y)."""
    rows, columns = size
    starts = [x + i * pitch for i in range(len(text))]
    parts = [pixels[y : y + rows, start : start + columns] for start in starts]
    return {char: np.packbits(part, axis=1)[:, 0] for char, part in zip(text, parts, strict=True)}


def sox(folder: Path) -> dict[str, np.ndarray]:
    """SoX's characters of 5 x 12 pixels, 6 apart, from the title, which is centred."""
    path, width = folder / "sox.png", 800
    text = "".join(dict.fromkeys(SOX_TEXT.replace(" ", "")))
    command = [
        "sox",
        "-n",
        "-r",
        "8000",
        "-n",
        "synth",
        "1",
        "sine",
        "440",
        "spectrogram",
        "-t",
        text,
        "-x",
        str(width),
    ]
    subprocess.run([*command, "-o", path], check=True)
    pixels = ink(path)
    return cells(pixels, text, (pixels.shape[1] - 6 * len(text)) // 2, 11, (12, 5), 6)


def ffmpeg(folder: Path) -> dict[str, np.ndarray]:
    """ffmpeg's characters of 8 x 8 pixels, from the lines that its legend has for these layouts, rates and a zoom."""
    found: dict[str, np.ndarray] = {}
    for number, layout in enumerate((*LAYOUTS, *("mono" for _ in RATES))):
        path, rate = folder / "ffmpeg.png", RATES[number % len(RATES)]
        sound = f"anullsrc=channel_layout={layout}:sample_rate={rate}:d=4"
        draw = "showspectrumpic=s=640x256:start=100:stop=4000"
        command: list[str | Path] = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", sound, "-lavfi", draw, path]
        subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
        pixels = ink(path)
        height, width = pixels.shape
        text, zoom = f"{rate} Hz | {layout}", "Zoom: 100 Hz - 4000 Hz"
        lines = [
            (text, width - 2 - 10 * len(text), height - 10),
            (zoom, width - 2 - 10 * len(zoom), 3),
            ("CREATED BY LIBAVFILTER", 2, height - 10),
            ("TIME", width // 2 - 16, height - 32),
            ("dBFS", 640 + (width - 640) // 2 + 22, 64 + 256 + 20),
        ]
        for line, x, y in lines:
            found |= cells(pixels, line, x, y, (8, 8), 8)
        rotated = pixels[:, (width - 640) // 2 // 7 :][:, :8]  # "FREQUENCY (Hz)" runs downwards, ten rows a character
        start = height // 2 - 56
        for i, char in enumerate("FREQUENCY (Hz)"):
            part = rotated[start + 10 * i : start + 10 * i + 8]
            found[char] = np.packbits(part.T[::-1], axis=1)[:, 0]
    for char in [c for c in found if c == " "]:
        del found[char]
    return found


def main() -> None:
    """Write the archive."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("target", nargs="?", type=Path, default=TARGET)
    target = parser.parse_args().target
    arrays = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, draw in (("sox", sox), ("ffmpeg", ffmpeg)):
            font = draw(Path(folder))
            arrays[f"{name}_characters"] = np.array(list(font))
            arrays[f"{name}_bits"] = np.stack(list(font.values()))
            print(name, len(font), "".join(font))
    np.savez_compressed(target, **arrays)  # type: ignore[arg-type]
    print(f"{target.name}: {target.stat().st_size} bytes")


if __name__ == "__main__":
    main()

"""Judge edited pictures that are decoded with the sound that they were drawn of.

    python -m bench.quality.originals CORPUS [--sizes WxH ...] [--plain]

CORPUS holds audio/. Each sound is drawn as librosa draws it (STFT of 1024 and 512 with np.hanning, log axis, magma; its
edges of today and of before 0.9), edited, and given back with nothing but the sound. Printed for each edit: held-out SC
in dB against the ideal edit, which is the same mask on the STFT (lower is better), the share of pixels that were found
edited and that were, the share of samples that are the original's bit for bit, and seconds. Of noise the reference is
the sound that was drawn. `--plain` adds the held-out SC of decoding the picture alone, with all facts given.
"""

from __future__ import annotations

import argparse
import io
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile
from PIL import Image

import fastspec
from bench.quality.text_table import text_table
from fastspec import inspection
from fastspec.calibration.complete import Complete
from fastspec.colours import colormap
from fastspec.errors import FastspecError
from fastspec.phase import metrics
from fastspec.plot import cells, layout

STEP = 80 / 256  # dB
SHIFT = 40  # frames that a pasted block was moved by
FACTS: dict[str, Any] = {"n_fft": 1024, "hop_length": 512, "window": "hanning", "freq_scale": "log"}
OWN: dict[str, Any] = {"hop_length": 512, "window": np.hanning(1024)}

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
Complex = np.ndarray[Any, np.dtype[np.complex64]]


class Drawing:
    """A sound, its STFT (frames, bins), and the entries of the colormap that a picture of it shows (H, W)."""

    def __init__(self, y: np.ndarray[Any, Any], sr: int, edges: str, size: tuple[int, int]) -> None:
        self.y, self.sr = y, sr
        self.spectrum: Complex = fastspec.stft(y, n_fft=1024, **OWN).T
        given = {**FACTS, "sr": sr, "duration": y.size / sr, "freq_edges": edges, "n_frames": len(self.spectrum)}
        facts = Complete.of(inspection.profile_facts(inspection.given_facts({**given, "profile": "librosa"})))
        self.plan = layout.layout(facts, *size)
        size_of = np.abs(self.spectrum)
        level = np.clip(20 * np.log10(np.maximum(size_of / size_of.max(), 1e-9)) / 80 + 1, 0, 1)
        shown = cells.draw(level.astype(np.float32), self.plan.rows, self.plan.columns)
        self.cmap = colormap.get("magma")
        self.entries = colormap.entry_of(shown, self.cmap).astype(np.int64)

    def mask(self, rows: slice, columns: slice) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """The (frames, bins) between those that a rectangle of pixels shows."""
        frames, bins = self.plan.columns[columns], self.plan.rows[rows]
        marked = np.zeros(self.spectrum.shape, np.bool_)
        marked[frames.min() : frames.max() + 1, bins.min() : bins.max() + 1] = True
        return marked

    def backwards(self, turn: int) -> Complex:
        """The STFT (frames, bins) of the sound backwards, whose frame t is what frame `turn` - t was."""
        at = turn * OWN["hop_length"] - np.arange(self.y.size)
        held = (at >= 0) & (at < self.y.size)
        y = np.where(held, self.y[np.clip(at, 0, self.y.size - 1)], 0).astype(np.float32)
        found: Complex = fastspec.stft(y, n_fft=1024, **OWN).T
        return found

    def sound(self, spectrum: Complex) -> np.ndarray[Any, Any]:
        """The sound after an ideal edit."""
        change = fastspec.istft((spectrum - self.spectrum).T, **OWN, length=self.y.size)
        return self.y + change


class Edited(NamedTuple):
    """A picture, how much of it was edited, and what should be heard."""

    pixels: Pixels
    share: float
    ideal: np.ndarray[Any, Any]


def levels(steps: int | None) -> Callable[[Drawing], Edited]:
    """An edit that changes all levels of a rectangle by so many steps; None erases it."""

    def edit(drawing: Drawing) -> Edited:
        height, width = drawing.entries.shape
        rows, columns = slice(height // 5, height * 9 // 20), slice(width * 2 // 5, width * 3 // 5)
        entries, ideal = drawing.entries.copy(), drawing.spectrum.copy()
        part = entries[rows, columns]
        part[...] = 0 if steps is None else np.clip(part + steps, 0, 255)
        ideal[drawing.mask(rows, columns)] *= 0 if steps is None else 10 ** (steps * STEP / 20)
        return Edited(drawing.cmap.table[entries], float(np.mean(entries != drawing.entries)), drawing.sound(ideal))

    return edit


def pasted(steps: int = 0, *, mirrored: bool = False) -> Callable[[Drawing], Edited]:
    """A block that was copied from some frames before, or mirrored in time, with levels changed by so many steps."""

    def edit(drawing: Drawing) -> Edited:
        height, width = drawing.entries.shape
        rows, columns = slice(height // 5, height * 9 // 20), range(width * 2 // 5, width * 3 // 5)
        entries, shown = drawing.entries.copy(), drawing.plan.columns
        turn, shift = int(shown[columns.start] + shown[columns.stop - 1]), SHIFT
        thin = len(drawing.spectrum) > width  # not every frame has a column: by whole pixels, as editors paste
        if thin:
            step = round(SHIFT * width / len(drawing.spectrum))
            shift = round(float(np.median(shown[columns] - shown[np.array(columns) - step])))
        for column in columns:
            source = np.flatnonzero(shown == (turn - shown[column] if mirrored else shown[column] - shift))
            if thin:
                source = np.array([columns.start + columns.stop - 1 - column if mirrored else column - step])
            if source.size:
                copied = drawing.entries[rows, source[source.size // 2]]
                entries[rows, column] = np.clip(copied + steps, 0, 255)
        mask = drawing.mask(rows, slice(columns.start, columns.stop))
        other = drawing.backwards(turn) if mirrored else np.roll(drawing.spectrum, shift, axis=0)
        louder = np.float32(10 ** (steps * STEP / 20))
        ideal = np.where(mask, louder * other, drawing.spectrum)
        return Edited(drawing.cmap.table[entries], float(np.mean(entries != drawing.entries)), drawing.sound(ideal))

    return edit


def noisy(drawing: Drawing) -> Edited:
    """Noise of 10 of 255 over the whole picture."""
    pixels = drawing.cmap.table[drawing.entries].astype(np.float64)
    pixels += np.random.default_rng(0).normal(0, 10, pixels.shape)
    return Edited(np.clip(pixels, 0, 255).astype(np.uint8), 1.0, drawing.y)


EDITS: dict[str, Callable[[Drawing], Edited]] = {
    "none": levels(0),
    "erased": levels(None),
    "+6 dB": levels(19),
    "-10 dB": levels(-32),
    "pasted": pasted(),
    "pasted +6 dB": pasted(19),
    "mirrored": pasted(mirrored=True),
    "noise 10": noisy,
}
JPEG = ("none", "erased", "+6 dB")  # also saved as JPEG of quality 90


def judged(drawing: Drawing, edited: Edited, jpeg: bool, plain: bool) -> list[str]:
    """The cells of one row."""
    stream = io.BytesIO()
    Image.fromarray(edited.pixels).save(stream, "JPEG" if jpeg else "PNG", **({"quality": 90} if jpeg else {}))
    stream.seek(0)
    start = time.perf_counter()
    try:
        found = fastspec.Decoder().retouch(stream, (drawing.y, drawing.sr))
    except FastspecError as error:
        return [f"refused: {error}"]
    took = time.perf_counter() - start
    same = np.array_equal(found.wave, edited.ideal)
    sc = "exact" if same else f"{metrics.held_out_sc(found.wave, edited.ideal, drawing.sr):.1f}"
    row = [sc, f"{found.share:.3f}", f"{edited.share:.3f}", f"{found.exact / drawing.y.size:.3f}", f"{took:.2f}"]
    if plain:
        stream.seek(0)
        known = {**FACTS, "sr": drawing.sr, "duration": drawing.y.size / drawing.sr}
        y, _ = fastspec.decode(stream, **known)
        row.append(f"{metrics.held_out_sc(y, edited.ideal, drawing.sr):.1f}")
    return row


def rows(corpus: Path, sizes: list[str], plain: bool) -> Iterator[list[str]]:
    """All rows of the table."""
    for path in sorted((corpus / "audio").glob("*.flac")):
        y, sr = soundfile.read(path, dtype="float32", always_2d=True)
        for edges in ("librosa>=0.9", "librosa<0.9"):
            for size in sizes:
                width, height = map(int, size.split("x"))
                drawing = Drawing(np.ascontiguousarray(y[:, 0]), sr, edges, (width, height))
                for name, edit in EDITS.items():
                    for jpeg in (False, True) if name in JPEG else (False,):
                        label = f"{name}, JPEG" if jpeg else name
                        yield [path.stem, edges, size, label, *judged(drawing, edit(drawing), jpeg, plain)]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--sizes", nargs="+", default=["1280x960"])
    parser.add_argument("--plain", action="store_true")
    options = parser.parse_args()
    head = ["sound", "edges", "size", "edit", "SC", "found", "edited", "exact", "s"] + ["plain SC"] * options.plain
    body = [line + [""] * (len(head) - len(line)) for line in rows(options.corpus, options.sizes, options.plain)]
    print(text_table(head, body, markdown=False))


if __name__ == "__main__":
    main()

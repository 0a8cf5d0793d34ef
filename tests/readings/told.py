"""Pictures that are read with what their files, sidecars, other pictures or the user say of them."""

from __future__ import annotations

import io
import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import fastspec
from fastspec.picture import files
from fastspec.picture.picture import Picture
from tests.readings.pictures import DATA, look, native, speech, stored


def _own(**drawing: Any) -> Picture:
    y, sr = speech()
    return fastspec.encode(y, sr, n_fft=256, hop_length=128, **drawing)


def _saying(change: Callable[[dict[str, Any]], None]) -> Picture:
    """A picture of fastspec's own whose text was changed."""
    picture = _own()
    said = json.loads(picture.embedded or "{}")
    change(said)
    return replace(picture, embedded=json.dumps(said))


def _resized(picture: Picture, width: int, height: int) -> Picture:
    pixels = np.asarray(Image.fromarray(picture.rgb()).resize((width, height)))
    return Picture(np.ascontiguousarray(pixels), embedded=picture.embedded)


def _cut(picture: Picture, columns: int) -> Picture:
    return Picture(np.ascontiguousarray(picture.rgb()[:, :columns]), embedded=picture.embedded)


def _beside(change: Callable[[str], str] = lambda text: text, *, keeps: bool = False, edit: bool = False) -> Any:
    """Of a picture with a sidecar, whose text was changed; keeps : whether the picture still says all itself."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / "p.png"
        picture = _own()
        files.write(picture, str(path), sidecar=True)
        if not keeps:
            pixels = picture.rgb()[:, ::-1] // 2 + 90 if edit else picture.rgb()
            Image.fromarray(np.ascontiguousarray(pixels.astype(np.uint8))).convert("P").save(path)
        beside = Path(f"{path}.json")
        beside.write_text(change(beside.read_text()))
        found = fastspec.inspect(str(path))
        return replace(found, remarks=tuple(said.replace(name, "FOLDER") for said in found.remarks))


def _exif(stereo: bool = False, **tags: float) -> Picture:
    """Rows of inverted gray with Riffusion's tags."""
    image = Image.fromarray(look("mel", size=(200, 512), cmap="gray_r"))
    exif = image.getexif()
    usual = {"t11000": 44100, "t11005": stereo, "t11010": 10, "t11020": 100, "t11040": 512, "t11060": 10000}
    exif.update({int(tag[1:]): value for tag, value in {**usual, **tags}.items()})
    out = io.BytesIO()
    image.save(out, "PNG", exif=exif)
    return files.read(out.getvalue())


def _decoded(name: str, **given: Any) -> Any:
    """The levels that are read off a picture, and its facts."""
    read = fastspec.Decoder(**given).read(stored(name) if not name.startswith("/") else files.read(name))
    return read.calibration


def _drawn_as(profile: str, **drawing: Any) -> Any:
    """What a tool's drawing says of itself, or its refusal."""
    y, sr = speech()
    picture = fastspec.encode(y, drawing.pop("sr", sr), profile=profile, **drawing)
    return json.loads(picture.embedded or "{}"), picture.rgb()


_INSPECT = fastspec.inspect
TOLD: Mapping[str, Callable[[], Any]] = {
    "own": lambda: _INSPECT(_own()),
    "own, other rate given": lambda: _INSPECT(_own(), sr=8000),
    "own, duration given": lambda: _INSPECT(_own(), duration=2.0),
    "own, resized": lambda: _INSPECT(_resized(_own(), 300, 100)),
    "own, cut": lambda: _INSPECT(_cut(_own(), 200)),
    "own, no text": lambda: _INSPECT(replace(_own(), embedded="no text")),
    "own, map unknown": lambda: _INSPECT(
        _saying(lambda said: said["facts"].update(cmap={"value": "none", "confidence": 1}))
    ),
    "own, profile unknown": lambda: _INSPECT(
        _saying(lambda s: s["facts"].update(profile={"value": "x", "confidence": 1}))
    ),
    "own, size untold": lambda: _INSPECT(_saying(lambda said: said.pop("size", None))),
    "own, cut, size untold": lambda: _INSPECT(_cut(_saying(lambda said: said.pop("size", None)), 200)),
    "own in a look": lambda: _INSPECT(_own(profile="librosa", size=(300, 200), freq_scale="mel")),
    "beside": _beside,
    "beside and within": lambda: _beside(keeps=True),
    "beside, edited": lambda: _beside(edit=True),
    "beside, broken": lambda: _beside(lambda text: text[:50]),
    "beside, other rate": lambda: _beside(lambda text: text.replace("22050", "11025"), keeps=True),
    "beside, no facts": lambda: _beside(lambda text: "[1, 2]"),
    "like": lambda: _INSPECT(native(n_fft=256, hop_length=128), like=_own()),
    "like, cut": lambda: _INSPECT(native(n_fft=256, hop_length=128)[:, :200].copy(), like=_own()),
    "like, resized": lambda: _INSPECT(_resized(_own(), 300, 100).rgb(), like=_own()),
    "like a figure": lambda: _INSPECT(stored("figure_grid.png"), like=stored("figure_log.png")),
    "like of nothing": lambda: _INSPECT(look(), like=np.full((80, 90, 3), 255, np.uint8)),
    "exif": lambda: _INSPECT(_exif()),
    "exif, stereo": lambda: _INSPECT(_exif(True, t11020=50, t11050=20, t11070=0.5)),
    "exif, odd": lambda: _INSPECT(_exif(t11000=0)),
    "given profile": lambda: _INSPECT(look(), profile="matplotlib-specgram"),
    "given scipy": lambda: _INSPECT(look("linear"), profile="scipy-pcolormesh", sr=16000, duration=3.0),
    "given matlab": lambda: _INSPECT(look("linear"), profile="matlab", sr=16000, duration=3.0),
    "given sox": lambda: _INSPECT(look("linear"), profile="sox", sr=16000, duration=3.0),
    "given ffmpeg": lambda: _INSPECT(look("linear"), profile="ffmpeg-sqrt", sr=16000, duration=3.0),
    "given praat": lambda: _INSPECT(look("linear", cmap="gray_r"), profile="praat-flat"),
    "given riffusion": lambda: _INSPECT(look("mel"), profile="riffusion", duration=3.0),
    "given audacity": lambda: _INSPECT(look("mel"), profile="audacity", sr=16000, duration=3.0, win_length=512),
    "given another scale": lambda: _INSPECT(stored("ffmpeg_stereo.png"), profile="ffmpeg-cbrt"),
    "given another tool": lambda: _INSPECT(stored("sox.png"), profile="spek"),
    "given duration of sox": lambda: _INSPECT(stored("sox.png"), duration=3.0),
    "given other duration of sox": lambda: _INSPECT(stored("sox.png"), duration=3.5),
    "given duration of ffmpeg": lambda: _INSPECT(stored("ffmpeg.png"), duration=3.0),
    "given other duration of ffmpeg": lambda: _INSPECT(stored("ffmpeg.png"), duration=3.2),
    "given duration of a figure": lambda: _INSPECT(stored("figure_log.png"), duration=1.0),
    "given area": lambda: _INSPECT(stored("figure_log.png"), plot_area=(60, 40, 250, 180)),
    "given panel": lambda: _INSPECT(stored("figure_log.png"), panel=2),
    "given enlarged area": lambda: _INSPECT(np.repeat(np.repeat(look(), 2, 0), 2, 1), plot_area=(20, 20, 400, 300)),
    "given linear scale": lambda: _INSPECT(look(), freq_scale="linear", sr=16000, n_fft=512),
    "given frames": lambda: _INSPECT(stored("bells_many_frames.png"), duration=1.0, sr=16000),
    "given frames and length": lambda: _INSPECT(stored("bells_few_frames.png"), duration=1.0, sr=16000, n_fft=256),
    "given hop": lambda: _INSPECT(
        stored("bells.png"), duration=1.0, sr=16000, hop_length=64, profile="matplotlib-specgram"
    ),
    "given rate of bells": lambda: _INSPECT(stored("bells.png"), sr=16000, duration=1.0, profile="matplotlib-specgram"),
    "given rate of gouraud": lambda: _INSPECT(stored("gouraud.png"), sr=16000, duration=3.0),
    "mirrored sox": lambda: _INSPECT(np.ascontiguousarray(stored("sox.png").rgb()[:, ::-1])),
    "colours of sox": lambda: _INSPECT(stored("sox.png").rgb()),
    "colours of light sox": lambda: _INSPECT(stored("sox_light.png").rgb()),
    "jpeg of sox": lambda: _INSPECT(_jpeg(stored("sox.png"))),
    "jpeg of gray sox": lambda: _INSPECT(_jpeg(stored("sox_mono.png"))),
    "jpeg of ffmpeg": lambda: _INSPECT(_jpeg(stored("ffmpeg.png"))),
    "turned sox": lambda: _INSPECT(
        Picture(np.ascontiguousarray(np.rot90(stored("sox.png").pixels)), stored("sox.png").palette)
    ),
    "data spectrogram": lambda: _INSPECT(DATA / "spectrogram.png"),
    "data praat": lambda: _INSPECT(DATA / "praat.png"),
    "data spek": lambda: _INSPECT(DATA / "spek.png"),
    "data audacity": lambda: _INSPECT(DATA / "audacity.png"),
    "levels of ffmpeg": lambda: _decoded("ffmpeg.png"),
    "levels of raw ffmpeg": lambda: _decoded("ffmpeg_raw.png", sr=16000, duration=60.0),
    "levels of sox": lambda: _decoded("sox.png"),
    "levels of light sox": lambda: _decoded("sox_light.png"),
    "levels of stereo sox": lambda: _decoded("sox_stereo.png"),
    "levels of praat": lambda: _decoded(str(DATA / "praat.png")),
    "levels of spek": lambda: _decoded(str(DATA / "spek.png")),
    "levels of gouraud": lambda: _decoded("gouraud.png", sr=16000, duration=3.0),
    "levels of bells": lambda: _decoded("bells_few_frames.png", sr=16000, duration=1.0),
    "drawn as sox": lambda: _drawn_as("sox", size=(100, 65)),
    "drawn as sox, tall": lambda: _drawn_as("sox", size=(60, 33), db_range=(-60.0, 0.0), cmap="sox-high"),
    "drawn as sox, n_fft": lambda: _drawn_as("sox", n_fft=128),
    "drawn as sox, odd n_fft": lambda: _drawn_as("sox", n_fft=129),
    "drawn as sox, contradicting": lambda: _drawn_as("sox", n_fft=128, size=(100, 33)),
    "drawn as sox, in viridis": lambda: _drawn_as("sox", cmap="viridis"),
    "drawn as sox, low": lambda: _drawn_as("sox", size=(100, 16)),
    "drawn as sox, hop": lambda: _drawn_as("sox", hop_length=100),
    "drawn as spek": lambda: _drawn_as("spek", size=(300, 200), cmap="spek-spectrum"),
    "drawn as spek, small": lambda: _drawn_as("spek", size=(100, 100)),
    "drawn as spek, n_fft": lambda: _drawn_as("spek", n_fft=100),
    "drawn as spek, range": lambda: _drawn_as("spek", db_range=(-150.0, 0.0)),
    "drawn as spek, in viridis": lambda: _drawn_as("spek", cmap="viridis"),
    "drawn as audacity": lambda: _drawn_as("audacity", size=(90, 60), win_length=256, cmap="audacity-grayscale"),
    "drawn as audacity, odd": lambda: _drawn_as("audacity", size=(90, 60), n_fft=257),
    "drawn as audacity, cqt": lambda: _drawn_as("audacity", freq_scale="cqt"),
    "drawn as audacity, in viridis": lambda: _drawn_as("audacity", cmap="viridis"),
    "drawn as audio-diffusion": lambda: _drawn_as("audio-diffusion", n_mels=32),
    "drawn as audio-diffusion, sized": lambda: _drawn_as("audio-diffusion", size=(64, 64)),
    "drawn as riffusion": lambda: _drawn_as("riffusion", n_mels=64, fmax=8000.0),
    "drawn as riffusion, sized": lambda: _drawn_as("riffusion", size=(64, 64)),
    "drawn as nobody": lambda: _drawn_as("sax"),
    "drawn in 16 bits": lambda: _drawn_as("sox", bits=16),
}


def _jpeg(picture: Picture) -> Picture:
    out = io.BytesIO()
    Image.fromarray(picture.rgb()).save(out, "JPEG", quality=85)
    return files.read(out.getvalue())

"""`inspect` is a fold of readers over an immutable scene; each tells only what it says it may tell."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import fastspec
from fastspec import inspection
from fastspec.axes.frequency import FrequencyAxis
from fastspec.calibration import guesses
from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import FACTS
from fastspec.colours import colormap
from fastspec.detect.evidence import Scene
from fastspec.errors import CalibrationError
from fastspec.inspection import READERS, load
from fastspec.picture import files as picture_files
from fastspec.picture.picture import Picture
from fastspec.plot import imshow
from tests.detect.drawn import drawn, jpeg

LIMIT = 1 << 22


def _pictures(speech, speech_picture):
    y, sr = speech
    short = y[: 2 * sr]
    yield fastspec.inspect, speech_picture
    for options in (
        {},
        {"size": (300, 200), "freq_scale": "log"},
        {"profile": "sox"},
        {"profile": "riffusion"},
        {"profile": "audacity"},
        {"profile": "audio-diffusion"},
        {"bits": 16},
        {"freq_scale": "mel"},
    ):
        yield options, fastspec.encode(short, sr, **options)
    for profile in ("sox", "riffusion", "audio-diffusion"):
        drawn = fastspec.encode(short, sr, profile=profile)
        yield f"bare {profile}", Picture(drawn.pixels, drawn.palette)
    pixels = np.array(fastspec.encode(short, sr, size=(300, 200), freq_scale="log").rgb())
    yield "bare", pixels
    yield "doubled", pixels.repeat(2, axis=0).repeat(2, axis=1)
    yield "on its side", np.rot90(pixels).copy()
    yield "margins", np.pad(pixels, ((40, 40), (60, 60), (0, 0)), constant_values=255)


def test_no_reader_tells_what_it_does_not_say_it_tells(speech, speech_picture):
    told: dict[str, set[str]] = {}
    for _, picture in _pictures(speech, speech_picture):
        scene = Scene.of(load(picture), Calibration(), LIMIT)
        for reader in READERS:
            if reader.applies(scene):
                evidence = reader.read(scene)
                name = type(reader).__name__
                assert evidence.told <= reader.tells, (name, evidence.told - reader.tells)
                told.setdefault(name, set()).update(evidence.told)
                scene = scene.knowing(evidence)
    # the pictures above make most readers speak
    assert {"Embedded", "FromTool", "FromFigure", "WholePicture", "ColormapReader", "CellBorders", "Defaults"} <= {
        name for name, facts in told.items() if facts
    }


def test_every_reader_names_facts_that_exist():
    for reader in READERS:
        assert reader.tells <= FACTS.keys()


def test_readers_are_asked_in_an_order_that_claims_precede_work():
    names = [type(reader).__name__ for reader in READERS]
    assert names.index("Claims") < names.index("FromTool")
    assert names[-1] == "Size"
    assert names.index("Defaults") < names.index("Timing")


def test_a_file_object_a_path_and_an_array_are_seen_alike(speech_picture):
    by_path = inspection.inspect(speech_picture)
    by_file = inspection.inspect(io.BytesIO(speech_picture.read_bytes()))
    assert by_path.report()["facts"] == by_file.report()["facts"]


@pytest.mark.parametrize("name", ["gist_heat", "viridis", "bone"])
def test_facts_of_a_profile_are_not_surer_than_the_profile(name):
    cells = colormap.get(name, "trunc").table[np.random.default_rng(12).integers(0, 256, (129, 400))]
    index, weight = imshow.blend(129, 300)
    rows = (cells[index] * weight[..., None, None]).sum(axis=1).astype(np.uint8)
    found = fastspec.inspect(signed(rows))
    assert found["profile"] == "matplotlib-specgram"
    assert (found["n_fft"], found.source("n_fft")) == (256, "pixels")
    sure = found.facts["profile"].confidence
    assert found.source("profile") == "assumed"  # imshow of any STFT leaves the same pixels
    assert sure < guesses.LIMITS.believed
    assert found.facts["freq_edges"].confidence <= sure
    # what follows from a profile that is a guess is one
    assert {found.source(n) for n in ("origin", "freq_scale", "hop_length", "n_frames")} == {"assumed"}


@pytest.mark.parametrize("name", ["gist_heat", "viridis", "bone"])
def test_an_array_that_matplotlib_saved_is_not_taken_for_specgrams(name):
    array = colormap.get(name, "trunc").table[np.random.default_rng(12).integers(0, 256, (257, 400))]
    found = fastspec.inspect(signed(array), hop_length=100, sr=8000)
    assert "profile" not in found
    assert found["cmap"].removesuffix("_r") == name
    assert found["duration"] == pytest.approx(400 * 100 / 8000, rel=0.01)


def signed(pixels):
    """A PNG of pixels (H, W, 3) that says that matplotlib wrote it."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Software", "Matplotlib version3.8")
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", pnginfo=info)
    out.seek(0)
    return out


def test_a_map_of_a_tool_needs_more_than_near_colours():
    area = jpeg(drawn(FrequencyAxis(scale="linear", sr=22050, n_fft=512), cmap="nipy_spectral"), 75)
    fact = fastspec.inspect(area).facts["cmap"]
    assert not fact.value.startswith(("ffmpeg", "sox")) or fact.confidence <= 0.7


def test_options_override_the_file_and_contradictions_are_said(short):
    y, sr = short
    picture = fastspec.encode(y, sr, n_fft=1024, hop_length=256)
    cal = fastspec.inspect(picture, cmap="viridis")
    assert cal.source("cmap") == "given"
    assert any("cmap" in remark and "magma" in remark for remark in cal.remarks)


def test_what_is_only_assumed_is_said_in_one_line(short):
    y, sr = short
    drawn = fastspec.encode(y, sr, n_fft=1024, hop_length=256, size=(640, 900))
    cal = fastspec.inspect(drawn.rgb())  # rows of a linear axis tell no rate
    assert cal.source("sr") == "assumed"
    said = [remark for remark in cal.remarks if "assumed" in remark or "assuming" in remark]
    assert len(said) == 1
    assert "sr 22050" in said[0]


def test_an_option_that_the_rows_contradict_is_obeyed_and_said(speech_picture):
    cal = fastspec.inspect(speech_picture, n_fft=2048, duration=4.5)
    assert cal["n_fft"] == 2048
    assert cal["freq_scale"] == "log"  # the rest of what the rows say is kept
    assert any("n_fft" in remark and "1024" in remark for remark in cal.remarks)
    old = fastspec.inspect(speech_picture, profile="librosa-0.8")
    assert old["freq_edges"] == "librosa>=0.9"
    assert any("freq_edges" in remark for remark in old.remarks)


def test_a_picture_cut_after_drawing_is_said_and_keeps_its_tempo(short):
    y, sr = short
    drawn = fastspec.encode(y, sr, n_fft=1024, hop_length=256)
    cut = Picture(drawn.pixels[:, :100], palette=drawn.palette, embedded=drawn.embedded)
    cal = fastspec.inspect(cut)
    assert cal["n_frames"] == 100
    assert cal["duration"] == pytest.approx(99 * 256 / sr)
    assert any("cut to 100 frames" in remark for remark in cal.remarks)
    halved = Picture(drawn.pixels[::2, ::2], palette=drawn.palette, embedded=drawn.embedded)
    cal = fastspec.inspect(halved)
    assert cal["duration"] == pytest.approx(len(y) / sr)
    assert any("resized" in remark for remark in cal.remarks)


def test_another_rate_keeps_the_embedded_frames(short):
    y, sr = short
    cal = fastspec.inspect(fastspec.encode(y, sr, n_fft=1024, hop_length=256), sr=2 * sr)
    assert cal["n_frames"] == 1 + len(y) // 256
    assert cal["duration"] == pytest.approx(len(y) / sr / 2, rel=0.01)


def test_without_a_duration_the_assumption_is_said_in_one_line(speech_picture):
    counted = fastspec.inspect(speech_picture, profile="librosa")  # 194 frames in 640 columns: counted, hop assumed
    assert counted["n_frames"] == 194
    assert counted.source("n_frames") == "pixels"
    assert counted.source("duration") == "assumed"
    assert "duration" in counted.missing
    narrow = fastspec.inspect(np.asarray(picture_files.read(speech_picture).rgb())[:, ::7], profile="librosa")
    assert narrow.source("n_frames") == "assumed"
    assert len([remark for remark in narrow.remarks if "duration" in remark]) == 1


def test_a_foreign_or_broken_embedded_text_is_ignored_and_said(short):
    y, sr = short
    drawn = fastspec.encode(y, sr, n_fft=512)
    for text in ("{", json.dumps({"format": "other"}), "[]"):
        cal = fastspec.inspect(Picture(drawn.rgb(), embedded=text), freq_scale="linear", n_fft=512)
        assert any("ignored" in remark for remark in cal.remarks)


class Failing:
    """A reader that ends in an error."""

    def __init__(self, error, tells=frozenset({"sr", "cmap", "plot_hidden"})):
        self.error, self.tells = error, tells

    def applies(self, scene):
        """Always."""
        return True

    def read(self, scene):
        """Never."""
        raise self.error


@pytest.mark.parametrize(
    "error", [ValueError("negative dimensions"), IndexError(), ZeroDivisionError(), TypeError(), KeyError("x")]
)
def test_a_reader_that_fails_is_skipped_and_the_remark_says_what_to_give(
    error, short, monkeypatch, failing_readers_are_skipped
):
    pixels = fastspec.encode(*short).rgb()
    usual = fastspec.inspect(pixels)
    monkeypatch.setattr(inspection, "READERS", (Failing(error), *READERS))
    cal = fastspec.inspect(pixels)
    assert cal.facts == usual.facts
    (said,) = set(cal.remarks) - set(usual.remarks)
    assert "reader Failing" in said
    assert type(error).__name__ in said
    assert "give what you know of cmap or sr" in said
    given = fastspec.inspect(pixels, sr=22050, cmap="magma")
    assert given["sr"] == 22050
    (said,) = (remark for remark in fastspec.inspect(pixels, sr=22050).remarks if "Failing" in remark)
    assert "give what you know of cmap," in said


def test_a_reader_that_is_asked_in_vain_whether_it_applies_is_skipped_too(
    short, monkeypatch, failing_readers_are_skipped
):
    reader = Failing(None)
    monkeypatch.setattr(reader, "applies", lambda scene: scene.known["sr"] > 0)
    monkeypatch.setattr(inspection, "READERS", (reader, *READERS))
    assert any("Failing" in remark for remark in fastspec.inspect(fastspec.encode(*short).rgb()).remarks)


@pytest.mark.parametrize("error", [CalibrationError("no"), MemoryError(), KeyboardInterrupt(), RuntimeWarning("odd")])
def test_a_reader_that_refuses_on_purpose_is_heard(error, short, monkeypatch, failing_readers_are_skipped):
    monkeypatch.setattr(inspection, "READERS", (Failing(error), *READERS))
    with pytest.raises(type(error)):
        fastspec.inspect(fastspec.encode(*short).rgb())


@pytest.mark.parametrize("reader", sorted({type(reader).__name__ for reader in READERS}))
def test_whichever_reader_fails_the_others_go_on(reader, speech_picture, monkeypatch, failing_readers_are_skipped):
    for one in READERS:
        if type(one).__name__ == reader:
            monkeypatch.setattr(one, "read", Failing(IndexError("out of bounds")).read, raising=False)
    cal = fastspec.inspect(speech_picture, profile="librosa", duration=4.5, hop_length=512)
    assert cal["sr"] == 22050 or reader == "Defaults"


def test_in_tests_a_reader_that_fails_fails_the_test(short, monkeypatch):
    monkeypatch.setattr(inspection, "READERS", (Failing(IndexError("of a bug")), *READERS))
    with pytest.raises(IndexError, match="of a bug"):
        fastspec.inspect(fastspec.encode(*short).rgb())

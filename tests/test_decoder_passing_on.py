"""What a decoder hands to the rooms that it joins, and what it makes of their answers."""

from __future__ import annotations

import warnings
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import fastspec
from fastspec import Decoder, decoder, inspection, tools
from fastspec.calibration import consistency
from fastspec.calibration.budget import Budget, Clock
from fastspec.calibration.calibration import Calibration
from fastspec.errors import CalibrationError, FastspecWarning, LimitError, ParameterError, PictureError
from fastspec.phase import channels as phase_channels
from fastspec.phase import retrieval
from fastspec.picture.picture import Picture
from fastspec.plot import damage, reading, to_stft
from fastspec.retouch import retouched, said, search
from fastspec.retouch.original import Original

SR = 8000


@pytest.fixture(scope="module")
def picture():
    return fastspec.encode(np.sin(np.arange(4000) * 0.3), SR, n_fft=256)


@pytest.fixture(scope="module")
def read(picture):
    return Decoder(n_iter=0).read(picture)


# --- options --------------------------------------------------------------------------------------------------


def test_facts_are_those_of_a_calibration_and_of_keywords_which_go_before():
    made = Decoder(Calibration.of("given", sr=1, hop_length=3), sr=2, n_fft=64)
    assert dict(made.given) == {"sr": 2, "n_fft": 64, "hop_length": 3}
    for wrong in ({"sr": 8000}, "facts"):
        with pytest.raises(ParameterError, match=r"is no Calibration; give one, or facts by their names"):
            Decoder(wrong)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cmap": "nosuch"}, "nosuch"),
        ({"window": "nosuch"}, "nosuch"),
        ({"quality": "nosuch"}, "quality='nosuch' is unknown; use one of fast, balanced, best"),
        ({"quality": 3}, "quality=3 is unknown"),
        ({"quality": ["fast"]}, "quality="),
        ({"method": "nosuch"}, "nosuch"),
        ({"workers": 0}, "workers"),
        ({"max_pixels": 0}, "max_pixels"),
        ({"max_seconds": 0}, "max_seconds"),
        ({"max_memory": 0}, "max_memory"),
        ({"timeout": 0}, "timeout"),
        ({"force": 3}, "force"),
        ({"strict": 3}, "strict"),
        ({"mono": 3}, "mono"),
    ],
)
def test_each_option_is_checked_before_any_picture(options, said):
    with pytest.raises((ParameterError, CalibrationError), match=said):
        Decoder(**options)


def test_what_is_not_said():
    made = Decoder()
    assert made.phase == {"method": "admm", "init": "pghi", "n_iter": (4, 16), "seed": 0, "workers": 1}
    assert (made.force, made.strict, made.mono, made.like, made.max_seconds) == (False, False, False, None, None)
    assert made.max_pixels == 1 << 26
    assert (made.budget.max_memory, made.budget.timeout) == (None, None)
    own = Decoder(method="gla", init="zero", n_iter=0, seed=3, workers=2, quality="fast", max_memory=5e8, timeout=9)
    assert own.phase == {"method": "gla", "init": "zero", "n_iter": 0, "seed": 3, "workers": 2}
    assert (own.budget.max_memory, own.budget.timeout) == (5e8, 9)


def test_another_picture_of_the_drawing_is_asked_with_the_same_limits(monkeypatch):
    asked = []

    def known_of(*given, **how):
        asked.append((given, how))
        return "known"

    monkeypatch.setattr(inspection, "known_of", known_of)
    made = Decoder(like="other.png", sr=SR, max_pixels=77, timeout=5)
    assert str(made.like) == "known"
    assert asked == [(("other.png", made.given), {"max_pixels": 77, "budget": made.budget})]


# --- reading --------------------------------------------------------------------------------------------------


def test_reading_asks_with_the_decoders_limits(monkeypatch, picture):
    asked = {}
    seen, load, size = inspection.seen, inspection.load, consistency.check_size
    monkeypatch.setattr(inspection, "load", lambda p, **how: asked.update(load=how) or load(p, **how))
    monkeypatch.setattr(inspection, "seen", lambda *given: asked.update(seen=given) or seen(*given))
    monkeypatch.setattr(consistency, "check_size", lambda cal, **how: asked.update(size=how) or size(cal, **how))
    for memory in (None, 1e9):
        made = Decoder(max_pixels=2_000_000, max_seconds=60, max_memory=memory, n_iter=0, timeout=50)
        made.read(picture)
        limit = consistency.max_cells(2_000_000, lifted=memory is not None)
        assert asked["load"] == {"max_pixels": 2_000_000, "budget": made.budget}
        _, given, cells, clock, like, answers = asked["seen"]
        assert (given, cells, like, answers) == (made.given, limit, None, made.answers)
        assert (clock.limit, asked["size"]) == (50, {"width": picture.width, "max_seconds": 60, "limit": limit})


def test_what_looks_like_no_spectrogram_is_read_only_by_force(monkeypatch, picture):
    seen = inspection.seen

    def doubting(*given):
        scene = seen(*given)
        cal = scene.calibration()
        cal = replace(cal, picture={**cal.picture, "doubt": "it is a cat"})
        doubtful = SimpleNamespace(width=scene.width, stored=scene.stored, picture=scene.picture, box=scene.box)
        doubtful.calibration, doubtful.backwards = lambda: cal, scene.backwards
        doubtful.given, doubtful.like, doubtful.known, doubtful.limit = scene.given, None, cal, scene.limit
        return doubtful

    monkeypatch.setattr(inspection, "seen", doubting)
    with pytest.raises(PictureError, match=r"it is a cat; decode it all the same with --force \(force=True\)"):
        Decoder().read(picture)
    assert Decoder(force=True).read(picture).magnitude.shape == (63, 129)


@pytest.mark.parametrize("exact", [damage.LIMITS.off_map, damage.LIMITS.off_map - 1e-6])
def test_colours_are_questioned_where_too_few_are_of_the_map(monkeypatch, picture, exact):
    right = reading.read
    monkeypatch.setattr(reading, "read", lambda *a, **k: replace(right(*a, **k), exact=exact))
    monkeypatch.setattr(damage, "question_colours", lambda *_: "another map?")
    monkeypatch.setattr(damage, "remarks", lambda *_: ("damaged",))
    remarks = Decoder(n_iter=0).read(picture).calibration.remarks
    assert "damaged" in remarks
    assert ("another map?" in remarks) == (exact < damage.LIMITS.off_map)


def test_a_picture_of_the_lowest_colour_alone_is_silence_and_one_level_above_is_not(picture):
    lowest = np.zeros_like(picture.pixels)
    for level, silent in ((0, True), (1, False)):
        pixels = lowest.copy()
        pixels[5, 5] = level
        found = Decoder(n_iter=0).read(Picture(pixels, palette=picture.palette, embedded=picture.embedded))
        assert (not found.magnitude.any()) is silent
        assert any("the sound is silence" in remark for remark in found.calibration.remarks) is silent


@pytest.mark.parametrize(
    "loudest", [np.float32(1e15), np.nextafter(np.float32(1e15), np.float32(2e15)), np.inf, np.nan]
)
def test_sounds_too_loud_to_be_computed_are_refused(monkeypatch, picture, loudest):
    monkeypatch.setattr(to_stft, "stft_magnitudes", lambda *_: np.array([[0, loudest]], np.float32))
    if loudest == np.float32(1e15):  # which is a little less than 1e15
        assert Decoder(n_iter=0).read(picture).magnitude.max() == loudest
        return
    with pytest.raises(CalibrationError, match=r"db_range=\(.*\), ref=.* and mel_power=None make a sound too loud"):
        Decoder(n_iter=0).read(picture)


def test_reading_takes_time_that_is_told(read):
    assert read.seconds > 0
    assert (read.spectrum.seconds, read.spectrum.magnitude) == (read.seconds, read.magnitude)
    assert read.spectrum.calibration is read.calibration


def test_what_a_picture_asks_for_is_costed_before_its_pixels_are_read(picture, monkeypatch):
    monkeypatch.setattr(reading, "read", lambda *_, **__: pytest.fail("they were"))

    def check(self, work, known):
        raise LimitError(f"{self.timeout} {work.pixels} {known['sr']}")

    monkeypatch.setattr(Budget, "check", check)
    with pytest.raises(LimitError, match=f"^9 {picture.width * picture.height} {SR}$"):
        Decoder(timeout=9).read(picture)


def test_work_is_that_of_the_picture_and_of_how_it_is_decoded(picture, read):
    facts = fastspec.calibration.complete.Complete.of(read.calibration)
    for options, iterations in (({}, 16), ({"n_iter": 7}, 7), ({"quality": "fast"}, 4)):
        work = Decoder(mono=True, workers=2, **options)._work(read.calibration, facts, 50)
        assert (work.pixels, work.iterations) == (picture.width * picture.height, iterations)
        assert (work.mono, work.workers) == (True, 2)
    assert Decoder()._work(read.calibration, facts, 50).mono is False


# --- making sound ---------------------------------------------------------------------------------------------


def test_pictures_that_are_retrieved_alike_go_together_and_share_their_time(monkeypatch, read, picture):
    asked, made = [], []

    def retrieve(magnitudes, lengths, options, phase):
        asked.append((len(magnitudes), lengths, options["n_fft"], phase))
        return [np.full(n, len(asked), np.float32) for n in lengths]

    class Noted(Clock):
        def __init__(self, limit, used):
            super().__init__(limit, used)
            made.append((limit, used))

    monkeypatch.setattr(phase_channels, "retrieve", retrieve)
    monkeypatch.setattr(retrieval, "fade_ends", lambda y, frames, options: y)
    monkeypatch.setattr(decoder, "Clock", Noted)
    other = Decoder().read(fastspec.encode(np.sin(np.arange(4000) * 0.3), SR, n_fft=512))
    several = [each.spectrum for each in (read, other, read)]
    several[2] = type(several[2])(read.calibration, read.magnitude, 3.0)
    sounds = Decoder(seed=4, timeout=5, n_iter=3).waveforms(several)
    assert [(count, lengths, n_fft) for count, lengths, n_fft, _ in asked] == [(2, [4000, 4000], 256), (1, [4000], 512)]
    assert [y[0] for y in sounds] == [1, 2, 1]
    assert made == [(10, read.seconds + 3.0), (5, other.seconds)]
    phase = asked[0][3]
    assert (phase["n_iter"], phase["seed"], phase["method"]) == (3, 4, "admm")
    assert phase["callback"].__name__ == "check"


def test_one_sound_is_that_of_several(read):
    np.testing.assert_array_equal(Decoder(n_iter=1).waveform(read), Decoder(n_iter=1).waveforms([read.spectrum] * 2)[1])


def test_outputs_that_do_not_fit_are_refused_and_fitting_ones_are_filled(picture):
    tool, out = Decoder(n_iter=0), [np.zeros(4000, np.float32)]
    with pytest.raises(ParameterError, match="out has 1 arrays for 2 pictures; give one for each"):
        tool.decode_batch([picture, picture], out)
    with pytest.raises(ParameterError, match=r"out has an array of shape \(9,\) for a sound of shape \(4000,\)"):
        tool.decode_batch([picture], [np.zeros(9, np.float32)])
    ((y, sr),) = tool.decode_batch([picture], out)
    assert y is out[0]
    assert (sr, y.any()) == (SR, True)
    assert tool.decode_batch([]) == []


def test_a_stream_holds_sixteen_at_a_time(monkeypatch):
    sizes = []

    def decode_batch(self, some):
        sizes.append(len(some))
        return some

    monkeypatch.setattr(Decoder, "decode_batch", decode_batch)
    assert list(Decoder().stream(iter(range(40)))) == list(range(40))
    assert sizes == [16, 16, 8]


def test_what_is_assumed_is_one_warning_of_all(picture):
    bare = Picture(picture.rgb())
    for work in (lambda tool: tool.decode(bare), lambda tool: tool.decode_batch([bare, bare])):
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            work(Decoder(sr=SR, n_iter=0, db_range=(-79, 0), n_fft=300, force=True))
        assert len([each for each in told if issubclass(each.category, FastspecWarning)]) == 1


# --- edited pictures and their originals ----------------------------------------------------------------------


@pytest.fixture
def explained(monkeypatch, picture):
    """A decoder's questions about an original, noted, and what it is answered."""
    noted = SimpleNamespace(is_its_original=True, asked={}, wave=np.zeros(3, np.float32))
    scene = inspection.seen(inspection.load(picture), Calibration(), 1 << 20)
    noted.scene, noted.calibration = scene, scene.calibration()

    def explain(loaded, given, sound, **how):
        noted.asked.update(how, given=given, sound=sound)
        return noted

    def made(found, sound, **how):
        noted.asked.update(retouched=how)
        return SimpleNamespace(calibration=noted.calibration, wave=noted.wave, sr=SR)

    monkeypatch.setattr(search, "explain", explain)
    monkeypatch.setattr(retouched, "retouched", made)
    monkeypatch.setattr(said, "refuse", lambda *_: PictureError("another sound"))
    return noted


def test_an_original_is_asked_with_the_decoders_limits(explained, picture, monkeypatch):
    sizes = []
    monkeypatch.setattr(consistency, "check_size", lambda cal, **how: sizes.append(how))
    tool = Decoder(sr=SR, timeout=9, max_pixels=2_000_000, max_seconds=60)
    y, sr = tool.decode(picture, original=(np.ones(4000), SR), trust=3)
    assert y is explained.wave
    assert sr == SR
    asked, limit = explained.asked, consistency.max_cells(2_000_000)
    assert (asked["given"], asked["limit"], asked["like"]) == (tool.given, limit, None)
    assert isinstance(asked["sound"], Original)
    assert asked["clock"].limit == 9
    assert (asked["retouched"]["trust"], asked["retouched"]["clock"]) == (3.0, asked["clock"])
    assert sizes == [{"width": picture.width, "max_seconds": 60, "limit": limit}]
    asked["check"](explained.scene)
    assert len(sizes) == 2


def test_what_an_originals_picture_asks_for_is_costed(explained, picture, monkeypatch):
    costed = []
    monkeypatch.setattr(Budget, "check", lambda self, work, cal: costed.append((self, work.pixels, cal["sr"])))
    tool = Decoder()
    tool.retouch(picture, (np.ones(4000), SR))
    assert costed[-1] == (tool.budget, picture.width * picture.height, SR)


def test_an_original_that_is_another_sound_is_refused_unless_forced(explained, picture):
    explained.is_its_original = False
    with pytest.raises(PictureError, match="another sound"):
        Decoder().retouch(picture, (np.ones(4000), SR))
    assert Decoder(force=True).retouch(picture, (np.ones(4000), SR)).wave is explained.wave


def test_what_is_only_assumed_is_refused_of_originals_too(explained, picture, monkeypatch):
    from fastspec.calibration import trust

    def refuse(_):
        raise CalibrationError("planted")

    monkeypatch.setattr(trust, "check", refuse)
    Decoder().retouch(picture, (np.ones(4000), SR))
    with pytest.raises(CalibrationError, match="planted"):
        Decoder(strict=True).retouch(picture, (np.ones(4000), SR))


def test_the_picture_is_read_again_with_what_the_original_told(explained, picture, monkeypatch):
    from fastspec.calibration import trust

    monkeypatch.setattr(trust, "check", lambda _: None)
    used = []
    right = Decoder.read

    def read(self, loaded):
        used.append(self)
        return right(self, loaded)

    monkeypatch.setattr(Decoder, "read", read)
    tool = Decoder(strict=True, max_seconds=99)
    tool.retouch(picture, (np.ones(4000), SR))
    magnitude = explained.asked["retouched"]["read"](explained.calibration)
    np.testing.assert_array_equal(magnitude, right(tool, picture).magnitude)
    (again,) = used
    assert {again.given.source(name) for name in again.given} == {"given"}
    assert dict(again.given) == dict(explained.calibration)
    assert (again.force, again.strict, again.max_seconds) == (True, False, 99)
    assert (tool.force, tool.strict, dict(tool.given)) == (False, True, {})


def test_what_the_rooms_of_the_plot_are_told(monkeypatch, picture):
    from fastspec.plot import channels, imshow

    asked = {}
    parts, cells = channels.parts, imshow.cells

    def noted_parts(pixels, cal, gap, **how):
        asked.update(gap=gap, parts=how, pixels=pixels)
        return parts(pixels, cal, gap, **how)

    def noted_cells(part, *sizes, **how):
        asked.update(sizes=sizes, cells=how)
        return cells(part, *sizes, **how)

    def noting(uncertainty):
        def noted(self, decibels):
            asked.update(decibels=decibels)
            return uncertainty(self, decibels)

        return noted

    def remarks(exact, hidden, pixels, error):
        asked.update(damage=(exact, hidden, pixels, error))
        return ()

    monkeypatch.setattr(channels, "parts", noted_parts)
    monkeypatch.setattr(imshow, "cells", noted_cells)
    for kind in (reading.Shown, reading.Entries):
        monkeypatch.setattr(kind, "uncertainty", noting(kind.uncertainty))
    monkeypatch.setattr(damage, "remarks", remarks)
    drawer = tools.of("fastspec")
    lo, hi = fastspec.inspect(picture)["db_range"]
    for shown, entries in ((picture, True), (Picture(picture.rgb(), embedded=picture.embedded), False)):
        Decoder(n_iter=0).read(shown)
        assert (asked["gap"], asked["parts"]) == (drawer.channel_gap, {"first_on_top": drawer.first_channel_on_top})
        assert asked["sizes"] == (256, None, None, "bells")
        assert asked["cells"]["entries"] is entries
        assert asked["decibels"] == pytest.approx(hi - lo)
        assert asked["damage"] == (1.0, 0, 63 * 129, 0.0)


def test_a_spectrum_by_itself_took_no_time():
    cal, magnitude = Calibration(), np.zeros((1, 1), np.float32)
    assert decoder.Spectrum(cal, magnitude).seconds == 0
    assert decoder.Decoded(Picture(np.zeros((1, 1), np.uint8)), cal, magnitude).seconds == 0
    assert Decoder()._iterations(0.5) == 4

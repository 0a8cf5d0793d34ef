"""What titles of axes say, as they are read: with errors, in several languages and alphabets."""

from __future__ import annotations

import pytest

from fastspec.detect.figure import axis_words


@pytest.mark.parametrize(
    "title",
    [
        "Frames",
        "Frame inde\N{MULTIPLICATION SIGN}",
        "?ames",
        "0uadros",
        "Bahmen",
        "Trame",
        "Time step",
        "frame #",
        "Cuadros",
        "Bin",
        "Weeks",
    ],
)
def test_counts(title):
    assert axis_words.counts_frames(title)
    assert not axis_words.seconds(title)


@pytest.mark.parametrize(
    "title", ["Time (s)", "Temps [s]", "Zeit in Sekunden", "t / s", "Tlme [sec]", "Temps (sl", "Time (ms)"]
)
def test_seconds(title):
    assert axis_words.seconds(title)
    assert not axis_words.counts_frames(title)
    assert not axis_words.counts_samples(title)


@pytest.mark.parametrize("title", ["0uadms", "Frarnes", "Trams", "Mel bands", "mini", "Terminal"])
def test_letters_within_words_are_no_units(title):
    assert not axis_words.milliseconds(title)
    assert not axis_words.minutes(title)


def test_units_that_stand_alone():
    assert axis_words.milliseconds("Time [ms]")
    assert axis_words.milliseconds("Mi11iseconds")
    assert axis_words.milliseconds("Time (msec)")
    assert axis_words.minutes("Zeit (min)")


@pytest.mark.parametrize("title", ["Frequency [rad/s]", "Frequency (krad/s)", "Fmquency (rad?ample)", "radians"])
def test_radians_are_no_seconds(title):
    assert axis_words.radians(title)
    assert not axis_words.seconds(title)
    assert axis_words.a_sample(title) == ("ample" in title)


@pytest.mark.parametrize("title", ["Radius (m)", "Grad (Hz)", "Number of samples", "Time (samples)", "Colorado"])
def test_other_words_are_no_radians(title):
    assert not axis_words.radians(title)
    assert not axis_words.a_sample(title)


def test_seconds_in_cyrillic_letters_are_no_degrees():
    assert axis_words.seconds("BpeMn (c)")
    assert axis_words.milliseconds("BpeMR, Mc")
    assert not axis_words.other_unit("BpeMn (c)")
    assert axis_words.other_unit("Temperature (c)") == "c"


@pytest.mark.parametrize("title", ["", "?pe??", "BpeMR", "?? (?)", "Xpovos", "Time", "Zeit", "Tiempo", "Frequency"])
def test_other_words_and_alphabets_count_nothing(title):
    assert not axis_words.counts_frames(title)
    assert not axis_words.counts_samples(title)
    assert not axis_words.of_mel(title)


@pytest.mark.parametrize(
    "title", ["Samples", "n [SamqleS]", "Abtastwerte", "Sample number", "dchantillons", "muestras"]
)
def test_samples(title):
    assert axis_words.counts_samples(title)


@pytest.mark.parametrize("title", ["Time", "Temps", "Tijd", "Tiempo", "Zeit", "Tempo"])
def test_times(title):
    assert axis_words.of_time(title)
    assert not axis_words.of_time("Frequency")


def test_hertz():
    assert axis_words.hertz("Frequenz (Hz)")
    assert axis_words.kilohertz("Frequency [kHz]")
    assert axis_words.kilohertz("Frequency (kHi)")
    assert not axis_words.kilohertz("Frequency (Hz)")
    assert not axis_words.hertz("Mel channels")


def test_mel_bands_and_bins():
    assert axis_words.of_mel("Mel channe1")
    assert axis_words.of_mel("n_mels")
    assert axis_words.of_mel("Mel-Kan?le")
    assert not axis_words.of_mel("Melbourne")
    assert axis_words.of_bins("frequency bin inde\N{MULTIPLICATION SIGN}")
    assert axis_words.of_bins("freq_bin")
    assert not axis_words.of_bins("mel bins")


@pytest.mark.parametrize(
    ("title", "unit"),
    [
        ("Depth (m)", "m"),
        ("Time [h]", "h"),
        ("Frequency (MHz)", "mhz"),
        ("Time (s)", ""),
        ("Time (5)", ""),
        ("Zeit (ms)", ""),
        ("t (min)", ""),
        ("Frequency [kHz]", ""),
        ("Hz (linear)", ""),
    ],
)
def test_units_that_are_of_no_sound(title, unit):
    assert axis_words.other_unit(title) == unit

"""What titles of axes say in common languages: frames, samples, times, mel bands and bins.

Titles are read with errors: "Frame index" as "Frarne inde?", and other alphabets as anything. A word counts where most
of its letters are right, and units only where they stand alone.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher
from typing import NamedTuple


class Limits(NamedTuple):
    """How alike words are. "field" is `python -m bench.quality.field CORPUS --only counting_axes`."""

    alike: float = 0.72  # share of letters in common, from which a word is meant: "?ames" is "frames"; field
    same: float = 0.79  # likewise of words that refuse a picture: "perlod" is "period"; unmeasured
    short: int = 4  # letters, up to which a word must be the same; unmeasured


LIMITS = Limits()
_FRAMES = (
    "frame", "frames", "framenumber", "rahmen", "trame", "trames", "quadro", "quadros", "cuadro", "cuadros",
    "fotogramma", "fotogrammi", "index", "indice", "indices", "fenster", "windows", "fenêtre", "column", "columns",
    "spalte", "spalten", "colonne", "step", "steps", "timestep", "schritte", "bin", "bins", "hop", "hops", "segments",
    "blocks", "week", "weeks", "wochen",
)  # fmt: skip
_SAMPLES = (
    "sample", "samples", "abtastwert", "abtastwerte", "échantillon", "échantillons", "muestra", "muestras", "amostra",
    "amostras", "campione", "campioni", "próbki",
)  # fmt: skip
_TIMES = (
    "time", "times", "zeit", "temps", "tiempo", "tempo", "tijd", "tid", "czas", "aika", "seconds", "second", "secs",
    "sec", "sekunden", "secondes", "segundos", "secondi", "bpemn", "bpemr",
)  # fmt: skip
_CYRILLIC = ("bpemn", "bpemr")  # time in Russian, as Latin letters that look alike are read
_BINS = ("bin", "bins", "freqbin", "freqbins", "fft", "stft")
_MEL = ("mel", "mels", "nmels", "melbin", "melbins", "melband", "melbands", "melspectrogram", "logmel", "hel", "heis")
# units in brackets that are neither of time in a sound nor of its frequencies
_OTHER = (
    "m", "km", "cm", "mm", "µm", "nm", "ft", "h", "hr", "hrs", "hour", "hours", "d", "day", "days", "wk", "weeks",
    "month", "months", "yr", "year", "years", "beat", "beats", "bars", "mhz", "ghz", "thz", "rpm", "bpm", "°c", "oc",
    "-c", "c", "degc", "°", "deg", "k", "ppm", "ppb", "px", "v", "mv", "pa", "hpa", "%", "kg",
)  # fmt: skip
# what axes of no spectrogram show, in words of which one letter in five may be read wrongly
_FOREIGN = (
    "lag", "lags", "bpm", "query", "queries", "key", "keys", "token", "tokens", "encoder", "decoder", "predicted",
    "longitude", "latitude", "mfcc", "mfccs", "coefficient", "coefficients", "cepstral", "quefrency", "chroma", "epoch",
    "epochs", "species", "weekday", "hidden", "neuron", "neurons", "embedding", "altitude", "azimuth", "period",
    "periods", "pitchclass",
)  # fmt: skip
_ALIKE = str.maketrans("1l0\N{MULTIPLICATION SIGN}|", "iioxi")  # glyphs that are read one for the other


def counts_frames(title: str) -> bool:
    """Whether a horizontal axis counts frames, columns or the like."""
    return _has(title, _FRAMES)


def frames_alone(title: str) -> bool:
    """Whether an axis counts frames of a sound, and says nothing of bins or bands."""
    frames = ("frame", "frames")
    return any(SequenceMatcher(None, word, other).ratio() >= LIMITS.same for word in _words(title) for other in frames)


def counts_samples(title: str) -> bool:
    """Whether a horizontal axis counts samples."""
    return _has(title, _SAMPLES)


def of_time(title: str) -> bool:
    """Whether a title speaks of time, in whatever unit."""
    return _has(title, _TIMES) or seconds(title)


def seconds(title: str) -> bool:
    """Whether a title gives seconds, milliseconds or minutes as the unit."""
    plain = _plain(title)
    if radians(title):
        return False
    if _cyrillic(title) and "c" in _words(title):
        return True
    said = any(word in plain for word in ("sec", "sek", "segund"))
    return said or bool(re.search(r"[(\[/] ?s\w?(\W|$)", plain)) or milliseconds(title) or minutes(title)


def milliseconds(title: str) -> bool:
    """Whether a title gives milliseconds as the unit."""
    words = _words(title)
    if _cyrillic(title) and "mc" in _words(title):
        return True
    return "miii" in _plain(title) or any(word in ("ms", "msec", "msecs", "msek") for word in words)


def minutes(title: str) -> bool:
    """Whether a title gives minutes as the unit."""
    words = _words(title)
    return any(word in ("min", "mins", "minute", "minutes", "minuten", "minutos", "minuti") for word in words)


def hertz(title: str) -> bool:
    """Whether a title gives Hz or kHz as the unit."""
    return kilohertz(title) or "hz" in _plain(title)


def radians(title: str) -> bool:
    """Whether a title gives radians as the unit, a second or a sample."""
    return bool(re.search(r"\bk?rad(ian|s?\b|.?s?amp|.?s\b)", _plain(title)))


def a_sample(title: str) -> bool:
    """Whether frequencies are told a sample, not a second: radians, cycles, or normalised ones."""
    plain = _plain(title)
    return bool(re.search(r"(rad|cyci).{0,4}amp", plain)) or "normai" in plain


def kilohertz(title: str) -> bool:
    """Whether a title gives kHz as the unit, whose letters may be read as others."""
    return bool(re.search(r"k.?z|khi|kiio", _plain(title)))


def other_unit(title: str) -> str:
    """The unit in brackets where it is neither of time in a sound nor of its frequencies, such as "km"."""
    found = re.search(r"[(\[] ?([^\s()\[\]]{1,6}) ?[)\]]", title.lower())
    unit = "" if found is None or (found[1] == "c" and _cyrillic(title)) else found[1]
    return unit if unit.translate(_ALIKE) in [other.translate(_ALIKE) for other in _OTHER] else ""


def foreign(title: str) -> bool:
    """Whether a title names what no axis of a spectrogram shows, such as lags, tempi, queries or coefficients."""
    cepstral = any(word.startswith(("cep", "mfcc")) for word in _words(title))
    if hertz(title) or (of_mel(title) and not cepstral):
        return False
    for word in (w.translate(_ALIKE) for w in _FOREIGN):
        for said in _words(title):
            short = min(len(word), len(said)) <= LIMITS.short
            if said == word or (not short and SequenceMatcher(None, said, word).ratio() >= LIMITS.same):
                return True
    return False


def of_mel(title: str) -> bool:
    """Whether a title speaks of mel bands; an M of few pixels is read as H."""
    return any(word in [w.translate(_ALIKE) for w in _MEL] for word in _words(title))


def of_bins(title: str) -> bool:
    """Whether a title speaks of the bins of a transform, not of mel bands."""
    return not of_mel(title) and any(word in _BINS for word in _words(title))


def _cyrillic(title: str) -> bool:
    """Whether a title speaks of time in Cyrillic letters, as Latin ones that look alike."""
    some = [word for word in _words(title) if len(word) > LIMITS.short]
    return any(SequenceMatcher(None, word, other).ratio() >= LIMITS.same for word in some for other in _CYRILLIC)


def _plain(title: str) -> str:
    """The title in small letters, one for what is read alike."""
    return title.lower().translate(_ALIKE)


def _words(title: str) -> list[str]:
    return [word for word in re.split(r"[^\w?]+|_", _plain(title)) if word]


def _has(title: str, words: tuple[str, ...]) -> bool:
    found = [word for word in _words(title) if word not in _TIMES or word in words]
    for word in (w.translate(_ALIKE) for w in words):
        for said in found:
            short = min(len(word), len(said)) <= LIMITS.short
            if said == word or (not short and SequenceMatcher(None, said, word).ratio() >= LIMITS.alike):
                return True
    return False

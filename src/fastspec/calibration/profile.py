"""How tools other than librosa draw, as profiles; each names the source that its facts were taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastspec.calibration.calibration import Calibration, Fact


@dataclass(frozen=True)
class Profile:
    """A tool's way of drawing. `facts` hold for every picture of the tool; `usual` are its defaults, which the
    pixels or the user often correct, so they are reported as assumed. `by_scale` adds facts for one axis."""

    name: str
    title: str
    source: str
    facts: Mapping[str, Any]
    usual: Mapping[str, Any] = field(default_factory=dict)
    by_scale: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    options: frozenset[str] = frozenset()

    def calibration(self, freq_scale: str | None = None) -> Calibration:
        """The preset as a calibration, for this frequency scale or the tool's usual one."""
        scale = freq_scale or self.usual.get("freq_scale") or self.facts.get("freq_scale")
        sure = {"profile": self.name, **self.facts}
        usual = {**self.usual, **self.by_scale.get(str(scale), {})}
        facts = {name: Fact(value, "profile", 0.9 if name in self.options else 0.95) for name, value in sure.items()}
        for name, value in usual.items():
            if name not in facts:
                facts[name] = Fact(value, "assumed", 0.5, f"usual for {self.name}")
        return Calibration(facts)


_BIN_ROWS = {
    "freq_scale": "linear",
    "freq_edges": "cells",
    "origin": "lower",
    "window": "hann",
    "center": True,
    "columns": "spans",
}
_PSD = {
    "level_kind": "db",
    "origin": "lower",
    "freq_scale": "linear",
    "center": False,
    "one_sided": True,
}

_FFMPEG_SCALES = {"lin": 1.0, "sqrt": 1 / 2, "cbrt": 1 / 3, "4thrt": 1 / 4, "5thrt": 1 / 5}

FOREIGN = (
    Profile(
        "matplotlib-specgram",
        "plt.specgram: decibels of a one-sided power density, drawn by imshow from first to last bin centre",
        "matplotlib.axes.Axes.specgram and matplotlib.mlab.specgram 3.x",
        {**_PSD, "freq_edges": "bins", "cmap_rounding": "trunc", "window": "hann", "center": True, "columns": "spans"},
        {"cmap": "viridis", "db_range": (-140.0, -40.0)},
    ),
    Profile(
        "scipy-pcolormesh",
        "scipy.signal.spectrogram in decibels, drawn by pcolormesh in cells round the bins",
        "scipy.signal.spectrogram 1.x (Tukey window, an eighth of overlap) with matplotlib's pcolormesh",
        {**_PSD, "freq_edges": "librosa>=0.9", "cmap_rounding": "round"},
        {
            "cmap": "viridis",
            "db_range": (-140.0, -40.0),
            "n_fft": 256,
            "win_length": 256,
            "hop_length": 224,
            "window": "hann",
        },
    ),
    Profile(
        "imshow-db",
        "imshow of librosa's power_to_db or amplitude_to_db: one cell a bin, upside down unless origin was set",
        "matplotlib's imshow of librosa.power_to_db",
        {"level_kind": "db", "freq_edges": "cells", "cmap_rounding": "trunc", "window": "hann", "center": True},
        {"origin": "upper", "cmap": "viridis", "db_range": (-80.0, 0.0), "freq_scale": "linear"},
    ),
    Profile(
        "sox",
        "sox spectrogram, raw or with axes: 249 levels of absolute decibels, the palette's index is the level",
        "SoX 14.4.2, spectrogram.c",
        {**_BIN_ROWS, "level_kind": "db"},
        {"cmap": "sox", "db_range": (-120.0, 0.0)},
    ),
    Profile(
        "ffmpeg",
        "ffmpeg showspectrumpic, with or without legend: transforms of twice the height, no highest bin",
        "FFmpeg 5.1, libavfilter/avf_showspectrum.c",
        {**_BIN_ROWS},
        {"cmap": "ffmpeg-intensity", "level_kind": "db", "db_range": (-120.0, 0.0)},
        options=frozenset({"freq_scale"}),  # fscale=log
    ),
    *(
        Profile(
            f"ffmpeg-{scale}",
            f"ffmpeg showspectrumpic with scale={scale}: a power of the amplitude, which the picture does not tell",
            "FFmpeg 5.1, libavfilter/avf_showspectrum.c",
            {**_BIN_ROWS, "level_kind": "power_law", "level_exponent": exponent},
            {"cmap": "ffmpeg-intensity"},
            options=frozenset({"freq_scale"}),
        )
        for scale, exponent in _FFMPEG_SCALES.items()
    ),
    Profile(
        "riffusion",
        "Riffusion: the fourth root of mel amplitudes, loud is dark, low at the bottom",
        "riffusion-hobby, spectrogram_params.py, spectrogram_converter.py and util/image_util.py",
        {
            "cmap": "riffusion",
            "level_kind": "power_law",
            "freq_scale": "mel",
            "freq_edges": "cells",
            "origin": "lower",
            "window": "hann",
            "center": True,
            "mel_htk": True,
            "mel_norm": "none",
            "mel_power": 1.0,
            "columns": "spans",
        },
        {
            "level_exponent": 0.25,
            "sr": 44100,
            "fmin": 0.0,
            "fmax": 10_000.0,
            "column_step": 0.01,
        },
    ),
    Profile(
        "audio-diffusion",
        "audio-diffusion's Mel: 8-bit gray, 80 dB, one mel band a row, the lowest at the top",
        "huggingface diffusers and teticio/audio-diffusion, mel.py",
        {
            "cmap": "gray8",
            "level_kind": "db",
            "level_quantiser": "rounded",
            "db_range": (-80.0, 0.0),
            "freq_scale": "mel",
            "freq_edges": "cells",
            "origin": "upper",
            "window": "hann",
            "center": True,
            "mel_htk": False,
            "mel_norm": "slaney",
            "mel_power": 2.0,
        },
        {"sr": 22050, "n_fft": 2048, "hop_length": 512, "fmin": 0.0},
    ),
    Profile(
        "audacity",
        "Audacity's spectrogram view, cropped to the track: a row shows its loudest bin, a column one transform",
        "Audacity 3.2.4, SpectrumView.cpp, SpectrumCache.cpp, SpectrogramSettings.cpp and NumberScale.h; its defaults "
        "are a mel axis to 20 kHz, a Hann window of 2048 padded to 4096, gain 20 dB and range 80 dB",
        {
            **{name: value for name, value in _BIN_ROWS.items() if name != "freq_scale"},
            "freq_edges": "audacity",
            "level_kind": "db",
            "cmap_rounding": "round",
        },
        {"freq_scale": "mel", "cmap": "audacity", "db_range": (-100.0, -20.0), "sr": 44100},
    ),
)

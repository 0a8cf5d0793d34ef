"""MATLAB's `spectrogram(x, window, noverlap, nfft, fs, 'yaxis')` without outputs, as its documentation describes it.

Decibels of the one-sided power density of Hamming windows without padding, one cell a bin and a window, on axes in kHz
and s or min with a colour bar in dB/Hz. Nothing recognises it: no picture that MATLAB itself has saved could be had to
measure by. The map, parula, is read from the colour bar (`detect.figure.colour_bar`); its range from the bar's labels.
"""

from __future__ import annotations

from fastspec.calibration.profile import Profile
from fastspec.tools.span_grid import Choice
from fastspec.tools.tool import Tool

_SEGMENTS = 4.5  # windows that fill a sound, each half over the next: eight
_N_FFT = 256  # the least

PROFILE = Profile(
    "matlab",
    "MATLAB's spectrogram(..., 'yaxis'): decibels of the one-sided power density of Hamming windows",
    "MathWorks, documentation of spectrogram, R2021a",
    {
        "level_kind": "db",
        "origin": "lower",
        "freq_scale": "linear",
        "center": False,
        "one_sided": True,
        "window": "hamming",
        "freq_edges": "librosa>=0.9",
    },
    {"db_range": (-150.0, -30.0), "n_fft": _N_FFT},
)


class Matlab(Tool):
    """Given by the user."""

    profiles = (PROFILE,)

    def needs_grid(self, known: object) -> bool:
        """For the lengths that MATLAB takes by default."""
        return True

    def grid(self, chosen: Choice, width: int, rows: int) -> None:
        """Half a window of overlap, and of a sound of known length eight windows, as MATLAB takes them by default."""
        n_fft = _N_FFT
        if "duration" in chosen.known and "sr" in chosen.known:
            window = int(chosen.known["duration"] * chosen.known["sr"] / _SEGMENTS)
            n_fft = max(_N_FFT, 1 << max(0, window - 1).bit_length())
        chosen.choose("n_fft", n_fft, "MATLAB's default for a sound of this length", guessed=True)
        chosen.choose("win_length", chosen["n_fft"], "the whole n_fft", ("n_fft",), guessed=True)
        chosen.choose("hop_length", chosen["win_length"] // 2, "half a window, MATLAB's default", ("win_length",))


TOOL = Matlab()

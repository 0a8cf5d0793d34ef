"""Other people's ways of the same work, each only where its library is installed."""

from __future__ import annotations

import importlib
from typing import Any

import librosa
import numpy.typing as npt

from fastspec.transform import fft

Array = npt.NDArray[Any]


def optional(name: str) -> Any:
    """The module, or None where it is not installed (or cannot be loaded)."""
    try:
        module = importlib.import_module(name)
    except (ImportError, OSError):
        return None
    if name == "torch":
        module.set_num_threads(1)
    return module


def librosa_griffinlim(S: Array, n_iter: int, hop: int, **options: Any) -> Array:
    """librosa's fast Griffin-Lim; S (bins, frames). Zero phase unless told otherwise."""
    given = {"init": None, **options}
    y: Array = librosa.griffinlim(S, n_iter=n_iter, hop_length=hop, n_fft=2 * (S.shape[0] - 1), **given)
    return y


def torch_griffinlim(S: Any, n_iter: int, hop: int, momentum: float = 0.99) -> Any:
    """torchaudio.functional.griffinlim's loop on torch's own stft and istft; S a tensor (bins, frames).

    Written out because there are no CPU builds of torchaudio for today's torch.
    """
    torch = importlib.import_module("torch")
    n_fft = 2 * (S.shape[0] - 1)
    window = torch.hann_window(n_fft, dtype=S.dtype)
    length = hop * (S.shape[1] - 1)
    share = momentum / (1 + momentum)
    angles = torch.ones(S.shape, dtype=torch.complex64)
    before = torch.zeros_like(angles)
    with torch.inference_mode():
        for _ in range(n_iter):
            y = torch.istft(S * angles, n_fft, hop, window=window, length=length)
            rebuilt = torch.stft(y, n_fft, hop, window=window, pad_mode="constant", return_complex=True)
            angles = rebuilt - share * before
            angles = angles / (angles.abs() + 1e-16)
            before = rebuilt
        return torch.istft(S * angles, n_fft, hop, window=window, length=length)


class Transforms:
    """The two FFTW transforms of one Griffin-Lim iteration and nothing else: fastspec's plans, block by block.

    The buffers hold zeros, which take as long as any other numbers and do not grow.
    """

    def __init__(self, n_fft: int, frames: int) -> None:
        self.pair = fft.pair(n_fft)
        self.blocks = -(-frames // self.pair.height)

    def __call__(self) -> None:
        forward, inverse = self.pair.forward, self.pair.inverse
        self.pair.real[:] = 0
        for _ in range(self.blocks):
            inverse()
            forward()

"""Richardson-Lucy iterations through a mel bank of triangles, many frames side by side."""

from __future__ import annotations

import numpy as np

from fastspec.kernels import kernel

# Frames in one block: each weight is loaded once for all of them and the inner loops become vector instructions.
LANES = 64
_TINY = np.float32(1e-30)


@kernel
def invert(bands, band_of_bin, falling, rising, start, n_iter, root, out):
    """Non-negative spectra whose mel bands are `bands`, by n_iter multiplicative updates.

    bands : (frames, n_mels).  Bin k lies between two corners: it adds falling[k] to band band_of_bin[k] - 1 and
    rising[k] to band band_of_bin[k], where bands -1 and n_mels do not exist (their weights are never asked for, as
    the arrays of bands carry one empty band at either end).
    start : (frames, bins).  out : (frames, bins), the spectra to the power `root` (0.5: square roots).
    """
    n_frames, n_mels = bands.shape
    n_bins = out.shape[1]
    target = np.empty((n_mels + 2, LANES), np.float32)
    model = np.empty((n_mels + 2, LANES), np.float32)
    spectrum = np.empty((n_bins, LANES), np.float32)
    share_falling = np.empty(n_bins, np.float32)
    share_rising = np.empty(n_bins, np.float32)
    for k in range(n_bins):
        total = falling[k] + rising[k]
        share_falling[k] = falling[k] / total if total > 0 else 0
        share_rising[k] = rising[k] / total if total > 0 else 0
    for first in range(0, n_frames, LANES):
        count = min(LANES, n_frames - first)
        target[:] = 0
        spectrum[:] = 0
        for lane in range(count):
            for j in range(n_mels):
                target[j + 1, lane] = bands[first + lane, j]
            for k in range(n_bins):
                spectrum[k, lane] = start[first + lane, k]
        for _ in range(n_iter):
            model[:] = 0
            for k in range(n_bins):
                j = band_of_bin[k]
                down = falling[k]
                up = rising[k]
                for lane in range(LANES):
                    value = spectrum[k, lane]
                    model[j, lane] += down * value
                    model[j + 1, lane] += up * value
            for j in range(n_mels + 2):
                for lane in range(LANES):
                    model[j, lane] = target[j, lane] / max(model[j, lane], _TINY)
            for k in range(n_bins):
                j = band_of_bin[k]
                down = share_falling[k]
                up = share_rising[k]
                for lane in range(LANES):
                    spectrum[k, lane] *= down * model[j, lane] + up * model[j + 1, lane]
        if root == 0.5:
            for lane in range(count):
                for k in range(n_bins):
                    out[first + lane, k] = np.sqrt(spectrum[k, lane])
        else:
            for lane in range(count):
                for k in range(n_bins):
                    out[first + lane, k] = spectrum[k, lane] ** root

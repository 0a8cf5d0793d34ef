"""Kernels of the fused phase-retrieval loop, on one block of frames that stays in cache.

Spectra are passed as interleaved real pairs, `(rows, 2 * bins)`, and every loop runs over the whole of one row: a
frame then meets the same instructions whatever block or row it falls in, which keeps results bit-identical.
Waveforms of all items lie behind each other in one array cut into slots of one hop; frame f starts at `slot[f]`. A
block is the list
`ids` of its frames.
"""

# Why the guards read `max(p, tiny)`: it needs no branch, gives 0 for a bin of exactly 0, and never inf or NaN.

from __future__ import annotations

import numpy as np

from fastspec.kernels import kernel

FIRST = 1  # the first frame of an item: nothing to add to yet
LAST = 2  # the last frame of an item: what it covers is complete after it

PLAIN = 0  # z = y
MOMENTUM = 1  # z = y + a (y - t), t = y
AVERAGED = 2  # v = (1 - g) d + g y, z = v + a (v - t), d = v + b (v - t), t = v


@kernel
def gather(z, slot, ids, hop, window, real):
    """real[r] = window * (the samples under frame ids[r]); rows beyond them become 0."""
    size = window.size
    for r in range(ids.size):
        row = real[r]
        part = z[slot[ids[r]] * hop : slot[ids[r]] * hop + size]
        for n in range(size):
            row[n] = window[n] * part[n]
    for r in range(ids.size, real.shape[0]):
        real[r, :] = 0


@kernel
def project(spec, mag, ids, tiny):
    """spec = A spec / |spec|."""
    for r in range(ids.size):
        c = spec[r]
        m = mag[ids[r]]
        for k in range(m.size):
            re = c[2 * k]
            im = c[2 * k + 1]
            s = m[k] / np.sqrt(max(re * re + im * im, tiny))
            c[2 * k] = s * re
            c[2 * k + 1] = s * im


@kernel
def split(spec, mag, state, ids, tiny, par, final):
    """GLADMM on V alone: w = ((r-1) V + 2 c) / (1+r), u = (V - c) / (1+r), V' = A w / |w| + u; `final` drops u."""
    k1, k2, k3 = par[0], par[1], par[2]
    for r in range(ids.size):
        c = spec[r]
        m = mag[ids[r]]
        v = state[ids[r]]
        if final:
            for k in range(m.size):
                wr = k1 * v[2 * k] + k2 * c[2 * k]
                wi = k1 * v[2 * k + 1] + k2 * c[2 * k + 1]
                s = m[k] / np.sqrt(max(wr * wr + wi * wi, tiny))
                c[2 * k] = s * wr
                c[2 * k + 1] = s * wi
        else:
            for k in range(m.size):
                vr = v[2 * k]
                vi = v[2 * k + 1]
                cr = c[2 * k]
                ci = c[2 * k + 1]
                wr = k1 * vr + k2 * cr
                wi = k1 * vi + k2 * ci
                s = m[k] / np.sqrt(max(wr * wr + wi * wi, tiny))
                xr = s * wr + k3 * (vr - cr)
                xi = s * wi + k3 * (vi - ci)
                v[2 * k] = xr
                v[2 * k + 1] = xi
                c[2 * k] = xr
                c[2 * k + 1] = xi


@kernel
def relax(spec, mag, state, ids, tiny, par, final):
    """RAAR on G = b X + (1 - 2b) P_A X alone: X' = G + b c, p = P_A X', spec = 2 p - X'; `final` gives p."""
    b, e, two = par[0], par[1], par[2]
    for r in range(ids.size):
        c = spec[r]
        m = mag[ids[r]]
        g = state[ids[r]]
        if final:
            for k in range(m.size):
                xr = g[2 * k] + b * c[2 * k]
                xi = g[2 * k + 1] + b * c[2 * k + 1]
                s = m[k] / np.sqrt(max(xr * xr + xi * xi, tiny))
                c[2 * k] = s * xr
                c[2 * k + 1] = s * xi
        else:
            for k in range(m.size):
                xr = g[2 * k] + b * c[2 * k]
                xi = g[2 * k + 1] + b * c[2 * k + 1]
                s = m[k] / np.sqrt(max(xr * xr + xi * xi, tiny))
                pr = s * xr
                pi = s * xi
                g[2 * k] = b * xr + e * pr
                g[2 * k + 1] = b * xi + e * pi
                c[2 * k] = two * pr - xr
                c[2 * k + 1] = two * pi - xi


@kernel
def misfit(spec, mag, ids, out):
    """out[f] = sum over the bins of frame f of (|spec| - A)^2, in double precision from float rows."""
    for r in range(ids.size):
        c = spec[r]
        m = mag[ids[r]]
        total = 0.0
        for k in range(m.size):
            re = np.float64(c[2 * k])
            im = np.float64(c[2 * k + 1])
            d = np.sqrt(re * re + im * im) - m[k]
            total += d * d
        out[ids[r]] = total


@kernel
def change(z, kept):
    """(sum (z - kept)^2, sum z^2) over one item's samples; then kept = z."""
    moved = 0.0
    power = 0.0
    for i in range(z.size):
        d = np.float64(z[i] - kept[i])
        moved += d * d
        power += np.float64(z[i]) * np.float64(z[i])
        kept[i] = z[i]
    return moved, power


@kernel
def _add(acc, window, row, hop, first):
    """Add one windowed frame to `acc`; its last hop, or all of it if `first`, meets untouched samples."""
    size = window.size
    old = 0 if first else max(size - hop, 0)
    for n in range(old):
        acc[n] += window[n] * row[n]
    for n in range(old, size):
        acc[n] = window[n] * row[n]


@kernel
def _settle(acc, gain, z, t, d, rule, par):
    """One complete slot: normalise by the window sum, and form what the method carries on."""
    if rule == 0:
        for i in range(gain.size):
            z[i] = acc[i] * gain[i]
    elif rule == 1:
        a = par[0]
        for i in range(gain.size):
            y = acc[i] * gain[i]
            z[i] = y + a * (y - t[i])
            t[i] = y
    else:
        a, b, g, rest = par[0], par[1], par[2], par[3]
        for i in range(gain.size):
            v = rest * d[i] + g * (acc[i] * gain[i])
            step = v - t[i]
            z[i] = v + a * step
            d[i] = v + b * step
            t[i] = v


@kernel
def overlap_add(real, ids, begin, hop, window, slot, flags, gain_row, gains, acc, z, t, d, rule, par, lead):
    """Window and add the rows in frame order, and settle each slot as it completes.

    begin : frames of this run that came before the block (0 in its first block)
    lead : slots at the start of the run that belong to a seam: they are left to `seam`
    acc : scratch of at least (rows + overlap) * hop + n_fft samples; it carries the open samples between blocks
    """
    overlap = -(-window.size // hop)
    for r in range(ids.size):
        f = ids[r]
        first = (flags[f] & FIRST) != 0 or begin + r == 0
        _add(acc[r * hop :], window, real[r], hop, first)
        if begin + r >= lead:
            o = slot[f] * hop
            _settle(acc[r * hop :], gains[gain_row[slot[f]]], z[o:], t[o:], d[o:], rule, par)
        if flags[f] & LAST:
            lead = 0  # a seam never reaches beyond its own item
            acc[r * hop + window.size : (r + overlap) * hop] = 0
            for j in range(1, overlap):
                o = (slot[f] + j) * hop
                _settle(acc[(r + j) * hop :], gains[gain_row[slot[f] + j]], z[o:], t[o:], d[o:], rule, par)
    for n in range(max(window.size - hop, 0)):
        acc[n] = acc[ids.size * hop + n]


@kernel
def seam(rows, ids, hop, window, slot, gain_row, gains, acc, z, t, d, rule, par):
    """Join two runs inside an item: add the first frames of the later run to what the earlier one left open.

    Samples meet their frames one by one in frame order, exactly as without a seam.
    """
    for r in range(rows.shape[0]):
        _add(acc[r * hop :], window, rows[r], hop, False)
        o = slot[ids[r]] * hop
        _settle(acc[r * hop :], gains[gain_row[slot[ids[r]]]], z[o:], t[o:], d[o:], rule, par)


@kernel
def pad(z, target, source, weight):
    """z[target] = weight z[source]: the borders of pad modes other than zeros."""
    for i in range(target.size):
        z[target[i]] = weight[i] * z[source[i]]


@kernel
def take(S, scale, out):
    """out[f, k] = scale * S[k, f], by tiles: S is (bins, frames) in librosa's order."""
    bins, frames = S.shape
    for k0 in range(0, bins, 32):
        for t0 in range(0, frames, 64):
            for f in range(t0, min(t0 + 64, frames)):
                for k in range(k0, min(k0 + 32, bins)):
                    out[f, k] = S[k, f] * scale


@kernel
def warm(X, mag):
    """X = A X / |X|; where X is 0 its phase is 0."""
    for f in range(mag.shape[0]):
        x = X[f]
        m = mag[f]
        for k in range(m.size):
            size = np.hypot(x[k].real, x[k].imag)
            if size > 0:
                x[k] = x[k] / size * m[k]
            else:
                x[k] = m[k]

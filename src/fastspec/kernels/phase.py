"""Kernels of the fused phase-retrieval loop, on one block of frames that stays in cache.

Spectra are passed as interleaved real pairs, `(rows, 2 * bins)`, and every loop runs over the whole of one row: a
frame then meets the same instructions whatever block or row it falls in, which keeps results bit-identical.
Waveforms of all members lie behind each other in one array cut into slots of one hop; frame f starts at `slot[f]`. A
block is the list
`ids` of its frames.
"""

# Why the guards read `max(p, tiny)`: it needs no branch, gives 0 for a bin of exactly 0, and never inf or NaN.

from __future__ import annotations

import numpy as np

from fastspec.kernels import exact_kernel, kernel

FIRST = 1  # the first frame of a member: nothing to add to yet
LAST = 2  # the last frame of a member: what it covers is complete after it

PLAIN = 0  # z = y
MOMENTUM = 1  # z = y + a (y - t), t = y
AVERAGED = 2  # v = rest d + c y, z = v + a (v - t), d = v + b (v - t), t = v
START = 3  # z = t = y: a first pass, which needs no array to hold anything yet


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


# From here to `difference_rest`: the methods' projections, all called alike (see fastspec/phase/methods/method.py).


@kernel
def project(spec, mag, state, ids, tiny, par, final):
    """spec = A spec / |spec|; there is no state."""
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
def difference_half(spec, mag, state, ids, tiny, par, final):
    """Difference map, first pair: c = P_C X, spec = f_A X, and X - b P_A f_C X is kept in place of X; never `final`."""
    b, inverse, less, more = par[0], par[1], par[2], par[3]
    for r in range(ids.size):
        c = spec[r]
        m = mag[ids[r]]
        x = state[ids[r]]
        for k in range(m.size):
            xr = x[2 * k]
            xi = x[2 * k + 1]
            fr = less * c[2 * k] + inverse * xr
            fi = less * c[2 * k + 1] + inverse * xi
            s = m[k] / np.sqrt(max(xr * xr + xi * xi, tiny))
            q = b * m[k] / np.sqrt(max(fr * fr + fi * fi, tiny))
            x[2 * k] = xr - q * fr
            x[2 * k + 1] = xi - q * fi
            c[2 * k] = more * s * xr - inverse * xr
            c[2 * k + 1] = more * s * xi - inverse * xi


@kernel
def difference_rest(spec, mag, state, ids, tiny, par, final):
    """Difference map, second pair: c = P_C f_A X, X' = what was kept + b c, spec = X'; `final` gives P_A c."""
    b = par[0]
    for r in range(ids.size):
        c = spec[r]
        m = mag[ids[r]]
        x = state[ids[r]]
        if final:
            for k in range(m.size):
                s = m[k] / np.sqrt(max(c[2 * k] * c[2 * k] + c[2 * k + 1] * c[2 * k + 1], tiny))
                c[2 * k] = s * c[2 * k]
                c[2 * k + 1] = s * c[2 * k + 1]
        else:
            for k in range(2 * m.size):
                x[k] += b * c[k]
                c[k] = x[k]


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
    """(sum (z - kept)^2, sum z^2) over one member's samples; then kept = z."""
    moved = 0.0
    power = 0.0
    for i in range(z.size):
        d = np.float64(z[i] - kept[i])
        moved += d * d
        power += np.float64(z[i]) * np.float64(z[i])
        kept[i] = z[i]
    return moved, power


# Rows of two-dimensional views below, not slices: a slice costs two atomic operations on a reference count, and an
# offset into one dimension keeps the loop from vectorising (it might be negative).


@exact_kernel
def _sum(carry, carried, real, base, last, s, window, out, at):
    """out[at] = slot s of a block: what `carry` brings, plus its windowed frames from row `base` to `last`."""
    overlap, hop = window.shape
    if carried and s < overlap - 1:
        for i in range(hop):
            out[at, i] = carry[s, i]
    else:
        for i in range(hop):
            out[at, i] = 0
    for q in range(max(base, s - overlap + 1), min(s, last) + 1):
        for i in range(hop):
            out[at, i] += window[s - q, i] * real[q, s - q, i]


@exact_kernel
def overlap_add(real, ids, begin, window, slot, flags, gain_row, gain, carry, z, t, d, rule, par, lead):
    """Window and add the rows in frame order; normalise each slot as it completes, and form what is carried on.

    real : [shape=(rows, overlap, hop)], window : [shape=(overlap, hop)], gain : [shape=(rows of gains, hop)]
    z, t, d : waveforms [shape=(slots, hop)]; rule, par : which of them become what
    begin : frames of this segment that came before the block (0 in its first block)
    lead : slots at the start of the segment that belong to a seam: they are left open
    carry [shape=(overlap - 1, hop)] : the samples that the block before left open; afterwards those that this one does

    Exact arithmetic, because the fast ways for two and four frames a slot must round as `_sum` does. They, and the
    rules, stand in the loop because a call with so many arrays costs as much as a short slot.
    """
    overlap, hop = window.shape
    total = np.empty((1, hop), z.dtype)
    a, b, c, rest = par[0], par[1], par[2], par[3]
    base = np.int64(0)  # a literal would compile `_sum` a second time
    carried = begin > 0
    ended = False
    for r in range(ids.size):
        f = ids[r]
        if flags[f] & FIRST:
            base = r
            carried = False
        ended = (flags[f] & LAST) != 0
        if begin + r < lead and not ended:
            continue
        for s in range(r, r + overlap if ended else r + 1):
            if overlap == 2 and s == r and r > base:
                for i in range(hop):
                    total[0, i] = window[1, i] * real[r - 1, 1, i] + window[0, i] * real[r, 0, i]
            elif overlap == 4 and s == r and r > base + 2:
                for i in range(hop):
                    old = window[3, i] * real[r - 3, 3, i] + window[2, i] * real[r - 2, 2, i]
                    total[0, i] = (old + window[1, i] * real[r - 1, 1, i]) + window[0, i] * real[r, 0, i]
            else:
                _sum(carry, carried, real, base, r, s, window, total, np.int64(0))
            at = slot[f] + s - r
            g = gain_row[at]
            if rule == 0:
                for i in range(hop):
                    z[at, i] = total[0, i] * gain[g, i]
            elif rule == 1:
                for i in range(hop):
                    y = total[0, i] * gain[g, i]
                    z[at, i] = y + a * (y - t[at, i])
                    t[at, i] = y
            elif rule == 3:
                for i in range(hop):
                    y = total[0, i] * gain[g, i]
                    z[at, i] = y
                    t[at, i] = y
            else:
                for i in range(hop):
                    v = rest * d[at, i] + c * (total[0, i] * gain[g, i])
                    step = v - t[at, i]
                    z[at, i] = v + a * step
                    d[at, i] = v + b * step
                    t[at, i] = v
    if not ended:
        for j in range(overlap - 1):
            _sum(carry, carried, real, base, ids.size - 1, ids.size + j, window, carry, j)


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

"""Kernels of the room that recognises colormaps: exact look-up in all tables at once."""

from __future__ import annotations

from fastspec.kernels import exact_kernel

BUCKET_BITS = 10  # colours of 24 bits whose upper 14 agree share a bucket


@exact_kernel
def count_entries(colours, weight, keys, bucket, start, owner, shares, hits):
    """Add to shares (t,) the weight (n,) of the colours (n,) int32 that each table has, and to hits (t,) their number.

    keys (m,) int32: all colours of all tables, rising; those of bucket b begin at bucket[b]. The tables of keys[k] are
    owner[start[k]:start[k + 1]].
    """
    for i in range(colours.size):
        colour = colours[i]
        b = colour >> BUCKET_BITS
        for k in range(bucket[b], bucket[b + 1]):
            if keys[k] == colour:
                for n in range(start[k], start[k + 1]):
                    shares[owner[n]] += weight[i]
                    hits[owner[n]] += 1
                break

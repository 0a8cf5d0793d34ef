"""Every frame lies in one lane that owns it, and each lane has all frames that reach into its slots."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from fastspec.phase.lanes.stream import Stream


@given(
    counts=st.lists(st.integers(1, 60), min_size=1, max_size=12),
    overlap=st.integers(1, 9),
    lanes=st.sampled_from([4, 8, 16]),
    most=st.integers(1, 6),
)
def test_each_slot_receives_its_frames_in_order_wherever_the_stream_is_cut(counts, overlap, lanes, most):
    stream = Stream.of(counts, overlap, lanes, most)
    assert 1 <= stream.blocks <= most
    assert stream.beyond == overlap - 1
    assert stream.owned >= stream.beyond
    whole = np.full(stream.blocks * lanes * stream.owned, -1)  # the frame at each slot of the stream
    first = 0
    for start, count in zip(stream.starts, counts, strict=True):
        whole[start : start + count] = np.arange(first, first + count)
        first += count
        assert (whole[start + count : start + count + overlap - 1] == -1).all()
    assert stream.numbers.shape == (stream.blocks, stream.owned + stream.beyond, lanes)
    for block in range(stream.blocks):
        for lane in range(lanes):
            begin = (block * lanes + lane) * stream.owned
            wanted = [whole[s] if s >= 0 else -1 for s in range(begin - stream.beyond, begin + stream.owned)]
            assert stream.numbers[block, :, lane].tolist() == wanted
    slot = np.arange(whole.size)
    block, at, lane = stream.place(slot)
    assert ((at >= stream.beyond) & (at < stream.beyond + stream.owned)).all()
    np.testing.assert_array_equal(stream.numbers[block, at, lane], whole)
    for start, count in zip(stream.starts, counts, strict=True):
        own = {int(b) for b in block[start : start + count + overlap - 1]}
        assert set(stream.blocks_of(int(start), count + overlap - 1)) == own


def test_a_stream_is_cut_into_blocks_only_where_stretches_stay_long():
    assert Stream.of([1000], 2, 16, 6).blocks == 6
    assert Stream.of([1000], 5, 16, 6).blocks == 1
    assert Stream.of([100], 2, 16, 6).blocks == 1


def test_batches_of_many_pictures_work_few_frames_in_vain():
    """At most one in ten, of pictures of a second and longer."""
    rng = np.random.default_rng(0)
    counts = rng.integers(87, 400, 60).tolist()
    stream = Stream.of(counts, 4, 16, 1)
    assert stream.numbers.size <= 1.1 * sum(counts)

"""What libsndfile stamps into files is constant: no clock, no random stream number, and checksums that fit."""

from __future__ import annotations

import io

import numpy as np
import pytest

from fastspec.sound import files as sound_files
from fastspec.sound import reproducible

SR = 22050
TONE = np.sin(np.arange(SR) * 0.1).astype(np.float32)


def crc_of_ogg_page(page: bytes) -> int:
    """RFC 3533's checksum, bit by bit."""
    crc = 0
    for byte in page[:22] + bytes(4) + page[26:]:
        crc ^= byte << 24
        for _ in range(8):
            crc = (crc << 1 ^ 0x04C11DB7 if crc >> 31 else crc << 1) & 0xFFFFFFFF
    return crc


@pytest.mark.parametrize("suffix", ["wav", "aiff"])
def test_float_files_hold_no_clock(tmp_path, suffix):
    sound_files.write(tmp_path / f"a.{suffix}", TONE, SR, subtype="FLOAT")
    data = (tmp_path / f"a.{suffix}").read_bytes()
    at = data.index(b"PEAK")
    assert data[at + 12 : at + 16] == bytes(4)
    assert data[at + 16 : at + 20] != bytes(4)  # the peak itself is still there


def test_ogg_pages_carry_our_number_and_a_right_checksum():
    file = io.BytesIO()
    sound_files.write(file, TONE, SR, format="OGG")
    data, position, pages = file.getvalue(), 0, 0
    while position < len(data):
        assert data[position : position + 4] == b"OggS"
        n = data[position + 26]
        length = 27 + n + sum(data[position + 27 : position + 27 + n])
        page = data[position : position + length]
        assert page[14:18] == reproducible.SERIAL.to_bytes(4, "big")
        assert int.from_bytes(page[22:26], "little") == crc_of_ogg_page(page)
        position, pages = position + length, pages + 1
    assert pages >= 3


def test_what_has_no_stamp_stays_as_it_is():
    for data in (b"", b"RIFF", b"no sound at all", b"RIFF" + bytes(60), b"FORM" + bytes(8) + b"COMM" + b"\xff" * 9):
        copy = bytearray(data)
        reproducible.fix_peak_time(memoryview(copy))
        reproducible.fix_ogg_serial(memoryview(copy))
        assert copy == data

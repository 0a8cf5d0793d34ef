"""What libsndfile stamps into sound files (the time, random numbers), made constant: two runs give the same bytes."""

from __future__ import annotations

SERIAL = 0x66737063  # "fspc": the number of our one Ogg stream


def fix_peak_time(data: memoryview) -> None:
    """Zero the time of writing that libsndfile puts into the PEAK chunk of float WAV and AIFF files."""
    magic = bytes(data[:4])
    position = 12 if magic in (b"RIFF", b"RF64", b"FORM") else len(data)
    while position + 8 <= len(data):
        size = int.from_bytes(data[position + 4 : position + 8], "big" if magic == b"FORM" else "little")
        if bytes(data[position : position + 4]) == b"PEAK":
            data[position + 12 : position + 16] = bytes(4)
            return
        position += 8 + size + size % 2


def fix_ogg_serial(data: memoryview) -> None:
    """Give every Ogg page a constant stream number in place of libsndfile's random one; mend the checksums.

    The checksum (RFC 3533: polynomial 04c11db7, high bit first, start 0) is linear: a change of four bytes
    changes it by those bytes moved past the rest of the page, which need not be read.
    """
    position = 0
    while bytes(data[position : position + 4]) == b"OggS":
        segments = data[position + 26]
        length = 27 + segments + sum(data[position + 27 : position + 27 + segments])
        page = data[position : position + length]
        change = int.from_bytes(page[14:18], "big") ^ SERIAL
        moved = _gf_multiply(change, _gf_power_of_x(8 * (length - 18) + 32))
        page[14:18] = SERIAL.to_bytes(4, "big")
        page[22:26] = (int.from_bytes(page[22:26], "little") ^ moved).to_bytes(4, "little")
        position += length


def _gf_multiply(a: int, b: int) -> int:
    """Product of two polynomials over GF(2) modulo the Ogg checksum's."""
    product = 0
    while b:
        if b & 1:
            product ^= a
        a = a << 1 ^ (0x104C11DB7 if a >> 31 else 0)
        b >>= 1
    return product


def _gf_power_of_x(exponent: int) -> int:
    """x**exponent modulo the Ogg checksum's polynomial."""
    power, square = 1, 2
    while exponent:
        if exponent & 1:
            power = _gf_multiply(power, square)
        square = _gf_multiply(square, square)
        exponent >>= 1
    return power

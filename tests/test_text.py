"""Text of strangers is shown so that it can neither steer a terminal nor be taken for a line of ours."""

from __future__ import annotations

import os
import shlex
import subprocess
import unicodedata

import pytest

from fastspec._text import printable, shell_word


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, Ünïcode 名前\u3000x", "plain, Ünïcode 名前\u3000x"),
        ("a\x1b[2J", r"a\x1b[2J"),
        ("a\nb\r\tc", r"a\nb\r\tc"),
        ("\x00\x7f\x9b", r"\x00\x7f\x9b"),
        ("\u202eexe\u2066\u200f", r"\u202eexe\u2066\u200f"),
        ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
        ("\ud800\udcff", r"\ud800\udcff"),
        ("\U000e0041", r"\U000e0041"),
        (r"C:\new", r"C:\new"),
        (ValueError("a\x07"), r"a\x07"),
    ],
)
def test_what_no_terminal_shows_is_escaped(text, shown):
    assert printable(text) == shown
    assert printable(shown) == shown  # twice is once


def test_every_character_is_shown_or_escaped():
    for number in range(0x11000):
        shown = printable(chr(number))
        assert shown == chr(number) or (shown.startswith("\\") and shown.isascii())
        if unicodedata.category(chr(number)) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            assert shown != chr(number)


def test_characters_that_are_kept():
    assert printable("a\tb\n", keep="\t") == "a\tb\\n"


@pytest.mark.skipif(os.name != "posix", reason="words of a shell")
@pytest.mark.parametrize(
    "text", ["a.png", "it's a.png", "名 前.png", "a\x1b[2J\n'b.png", "bad\udcff.png", "\u202e$(x)`y`\\"]
)
def test_a_word_is_what_a_shell_takes_for_the_text(text):
    word = shell_word(text)
    assert all(each.isprintable() for each in word)
    got = subprocess.run(["bash", "-c", f"printf %s {word}"], capture_output=True, check=True).stdout
    assert got == os.fsencode(text)


def test_plain_words_are_quoted_as_ever():
    assert shell_word("a b") == shlex.quote("a b")
    assert shell_word("\ud800") == r"$'\x5cud800'" or printable(shell_word("\ud800")) == shell_word("\ud800")

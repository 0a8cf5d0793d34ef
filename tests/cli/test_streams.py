"""Whatever standard output and error are, the work is done, and the exit code says what became of what was said."""

from __future__ import annotations

import errno
import io
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

import fastspec
from fastspec import cli
from fastspec.cli import exit_codes, output, streams
from fastspec.picture import files

FASTSPEC = f"{sys.executable} -m fastspec"
FEW = "--n-iter 1 --jobs 1 --shard-size 1 --quality fast"
posix = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full and a shell")


@pytest.fixture(scope="module")
def picture(tmp_path_factory):
    """A small picture of fastspec's own."""
    path = tmp_path_factory.mktemp("own") / "own.png"
    files.write(fastspec.encode(np.sin(np.arange(4000) * 0.3).astype(np.float32), 8000, n_fft=256), path)
    return path


class Failing(io.StringIO):
    """A stream whose writes end in an error."""

    encoding = "utf-8"

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error
        self.tries = 0

    def write(self, text: str) -> int:
        self.tries += 1
        raise self.error


class Coded(io.StringIO):
    """A stream of an encoding, strict."""

    def __init__(self, encoding: str) -> None:
        super().__init__()
        self.coding = encoding

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.coding

    def write(self, text: str) -> int:
        text.encode(self.coding)
        return super().write(text)


@pytest.mark.parametrize(
    ("encoding", "shown"), [("cp1252", "Ü\\u540d"), ("ascii", "\\xdc\\u540d"), ("utf-8", "Ü名"), ("cp932", "\\xdc名")]
)
def test_what_an_encoding_does_not_have_is_escaped(encoding, shown):
    target = Coded(encoding)
    stream = streams.Stream(target)
    assert stream.write("Ü名\n") == 3
    assert target.getvalue() == f"{shown}\n"
    assert stream.failure is None
    assert (stream.encoding, stream.errors) == (encoding, "backslashreplace")


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "full"), BrokenPipeError(), ValueError("closed")])
def test_a_stream_that_fails_is_not_tried_again(error):
    target = Failing(error)
    stream = streams.Stream(target)
    for _ in range(3):
        stream.write("a")
        stream.flush()
    assert stream.failure is error
    assert target.tries == 1


def test_a_write_within_a_write_is_lost_but_not_the_stream():
    target = Failing(RuntimeError("reentrant call"))
    stream = streams.Stream(target)
    stream.write("a")
    target.error = OSError(errno.EIO, "gone")
    assert stream.failure is None
    stream.write("b")
    assert stream.failure is target.error


def test_a_closed_stream_says_so_once():
    told = []
    stream = streams.Stream(None, lambda: told.append(1))
    assert not stream.isatty()
    stream.write("")
    assert told == []
    stream.write("a")
    stream.write("b")
    stream.flush()
    assert told == [1]
    closed = io.StringIO()
    closed.close()
    streams.Stream(closed).write("a")
    assert not streams.Stream(closed).isatty()
    with pytest.raises(io.UnsupportedOperation):
        stream.fileno()
    with pytest.raises(TypeError):
        stream.write(b"")


def run(monkeypatch, stdout, stderr, *words):
    monkeypatch.setattr(sys, "stdout", stdout)
    monkeypatch.setattr(sys, "stderr", stderr)
    code = cli.run(list(words))
    assert (sys.stdout, sys.stderr) == (stdout, stderr)
    return code


@pytest.mark.parametrize(
    ("stdout", "stderr", "code", "said"),
    [
        (
            Failing(OSError(errno.ENOSPC, "No space left")),
            io.StringIO(),
            1,
            "standard output cannot be written: No space",
        ),
        (Failing(BrokenPipeError()), io.StringIO(), 0, ""),
        (None, io.StringIO(), 0, "standard output is closed"),
        (io.StringIO(), None, 0, ""),
        (io.StringIO(), Failing(OSError(errno.ENOSPC, "No space left")), 2, ""),
        (None, None, 0, ""),
    ],
)
def test_the_exit_code_of_streams(monkeypatch, stdout, stderr, code, said):
    words = ["--frob"] if isinstance(stderr, Failing) else ["--help"]
    assert run(monkeypatch, stdout, stderr, *words) == code
    if isinstance(stderr, io.StringIO) and not isinstance(stderr, Failing):
        assert said in stderr.getvalue()
        assert stderr.getvalue().count("\n") == bool(said)
    if isinstance(stdout, io.StringIO) and not isinstance(stdout, Failing):
        assert isinstance(stderr, Failing) or "decode" in stdout.getvalue()


def test_messages_that_are_lost_are_an_error(monkeypatch):
    def said(_):
        output.say("x")
        return 0

    monkeypatch.setattr(cli, "_code_of", said)
    assert run(monkeypatch, io.StringIO(), Failing(OSError(errno.ENOSPC, "full"))) == exit_codes.FATAL


def test_an_error_that_nobody_foresaw_is_a_sentence_that_says_where(monkeypatch, capsys):
    def broken(**_):
        return streams.Stream(None).write(b"")

    monkeypatch.setattr(cli.cli, "main", broken)
    assert cli.run([]) == exit_codes.FATAL
    said = capsys.readouterr().err
    assert said.startswith("fastspec: TypeError: this stream takes text, not bytes (in streams.py, line ")
    assert said.count("\n") == 1


def test_warnings_of_libraries_are_lines_without_control_characters(monkeypatch, capsys):
    import warnings

    def warn(**_):
        warnings.warn("tag \x1b[2J\nforged", RuntimeWarning, stacklevel=1)

    monkeypatch.setattr(cli.cli, "main", warn)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert cli.run([]) == 0
    assert r"RuntimeWarning: tag \x1b[2J\nforged" in capsys.readouterr().err


@posix
@pytest.mark.parametrize(
    ("redirected", "code", "said"),
    [
        (">&-", 0, "standard output is closed"),
        ("2>&-", 0, None),
        (">&- 2>&- <&-", 0, None),
        (">/dev/full", 1, "standard output cannot be written: No space left on device"),
        ("2>/dev/full", 1, None),
        ("| head -1", 0, ""),
    ],
)
def test_every_output_is_made_whatever_the_streams_are(tmp_path, picture, redirected, code, said):
    (tmp_path / "in").mkdir()
    for name in "ab":
        os.link(picture, tmp_path / "in" / f"{name}.png")
    command = f"{FASTSPEC} decode in --out-dir out {FEW}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command} {redirected}"], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == code, done.stderr
    assert sorted(path.name for path in (tmp_path / "out").glob("*.wav")) == ["a.wav", "b.wav"]
    assert "Traceback" not in done.stderr
    if said is not None:
        assert said in done.stderr
        assert "2 of 2 done" in done.stderr
    elif "2>&-" not in redirected and code == 0:
        assert done.stderr == ""


@posix
def test_who_stops_reading_ends_an_inspection(tmp_path, picture):
    for name in "abc":
        os.link(picture, tmp_path / f"{name}.png")
    command = f"set -o pipefail; {FASTSPEC} inspect . | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")


@posix
def test_closed_descriptors_are_never_given_to_files(tmp_path):
    script = (
        "import os, fastspec.cli.streams as s\nwith s.guarded():\n open('data', 'w').fileno()\n os.write(2, b'noise')"
    )
    subprocess.run(["bash", "-c", f'{sys.executable} -c "{script}" >&- 2>&- <&-'], cwd=tmp_path, check=True)
    assert (tmp_path / "data").read_bytes() == b""


@posix
@pytest.mark.parametrize("encoding", ["cp1252", "utf-8"])
def test_names_that_the_encoding_does_not_have_do_not_end_a_batch(tmp_path, picture, encoding):
    for name in ("名前.png", "b.png"):
        os.link(picture, tmp_path / name)
    command = f"{FASTSPEC} decode . --out-dir out {FEW}".split()
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, env=environment)
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode(encoding)
    assert ("名前.wav" if encoding == "utf-8" else r"\u540d\u524d.wav") in shown
    assert shown.count("\n") == 2


@pytest.mark.parametrize("fails", [False, True])
def test_what_is_left_of_a_failed_stream_goes_nowhere_and_no_descriptor_stays(tmp_path, monkeypatch, fails):
    opened, right = [], os.open

    def noted(*how):
        opened.append(right(*how))
        return opened[-1]

    def refused(*_):
        raise OSError(errno.EBADF, "bad")

    with open(tmp_path / "x", "w") as target:
        with monkeypatch.context() as patch:
            patch.setattr(os, "open", noted)
            if fails:
                patch.setattr(os, "dup2", refused)
            streams.Stream(target)._abandon()
        assert len(opened) == 1
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(opened[0])
        target.write("lost")
    assert (tmp_path / "x").read_text() == ("lost" if fails else "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_when_the_command_is_over_changes_no_exit_code(monkeypatch, number):
    before = {each: signal.getsignal(each) for each in (signal.SIGINT, signal.SIGTERM)}
    monkeypatch.setattr(cli, "run", lambda arguments: exit_codes.PARTIAL)
    try:
        with pytest.raises(SystemExit) as ended:
            cli.main(["doctor"])
        assert ended.value.code == exit_codes.PARTIAL
        os.kill(os.getpid(), number)  # while Python ends
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def test_an_interrupt_after_the_last_word_is_one(monkeypatch):
    def interrupted(arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "run", interrupted)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    with pytest.raises(SystemExit) as ended:
        cli.main([])
    assert ended.value.code == exit_codes.INTERRUPTED

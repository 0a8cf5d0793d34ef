"""Rows of other processors: what this machine's does with code that is made for one with shorter vectors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import soundfile

from bench.speed.clips import Clip
from bench.speed.compare import vectors
from bench.speed.record import Row

# A processor with AVX2 and no AVX-512, as numba's settings name it. FFTW looks at the real processor, but that of
# pyFFTW 0.15's wheels (3.3.5-sse2-avx) has code for AVX at most.
HASWELL = {
    "NUMBA_CPU_NAME": "haswell",
    "NUMBA_CPU_FEATURES": "+64bit,+avx,+avx2,+bmi,+bmi2,+cmov,+cx16,+f16c,+fma,+fxsr,+lzcnt,+mmx,+movbe,+popcnt,+sse,"
    "+sse2,+sse3,+sse4.1,+sse4.2,+ssse3,+xsave",
}


def avx2(clip: Clip, n_fft: int, quick: bool) -> Iterator[Row]:
    """The iteration, beside librosa's and beside its own transforms, compiled for AVX2, in a process of its own."""
    if vectors() not in ("AVX-512", "AVX2"):
        return
    with tempfile.TemporaryDirectory() as folder:
        sound, results = Path(folder) / "sound.wav", Path(folder) / "results.json"
        soundfile.write(sound, clip.y, clip.sr, subtype="FLOAT")
        command = [sys.executable, "-m", "bench.speed.compare", "--audio", str(sound), "--json", str(results)]
        command += ["--only", f"transforms_{n_fft}", *(["--quick"] if quick else [])]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, **HASWELL})
        told = json.loads(results.read_text())
    if told["machine"]["vectors"] != "AVX2":
        raise RuntimeError(f"the process compiled for {told['machine']['vectors']}")
    for row in map(Row.of, told["rows"]):
        if row.name in (f"iteration_{n_fft}", f"transforms_{n_fft}"):
            row.name += "_avx2"
            row.what += ", compiled for AVX2"
            row.wanted = None
            yield row

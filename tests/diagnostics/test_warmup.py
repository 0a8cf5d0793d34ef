"""After a warmup nothing is left to compile or to plan."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import fastspec
from fastspec import kernels
from fastspec.transform import wisdom

# Only parts of other kernels on the road: loaded with them from the cache, they have no signature of their own.
PARTS = {"glyphs.edges", "glyphs.normalise", "glyphs.match"}

_NOTHING_LEFT = """
import sys
import numpy as np
from PIL import Image
import io, warnings, fastspec
from fastspec.diagnostics import doctor

def signatures():
    return {name(d): set(d.signatures) for d in doctor.dispatchers()}

def name(d):
    return d.py_func.__module__.split('.')[-1] + '.' + d.py_func.__name__

warnings.simplefilter('ignore', fastspec.FastspecWarning)
fastspec.warmup((512,))
before = signatures()
# those with an underscore are parts of others too
unused = sorted(n for n, found in before.items() if not found and '._' not in n)
fast = {'n_iter': 2}
y, sr = fastspec.decode(sys.argv[1], profile='librosa', duration=4.5, **fast)
fastspec.decode(sys.argv[1], profile='librosa', quality='fast')
for form in ('JPEG', 'GIF', 'PNG'):
    data = io.BytesIO()
    Image.open(sys.argv[1]).convert('P' if form == 'GIF' else 'RGB').save(data, form)
    data.seek(0)
    fastspec.decode(data, profile='librosa', **fast)
y = y[:22050]
for how in ({}, {'bits': 16}, {'freq_scale': 'mel'}, {'freq_scale': 'log', 'size': (200, 100)}, {'cmap': 'gray'}):
    for sound in (y, np.stack([y, y]), y.astype(np.float64)):
        picture = fastspec.encode(sound, sr, n_fft=1024, hop_length=300, **how)
        for options in ({}, {'workers': 2}, {'init': 'spsi'}, {'method': 'agla'}, {'quality': 'best'}):
            fastspec.decode(picture, **fast, **options)
after = signatures()
new = {n: after[n] - before[n] for n in after if after[n] - before[n]}
print(repr((unused, new)))
"""


def test_after_warmup_nothing_is_left_to_compile(speech_picture):
    code = [sys.executable, "-W", "error", "-c", _NOTHING_LEFT, str(speech_picture)]
    done = subprocess.run(code, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    unused, new = eval(done.stdout)
    assert new == {}
    assert set(unused) <= PARTS


def test_warmup_says_what_it_did():
    done = fastspec.warmup((256, 512))
    assert done["n_fft"] == [256, 512]
    assert done["seconds"] >= max(done["compile_seconds"], done["plan_seconds"]) >= 0
    assert fastspec.warmup((256,))["kernels"] == []  # all are there now
    assert wisdom.state() == "present"


def test_warmup_in_double_precision_plans_double_precision():
    fastspec.warmup((64,), float64=True)
    assert wisdom.state(np.float64) == "present"
    y = np.sin(np.arange(2000))
    with kernels.compiling(lambda name: pytest.fail(f"{name} was compiled")):
        S = np.abs(fastspec.stft(y, n_fft=64))
        assert fastspec.phase_retrieval(S, n_fft=64, n_iter=2).dtype == np.float64


def test_a_length_that_cannot_be_planned_is_an_error():
    with pytest.raises(fastspec.ParameterError, match="n_fft=0"):
        fastspec.warmup((0,))

from __future__ import annotations

import numpy as np
from click.testing import CliRunner
from PIL import Image

import fastspec
from fastspec.cli.inspect_ import inspect as command
from tests.retouch.pictures import SPEECH, drawn, speech


def test_inspect_says_what_the_original_told(tmp_path):
    y, sr = speech()
    picture = drawn(y, sr, window=np.hanning(1024))
    cal = fastspec.inspect(picture, original=(y, sr))
    assert cal.source("window") == "original"
    assert fastspec.inspect(picture, sr=sr).source("window") == "assumed"
    path = tmp_path / "edited.png"
    Image.fromarray(picture.pixels).save(path)
    result = CliRunner().invoke(command, [str(path), "--original", str(SPEECH)], standalone_mode=False)
    assert "from the original" in result.output
    assert "window hanning: the redrawn picture then agrees in" in " ".join(result.output.split())

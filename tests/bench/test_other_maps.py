"""The judge of the remark that a picture is in another map."""

from __future__ import annotations

import numpy as np
import soundfile

from bench.quality import other_maps
from fastspec.plot import damage


def test_pictures_are_asked_about_in_their_own_map_and_in_another(tmp_path, capsys, monkeypatch):
    rng = np.random.default_rng(0)
    soundfile.write(tmp_path / "a.wav", 0.1 * np.cumsum(rng.normal(size=16000)) / 50, 8000)
    assert other_maps.main([str(tmp_path), "--count", "6"]) == 0
    assert "all (6)" in capsys.readouterr().out
    monkeypatch.setattr(damage, "question_colours", lambda *_: "it is another map")
    assert other_maps.main([str(tmp_path), "--count", "2"]) == 1


def test_damage_keeps_the_picture():
    rgb = np.random.default_rng(1).integers(0, 255, (40, 50, 3), np.uint8)
    for kind in other_maps.KINDS:
        spoilt = other_maps.spoilt(np.random.default_rng(2), rgb, kind)
        assert spoilt.dtype == np.uint8
        assert spoilt.shape == rgb.shape or kind == "resized"

"""Which tools there are, in which order, what listing them costs, and tools of other packages."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from types import SimpleNamespace

import pytest

import fastspec
from fastspec import tools
from fastspec.calibration import defaults
from fastspec.calibration.profile import Profile
from fastspec.colours import colormap
from fastspec.errors import ParameterError
from fastspec.tools.tool import Tool

LISTED = (
    "librosa",
    "librosa-0.8",
    "fastspec",
    "matplotlib-specgram",
    "scipy-pcolormesh",
    "scipy-gouraud",
    "imshow-db",
    "sox",
    "ffmpeg",
    "ffmpeg-lin",
    "ffmpeg-sqrt",
    "ffmpeg-cbrt",
    "ffmpeg-4thrt",
    "ffmpeg-5thrt",
    "riffusion",
    "audio-diffusion",
    "audacity",
    "spek",
    "praat",
    "praat-flat",
    "matlab",
)


class Crayon(Tool):
    """A tool of another package."""

    profiles = (Profile("crayon", "a child's drawing", "kindergarten", {"origin": "upper"}),)


class Squatter(Tool):
    """A tool whose profile bears another's name."""

    profiles = (Profile("sox", "not SoX", "nowhere", {}),)


def _point(name, loaded):
    def load():
        if isinstance(loaded, BaseException):
            raise loaded
        return loaded

    return SimpleNamespace(
        name=name, value=f"{name}_package:TOOL", dist=SimpleNamespace(name=f"{name}-package"), load=load
    )


@pytest.fixture
def installed(monkeypatch):
    """A function that makes entry points look installed."""
    caches = (tools._added, tools.all_tools, tools.profiles, tools._by_profile)

    def install(**points):
        found = [_point(name, loaded) for name, loaded in points.items()]
        real = importlib.metadata.entry_points
        fake = lambda **how: found if how == {"group": tools.GROUP} else real(**how)  # noqa: E731
        monkeypatch.setattr(importlib.metadata, "entry_points", fake)
        for cache in caches:
            cache.cache_clear()

    yield install
    monkeypatch.undo()
    for cache in caches:
        cache.cache_clear()


def test_profiles_are_listed_in_this_order():
    assert tuple(fastspec.profiles()) == LISTED
    assert fastspec.profiles() is tools.profiles()


def test_every_profile_leads_to_its_tool():
    for name in LISTED:
        assert name in {profile.name for profile in tools.of(name).profiles}
    assert not tools.of("no such").profiles
    assert not tools.of(None).profiles


def test_programs_are_asked_before_plotting_libraries():
    names = [profile.name for tool in tools.all_tools() for profile in tool.profiles]
    assert names.index("sox") < names.index("ffmpeg") < names.index("riffusion") < names.index("matplotlib-specgram")
    assert sorted(names) == sorted(LISTED)


@pytest.mark.parametrize("heavy", ["numpy", "numba", "PIL", "scipy", "matplotlib"])
def test_listing_profiles_is_light(heavy):
    code = f"import sys, fastspec; fastspec.profiles(); sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_another_package_adds_a_tool(installed):
    crayon = Crayon()
    installed(crayon=crayon)
    assert tuple(fastspec.profiles()) == (*LISTED, "crayon")
    assert tools.of("crayon") is crayon
    order = tools.all_tools()
    assert order.index(tools.of("audacity")) < order.index(crayon) < order.index(tools.of("librosa"))


@pytest.mark.parametrize(
    ("loaded", "why"),
    [
        (ImportError("no module named paint"), "ImportError: no module named paint"),
        (SystemExit(0), "SystemExit: 0"),
        (Crayon, "TypeError: .* is a type, not a fastspec.tools.tool.Tool"),
        (Squatter(), "there is a profile sox already"),
    ],
)
def test_a_broken_tool_is_named_and_left_out(installed, loaded, why):
    installed(broken=loaded, crayon=Crayon())
    with pytest.warns(RuntimeWarning, match=f"drawing tool 'broken' of broken-package is left out: .*{why}"):
        assert tuple(fastspec.profiles()) == (*LISTED, "crayon")


def test_a_tool_whose_colours_fail_is_named_and_the_others_keep_theirs(installed):
    class Spilt(Crayon):
        def colour_tables(self):
            raise RuntimeError("no ink")

    installed(spilt=Spilt())
    with pytest.warns(RuntimeWarning, match="colours of the drawing tool crayon are left out: RuntimeError: no ink"):
        assert "sox" in {table.name for table in tools.colour_tables()}


def test_every_profile_names_its_source_and_is_complete():
    for name, profile in tools.profiles().items():
        assert profile.name == name
        assert profile.title
        assert profile.source
        known = defaults.assumed(profile.calibration())
        assert {"cmap", "freq_scale", "freq_edges", "sr", "level_kind", "origin"} <= known.keys()
        colormap.get(known["cmap"])


def test_an_unknown_profile_names_its_neighbours():
    with pytest.raises(ParameterError, match="riffusion"):
        tools.profile("rifusion")

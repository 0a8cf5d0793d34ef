"""`Profile`: how one tool draws, as facts, with the source that they were taken from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fastspec.calibration.calibration import Calibration
from fastspec.calibration.facts import Fact


@dataclass(frozen=True)
class Profile:
    """A tool's way of drawing. `facts` hold for every picture of the tool; `usual` are its defaults, which the
    pixels or the user often correct, so they are reported as assumed. `by_scale` adds facts for one axis."""

    name: str
    title: str
    source: str
    facts: Mapping[str, Any]
    usual: Mapping[str, Any] = field(default_factory=dict)
    by_scale: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    options: frozenset[str] = frozenset()

    def calibration(self, freq_scale: str | None = None) -> Calibration:
        """The facts, as a calibration, for this frequency scale or the tool's usual one."""
        scale = freq_scale or self.usual.get("freq_scale") or self.facts.get("freq_scale")
        sure = {"profile": self.name, **self.facts}
        usual = {**self.usual, **self.by_scale.get(str(scale), {})}
        facts = {name: Fact(value, "profile", 0.9 if name in self.options else 0.95) for name, value in sure.items()}
        for name, value in usual.items():
            if name not in facts:
                facts[name] = Fact(value, "assumed", 0.5, f"usual for {self.name}")
        return Calibration(facts)

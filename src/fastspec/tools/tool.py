"""`Tool`: what fastspec knows of one program or library that draws spectrograms, behind hooks.

A tool overrides the hooks that it needs; each does nothing by default. `fastspec.tools` names the tools, and packages
add theirs as entry points of the group "fastspec.tools". The modules of a tool that hold profiles are imported by
whoever lists them, so what reads or draws pixels is imported within the hooks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from fastspec.calibration.profile import Profile


class Tool:
    """One drawing tool.

    profiles : its ways of drawing; a fact `profile` names one of them.
    unsettled : facts that hold for a profile, but which differ from release to release, so that pixels tell better.
    """

    profiles: ClassVar[tuple[Profile, ...]] = ()
    unsettled: ClassVar[frozenset[str]] = frozenset()

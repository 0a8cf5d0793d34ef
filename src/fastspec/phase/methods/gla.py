"""GLA: X <- P_C P_A X. Griffin, Lim 1984."""

from fastspec.kernels import phase as kernels
from fastspec.phase.methods.method import Method

METHOD = Method("gla", (kernels.project,))

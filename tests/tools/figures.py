"""Pictures by matplotlib without margins."""

from __future__ import annotations


def draw_figure(draw, size, path):
    """Path of a picture of `size` pixels that `draw(axes)` fills."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(size[0] / 100, size[1] / 100), dpi=100)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_axis_off()
    draw(axes)
    axes.axis("tight")
    figure.savefig(path)
    return path

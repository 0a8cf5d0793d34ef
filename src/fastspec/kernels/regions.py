"""Connected regions of a grid of cells."""

from __future__ import annotations

from fastspec.kernels import kernel


@kernel
def label(marked, values, tolerance, parents, out):
    """Number the regions of marked cells (n, m) whose neighbours' values differ by at most `tolerance`; how many.

    parents : (n * m,) int32 scratch. out : (n, m) int32, the region of each cell from 0 on, -1 of unmarked ones.
    """
    rows, columns = marked.shape
    for i in range(rows):
        for j in range(columns):
            here = i * columns + j
            parents[here] = here if marked[i, j] else -1
            if not marked[i, j]:
                continue
            for side in range(2):
                if side == 0:
                    if i == 0 or not marked[i - 1, j] or abs(values[i, j] - values[i - 1, j]) > tolerance:
                        continue
                    other = here - columns
                else:
                    if j == 0 or not marked[i, j - 1] or abs(values[i, j] - values[i, j - 1]) > tolerance:
                        continue
                    other = here - 1
                while parents[other] != other:
                    parents[other] = parents[parents[other]]
                    other = parents[other]
                root = here
                while parents[root] != root:
                    parents[root] = parents[parents[root]]
                    root = parents[root]
                if root < other:
                    parents[other] = root
                else:
                    parents[root] = other
    count = 0
    for i in range(rows):
        for j in range(columns):
            here = i * columns + j
            if parents[here] < 0:
                out[i, j] = -1
            elif parents[here] == here:  # the first of its region: roots come before those that point to them
                out[i, j] = count
                count += 1
            else:
                root = here
                while parents[root] != root:
                    root = parents[root]
                out[i, j] = out[root // columns, root % columns]
    return count

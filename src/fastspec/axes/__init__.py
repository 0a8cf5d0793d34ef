"""Hz and seconds <-> rows and columns of a picture; this room knows no picture and no colour.

Fact `freq_edges` says who cut the cells. Its values have their names here, beside nothing that takes time to import;
`fastspec.axes.edges` says what they mean.
"""

EDGES_HALFWAY = "librosa>=0.9"
EDGES_EXPLICIT = "librosa<0.9"
EDGES_WHOLE = "cells"
EDGES_BIN_CENTRES = "bins"
EDGES_LOUDEST = "audacity"
FREQ_EDGES = (EDGES_HALFWAY, EDGES_EXPLICIT, EDGES_WHOLE, EDGES_BIN_CENTRES, EDGES_LOUDEST)

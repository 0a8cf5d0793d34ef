"""Sample rates in Hz that readers look for.

The lists differ on purpose: where nothing but a fit decides, every further rate is another axis that fits by chance.
"""

from __future__ import annotations

# of axes that are tried on borders alone (`detect.axis_candidates`)
TRIED = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 96000)
# that the top of a labelled axis is half of (`detect.figure.axis_labels`), or whose logarithm a tool's size tells
USUAL = (8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 88200, 96000, 192000)
# of those, the ones that hardly any sound has: a view that ends at 6000 Hz is rather one of 22050 Hz that was cut
RARE = (12000, 88200, 192000)
# that lie within the narrow interval which numbers of a tool's legend leave (`detect.legend`)
PRINTED = (
    5512, 6000, 8000, 11025, 12000, 16000, 18900, 22050, 24000, 32000, 37800, 44100, 47250, 48000, 50000, 64000, 88200,
    96000, 176400, 192000, 352800, 384000,
)  # fmt: skip

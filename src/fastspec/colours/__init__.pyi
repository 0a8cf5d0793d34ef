from .colormap import Colormap as Colormap
from .colormap import get as get
from .colormap import names as names
from .colormap import register as register

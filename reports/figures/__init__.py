"""The figures of a sweep: a kind of figure is one file in `kinds`, a picture one in `pictures`.

The workflow asks this package for the names of all figures before anything is trained. So it,
`sheets`, `panels` and `kinds` import neither matplotlib nor pandas before they draw.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

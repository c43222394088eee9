"""The results of a sweep: collected from its jobs, read, tabulated, verified, shown.

Comes in: the files of the train jobs. Goes out: runs.parquet, curves.parquet and the tables of
the comparisons; readers for users (`load_results`) and for the later stages (`Results`).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

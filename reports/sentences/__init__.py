"""The sentences of the report: from tables to plain English that never exceeds the numbers.

Every function takes tables as `experiments.results` writes them (see `reports.reading.read_table`)
and returns Markdown. Names from configs are escaped with `literal`. A place, which the page calls
a *case*, is one dataset with one facet: the values of the study's other axes.

words      names of axes and places, how often something holds
verdicts   what the tests say, and whether published numbers are met
steps      the tuned setting: own and shared values, ends of the grid, divergence
speed      epochs to a target, and ranks over the datasets
mechanics  norms and saturation that may explain the differences
scope      what the report rests on, and what is missing
claims     how the claims and the equations fared
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

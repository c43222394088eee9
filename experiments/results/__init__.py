"""The results of a sweep: collected from its jobs, read, tabulated, verified, shown.

Comes in: the files of the train jobs. Goes out: runs.parquet, curves.parquet and the tables of
the comparisons; readers for users (`load_results`) and for the later stages (`Results`, `Curves`).

    columns       the columns of runs and curves, and what they mean
    collection    from the files of the jobs to runs.parquet and curves.parquet
    provenance    what the results came from: written, and read
    reading       tables as they are stored; a damaged one is named
    curves        the one reader of curves.parquet
    load          all tables for a user's own question
    sweep         the results as statistics, claims and figures ask for them
    opening       the same as a step opens them
    tables        the tables of the comparisons
    totals        how pairs and claims came out, in a phrase
    verification  train runs again and compare
    show          one run: spec, results, how to train it again
    cleaning      what no config refers to any more
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

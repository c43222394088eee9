"""Training: one run, one stack, one job, with NumPy and the standard library only.

Comes in: specs of runs (the rows of a plan) and the arrays of a dataset. Goes out: results with
their curves, in the file of a job and, run by run, in the cache.

    fields       the fields of a spec: neutral values, which a stack shares, words
    dealing      how the rows of a dataset are split: the kinds
    splits       training, validation and test parts
    defects      the companion study's defects, as a setting
    replicas     from specs to trained replicas: where a spec meets `mlp`
    packing      which runs share a stack, and what a run costs
    fingerprint  the source that a result depends on
    planfile     the file of a plan, a line for each job
    job          the train job with its cache
    jobfile      the file that a job leaves
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

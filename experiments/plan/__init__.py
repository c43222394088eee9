"""The plan: which runs a config asks for, in which jobs, and what is to be done again.

Comes in: a config of the schema. Goes out: a `Plan` with its entries, runs and jobs; what the
Snakefile asks.

    model      entries, runs, plan
    runs       a config expanded into runs
    refusals   what is refused of a study once its runs are known
    sameness   arms that are one training under two names
    jobs       runs packed into train jobs
    cutting    where a list of work is cut into jobs
    confirming cells, and the jobs that confirm them
    foretold   how many networks a confirmation will train
    products   what each step of a sweep reads, makes and uses of the config
    frozen     the plan of the copy of a config
    snakefile  what the Snakefile asks
    stored     results in a storage, such as a bucket
    outlook    what a sweep will do, in words
    outline    what one start of Snakemake will do, in numbers
    launching  how a sweep is started
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

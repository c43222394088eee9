"""The base: what every stage rests on, without pandas or pydantic.

errors        messages for people
store         files that cannot be half-written or silently wrong
cache         the trained runs that sweeps and people share, in a folder or
bucket        in S3
files         the names of a sweep's files
receipts      what a step was made from and what it made, with checksums
once          texts that follow from the code alone, made once for all sweeps
identity      names as hashes of content
closure       the code that a command runs, from its imports
prepared      one process with all modules loaded, which forks a child for each step
parallel      pieces of a step, several at a time
command_line  commands whose options are next to their functions
english       numbers and plurals in sentences
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

"""The schema of a config: YAML comes in, a checked `Config` goes out, or a message to a person.

    text --parse--> plain values --validate--> Config      load(path) does both

Comes in: the text of a YAML file. Goes out: a frozen :class:`Config` of studies, each with its
datasets, seeds and grid of settings; every default is written here and nowhere else. Whatever is
wrong raises ConfigError, which names the place and says what is allowed.

    settings   what a run depends on beside its dataset and seed
    study      a study and the datasets it uses
    families   planned pairs
    config     the whole, and how it is read
    rules      what must hold between keys
    labels     the texts that stand for an axis's values
    messages   pydantic's complaints as sentences
    inherited  what a config extends, and changes of the command line
    reader     YAML, safely
    listing    what a config may name: components and datasets
    reference  the JSON schema and the reference of all keys
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

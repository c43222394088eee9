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
    reader     YAML, safely
"""

from experiments.schema.compared import TABLES, Comparison, comparisons, table_names
from experiments.schema.config import (
    Config,
    Picture,
    Resources,
    Statistics,
    load,
    placed,
    resources,
    validate,
)
from experiments.schema.families import HEADLINE, Planned
from experiments.schema.frozen import (
    NAME,
    content,
    freeze,
    frozen_config,
    origin_of,
    refuse_namesake,
    stored_config,
)
from experiments.schema.labels import axis_label, program_role
from experiments.schema.messages import validated
from experiments.schema.naming import CONFIGS, ENDINGS, find_config, find_sweep
from experiments.schema.power import seeds_needed, smallest_p
from experiments.schema.reader import parse
from experiments.schema.settings import FIELDS, EqualUpdates, Setting, Strict, check_settings
from experiments.schema.study import Dataset, Published, Study

__all__ = [
    "CONFIGS",
    "ENDINGS",
    "FIELDS",
    "HEADLINE",
    "NAME",
    "TABLES",
    "Comparison",
    "Config",
    "Dataset",
    "EqualUpdates",
    "Picture",
    "Planned",
    "Published",
    "Resources",
    "Setting",
    "Statistics",
    "Strict",
    "Study",
    "axis_label",
    "check_settings",
    "comparisons",
    "content",
    "find_config",
    "find_sweep",
    "freeze",
    "frozen_config",
    "load",
    "origin_of",
    "parse",
    "placed",
    "program_role",
    "refuse_namesake",
    "resources",
    "seeds_needed",
    "smallest_p",
    "stored_config",
    "table_names",
    "validate",
    "validated",
]

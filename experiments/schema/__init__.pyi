from .chapters import Chapter as Chapter
from .chapters import Part as Part
from .compared import TABLES as TABLES
from .compared import Comparison as Comparison
from .compared import chapters_of as chapters_of
from .compared import comparisons as comparisons
from .compared import table_names as table_names
from .compared import tuned_value as tuned_value
from .config import Config as Config
from .config import Picture as Picture
from .config import Resources as Resources
from .config import Statistics as Statistics
from .config import load as load
from .config import placed as placed
from .config import resources as resources
from .config import validate as validate
from .families import HEADLINE as HEADLINE
from .families import Planned as Planned
from .frozen import changes_of as changes_of
from .frozen import content as content
from .frozen import freeze as freeze
from .frozen import frozen_config as frozen_config
from .frozen import options_of as options_of
from .frozen import refuse_namesake as refuse_namesake
from .frozen import stored_config as stored_config
from .labels import axis_label as axis_label
from .labels import program_role as program_role
from .listing import describe as describe
from .messages import validated as validated
from .naming import CONFIGS as CONFIGS
from .naming import ENDINGS as ENDINGS
from .naming import find_config as find_config
from .naming import find_sweep as find_sweep
from .naming import project_configs as project_configs
from .power import MIN_DATASETS as MIN_DATASETS
from .power import seeds_needed as seeds_needed
from .power import smallest_p as smallest_p
from .reader import parse as parse
from .reference import write_schema as write_schema
from .settings import FIELDS as FIELDS
from .settings import EqualUpdates as EqualUpdates
from .settings import Label as Label
from .settings import Labels as Labels
from .settings import Setting as Setting
from .settings import Strict as Strict
from .settings import check_settings as check_settings
from .settings import is_joint as is_joint
from .study import Confirm as Confirm
from .study import Dataset as Dataset
from .study import Published as Published
from .study import Study as Study

__all__ = [
    "CONFIGS",
    "ENDINGS",
    "FIELDS",
    "HEADLINE",
    "MIN_DATASETS",
    "TABLES",
    "Chapter",
    "Comparison",
    "Config",
    "Confirm",
    "Dataset",
    "EqualUpdates",
    "Label",
    "Labels",
    "Part",
    "Picture",
    "Planned",
    "Published",
    "Resources",
    "Setting",
    "Statistics",
    "Strict",
    "Study",
    "axis_label",
    "changes_of",
    "chapters_of",
    "check_settings",
    "comparisons",
    "content",
    "describe",
    "find_config",
    "find_sweep",
    "freeze",
    "frozen_config",
    "is_joint",
    "load",
    "options_of",
    "parse",
    "placed",
    "program_role",
    "project_configs",
    "refuse_namesake",
    "resources",
    "seeds_needed",
    "smallest_p",
    "stored_config",
    "table_names",
    "tuned_value",
    "validate",
    "validated",
    "write_schema",
]

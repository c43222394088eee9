from . import commands as commands
from .collection import collect as collect
from .commands import clean as clean
from .commands import describe_components as describe_components
from .commands import describe_datasets as describe_datasets
from .commands import project_configs as project_configs
from .commands import show_run as show_run
from .commands import write_schema as write_schema
from .load import load_results as load_results
from .load import natural_order as natural_order
from .load import readable as readable
from .load import with_axes as with_axes
from .provenance import write_provenance as write_provenance
from .sweep import CURVE_METRICS as CURVE_METRICS
from .sweep import Results as Results
from .tables import paired_tests as paired_tests
from .tables import wide_arms as wide_arms
from .tables import write_tables as write_tables
from .verification import stored_plan as stored_plan
from .verification import verify as verify
from .verification import verify_files as verify_files

__all__ = [
    "CURVE_METRICS",
    "Results",
    "clean",
    "collect",
    "commands",
    "describe_components",
    "describe_datasets",
    "load_results",
    "natural_order",
    "paired_tests",
    "project_configs",
    "readable",
    "show_run",
    "stored_plan",
    "verify",
    "verify_files",
    "wide_arms",
    "with_axes",
    "write_provenance",
    "write_schema",
    "write_tables",
]

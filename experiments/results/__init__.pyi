from .baselines import write_baselines as write_baselines
from .cleaning import clean as clean
from .collection import collect as collect
from .columns import CURVE_METRICS as CURVE_METRICS
from .columns import MEANINGS as MEANINGS
from .curves import Curves as Curves
from .curves import curve_columns as curve_columns
from .load import load_results as load_results
from .load import natural_order as natural_order
from .load import with_axes as with_axes
from .provenance import write_provenance as write_provenance
from .reading import read_parquet as read_parquet
from .show import show_run as show_run
from .sweep import Results as Results
from .tables import paired_tests as paired_tests
from .tables import wide_arms as wide_arms
from .tables import write_tables as write_tables
from .verification import stored_plan as stored_plan
from .verification import verify as verify
from .verification import verify_files as verify_files

__all__ = [
    "CURVE_METRICS",
    "MEANINGS",
    "Curves",
    "Results",
    "clean",
    "collect",
    "curve_columns",
    "load_results",
    "natural_order",
    "paired_tests",
    "read_parquet",
    "show_run",
    "stored_plan",
    "verify",
    "verify_files",
    "wide_arms",
    "with_axes",
    "write_baselines",
    "write_provenance",
    "write_tables",
]

from .baselines import write_baselines as write_baselines
from .best import best_run as best_run
from .cleaning import clean as clean
from .collection import collect as collect
from .columns import CURVE_METRICS as CURVE_METRICS
from .columns import MEANINGS as MEANINGS
from .columns import SPEC_COLUMNS as SPEC_COLUMNS
from .comparing import Comparing as Comparing
from .comparing import compare as compare
from .comparing import comparing_sentences as comparing_sentences
from .comparing import in_words as in_words
from .comparing import verdicts_changed as verdicts_changed
from .curves import Curves as Curves
from .curves import curve_columns as curve_columns
from .curves import curve_digests as curve_digests
from .evidence import absence as absence
from .evidence import all_pairs as all_pairs
from .evidence import basis as basis
from .evidence import confirmed_pairs as confirmed_pairs
from .evidence import facet_values as facet_values
from .evidence import intervals as intervals
from .evidence import on_this_split as on_this_split
from .evidence import tuned_word as tuned_word
from .evidence import when as when
from .exported import as_sklearn as as_sklearn
from .exported import save_sklearn as save_sklearn
from .formats import check_format as check_format
from .graph import as_onnx as as_onnx
from .graph import save_onnx as save_onnx
from .latex import BOLD as BOLD
from .latex import latex_table as latex_table
from .latex import latex_text as latex_text
from .load import load_results as load_results
from .load import natural_order as natural_order
from .models import Model as Model
from .models import each_model as each_model
from .models import model as model
from .opening import opened as opened
from .opening import plain_texts as plain_texts
from .pairs import PAIR_COLUMNS as PAIR_COLUMNS
from .pairs import contradicts as contradicts
from .pairs import paired_tests as paired_tests
from .provenance import read_provenance as read_provenance
from .provenance import write_provenance as write_provenance
from .reading import read_parquet as read_parquet
from .reading import with_axes as with_axes
from .show import find_run as find_run
from .show import show_run as show_run
from .sweep import Results as Results
from .sweep import at_values as at_values
from .tables import ARMS_COLUMNS as ARMS_COLUMNS
from .tables import OVER_COLUMNS as OVER_COLUMNS
from .tables import over_datasets as over_datasets
from .tables import ranks_table as ranks_table
from .tables import wide_arms as wide_arms
from .tables import write_tables as write_tables
from .totals import NOT_JUDGED as NOT_JUDGED
from .totals import verdict_totals as verdict_totals
from .verification import stored_plan as stored_plan
from .verification import verify as verify
from .verification import verify_files as verify_files

__all__ = [
    "ARMS_COLUMNS",
    "BOLD",
    "CURVE_METRICS",
    "MEANINGS",
    "NOT_JUDGED",
    "OVER_COLUMNS",
    "PAIR_COLUMNS",
    "SPEC_COLUMNS",
    "Comparing",
    "Curves",
    "Model",
    "Results",
    "all_pairs",
    "as_onnx",
    "as_sklearn",
    "at_values",
    "basis",
    "best_run",
    "check_format",
    "clean",
    "collect",
    "compare",
    "comparing_sentences",
    "confirmed_pairs",
    "contradicts",
    "curve_columns",
    "curve_digests",
    "each_model",
    "facet_values",
    "find_run",
    "in_words",
    "intervals",
    "latex_table",
    "latex_text",
    "load_results",
    "model",
    "natural_order",
    "on_this_split",
    "opened",
    "over_datasets",
    "paired_tests",
    "plain_texts",
    "ranks_table",
    "read_parquet",
    "save_onnx",
    "save_sklearn",
    "show_run",
    "stored_plan",
    "tuned_word",
    "verdict_totals",
    "verdicts_changed",
    "verify",
    "verify_files",
    "when",
    "wide_arms",
    "with_axes",
    "write_baselines",
    "write_provenance",
    "write_tables",
]

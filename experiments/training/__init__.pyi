from . import fields as fields
from . import fingerprint as fingerprint
from . import packing as packing
from .choosing import Choice as Choice
from .choosing import Final as Final
from .confirm import chosen as chosen
from .confirm import confirm_job as confirm_job
from .confirm import confirmed as confirmed
from .confirm import final_of as final_of
from .confirm import possible_runs as possible_runs
from .dealing import SPLITS as SPLITS
from .dealing import USUAL as USUAL
from .dealing import Split as Split
from .dealing import split_of as split_of
from .defects import DEFECTS as DEFECTS
from .defects import checked as checked
from .defects import effective as effective
from .defects import epoch_size as epoch_size
from .defects import label as label
from .defects import strided_batches as strided_batches
from .drawing import as_confirmed as as_confirmed
from .drawing import on_split as on_split
from .fields import FIELDS as FIELDS
from .fields import columns as columns
from .fields import run_id as run_id
from .fingerprint import choice_fingerprint as choice_fingerprint
from .fingerprint import core_fingerprint as core_fingerprint
from .fingerprint import run_fingerprint as run_fingerprint
from .job import cached_name as cached_name
from .job import ingredients as ingredients
from .job import run_job as run_job
from .job import train_all as train_all
from .jobfile import Stored as Stored
from .jobfile import made_from as made_from
from .jobfile import read_results as read_results
from .jobfile import runs_held as runs_held
from .jobfile import write_job as write_job
from .metrics import METRICS as METRICS
from .metrics import metric_of as metric_of
from .metrics import score_column as score_column
from .metrics import scores as scores
from .packing import curve_bytes as curve_bytes
from .packing import estimated_megabytes as estimated_megabytes
from .packing import estimated_seconds as estimated_seconds
from .packing import stack_key as stack_key
from .packing import stack_seconds as stack_seconds
from .packing import stack_size as stack_size
from .packing import train_rows as train_rows
from .packing import updates_in_epoch as updates_in_epoch
from .planfile import PlannedRun as PlannedRun
from .planfile import job_line as job_line
from .planfile import plan_lines as plan_lines
from .planfile import planned_files as planned_files
from .planfile import planned_runs as planned_runs
from .planfile import read_job as read_job
from .replicas import Result as Result
from .replicas import counted_epoch as counted_epoch
from .replicas import prepare_folds as prepare_folds
from .replicas import split_seed as split_seed
from .replicas import train_stack as train_stack
from .replicas import trained as trained
from .splits import FIXED_SPLIT_SEED as FIXED_SPLIT_SEED
from .splits import IMPUTE as IMPUTE
from .splits import PARTS as PARTS
from .splits import kept_rows as kept_rows
from .splits import make_parts as make_parts
from .splits import overlap as overlap
from .splits import part_sizes as part_sizes
from .splits import rows_of_parts as rows_of_parts
from .splits import scaled as scaled
from .splits import scaling as scaling

__all__ = [
    "DEFECTS",
    "FIELDS",
    "FIXED_SPLIT_SEED",
    "IMPUTE",
    "METRICS",
    "PARTS",
    "SPLITS",
    "USUAL",
    "Choice",
    "Final",
    "PlannedRun",
    "Result",
    "Split",
    "Stored",
    "as_confirmed",
    "cached_name",
    "checked",
    "choice_fingerprint",
    "chosen",
    "columns",
    "confirm_job",
    "confirmed",
    "core_fingerprint",
    "counted_epoch",
    "curve_bytes",
    "effective",
    "epoch_size",
    "estimated_megabytes",
    "estimated_seconds",
    "fields",
    "final_of",
    "fingerprint",
    "ingredients",
    "job_line",
    "kept_rows",
    "label",
    "made_from",
    "make_parts",
    "metric_of",
    "on_split",
    "overlap",
    "packing",
    "part_sizes",
    "plan_lines",
    "planned_files",
    "planned_runs",
    "possible_runs",
    "prepare_folds",
    "read_job",
    "read_results",
    "rows_of_parts",
    "run_fingerprint",
    "run_id",
    "run_job",
    "runs_held",
    "scaled",
    "scaling",
    "score_column",
    "scores",
    "split_of",
    "split_seed",
    "stack_key",
    "stack_seconds",
    "stack_size",
    "strided_batches",
    "train_all",
    "train_rows",
    "train_stack",
    "trained",
    "updates_in_epoch",
    "write_job",
]

from .confirming import Cell as Cell
from .confirming import Confirmation as Confirmation
from .confirming import ConfirmJob as ConfirmJob
from .confirming import with_confirmed as with_confirmed
from .frozen import frozen_plan as frozen_plan
from .frozen import signature as signature
from .given import check_options as check_options
from .given import chosen_config as chosen_config
from .given import partial_option as partial_option
from .given import refuse_partial_storage as refuse_partial_storage
from .given import sweep_of as sweep_of
from .given import sweep_options as sweep_options
from .jobs import Job as Job
from .launching import PREPARED as PREPARED
from .launching import become as become
from .launching import launch as launch
from .launching import prepare as prepare
from .machine import pace as pace
from .model import EXCLUDED as EXCLUDED
from .model import Entry as Entry
from .model import Plan as Plan
from .outline import Outline as Outline
from .outline import Training as Training
from .outline import files_made as files_made
from .outline import outlined as outlined
from .outlook import data_checksums as data_checksums
from .outlook import describe as describe
from .products import USED as USED
from .products import done as done
from .products import extra_steps as extra_steps
from .products import steps as steps
from .products import trained_files as trained_files
from .runs import expand as expand
from .runs import make_plan as make_plan
from .snakefile import Renewal as Renewal
from .snakefile import as_words as as_words
from .snakefile import clear_folders as clear_folders
from .snakefile import contents as contents
from .snakefile import memory_mb as memory_mb
from .snakefile import minutes as minutes
from .snakefile import out_of_date as out_of_date
from .snakefile import plan_recipe as plan_recipe
from .snakefile import planned as planned
from .snakefile import recipe as recipe
from .snakefile import rule_inputs as rule_inputs
from .snakefile import shell_prefix as shell_prefix
from .snakefile import tasks as tasks
from .snakefile import tuning_files as tuning_files
from .snakefile import unlimited_starts as unlimited_starts
from .snakefile import wanted_jobs as wanted_jobs
from .stored import StoredRenewal as StoredRenewal
from .stored import as_stored as as_stored
from .stored import folder_of as folder_of
from .stored import in_storage as in_storage

__all__ = [
    "EXCLUDED",
    "PREPARED",
    "USED",
    "Cell",
    "ConfirmJob",
    "Confirmation",
    "Entry",
    "Job",
    "Outline",
    "Plan",
    "Renewal",
    "StoredRenewal",
    "Training",
    "as_stored",
    "as_words",
    "become",
    "check_options",
    "chosen_config",
    "clear_folders",
    "contents",
    "data_checksums",
    "describe",
    "done",
    "expand",
    "extra_steps",
    "files_made",
    "folder_of",
    "frozen_plan",
    "in_storage",
    "launch",
    "make_plan",
    "memory_mb",
    "minutes",
    "out_of_date",
    "outlined",
    "pace",
    "partial_option",
    "plan_recipe",
    "planned",
    "prepare",
    "recipe",
    "refuse_partial_storage",
    "rule_inputs",
    "shell_prefix",
    "signature",
    "steps",
    "sweep_of",
    "sweep_options",
    "tasks",
    "trained_files",
    "tuning_files",
    "unlimited_starts",
    "wanted_jobs",
    "with_confirmed",
]

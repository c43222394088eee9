from .cells import ACCURACIES as ACCURACIES
from .cells import ARM as ARM
from .cells import METRICS as METRICS
from .cells import PLACE as PLACE
from .cells import RUN as RUN
from .cells import STATUSES as STATUSES
from .curves import divergence_rates as divergence_rates
from .curves import learning_speed as learning_speed
from .curves import sensitivity as sensitivity
from .datasets import MIN_DATASETS as MIN_DATASETS
from .datasets import SURE as SURE
from .datasets import Chances as Chances
from .datasets import new_dataset_interval as new_dataset_interval
from .datasets import over_datasets as over_datasets
from .datasets import signed_rank_chances as signed_rank_chances
from .deciding import decide as decide
from .deciding import decides_with as decides_with
from .deciding import decision_p as decision_p
from .deciding import inside_p as inside_p
from .deciding import splits_to_decide as splits_to_decide
from .deciding import t_p as t_p
from .families import benjamini_hochberg as benjamini_hochberg
from .families import fcr_level as fcr_level
from .families import holm as holm
from .families import intersection_union as intersection_union
from .families import partial_conjunction as partial_conjunction
from .families import simultaneous_level as simultaneous_level
from .fragility import changed_by as changed_by
from .fragility import fragile_text as fragile_text
from .fragility import near_best as near_best
from .kinds import Kind as Kind
from .pairs import COMPARE_COLUMNS as COMPARE_COLUMNS
from .pairs import compare as compare
from .ranks import TOO_FEW as TOO_FEW
from .ranks import mean_ranks as mean_ranks
from .ranks import seeds_needed as seeds_needed
from .ranks import smallest_p as smallest_p
from .samples import DECIMALS as DECIMALS
from .samples import EXACT_UP_TO as EXACT_UP_TO
from .samples import MOST_SEEDS as MOST_SEEDS
from .samples import Interval as Interval
from .samples import half_width as half_width
from .samples import prediction_interval as prediction_interval
from .samples import seeds_for_margin as seeds_for_margin
from .samples import sign_flip_p as sign_flip_p
from .samples import t_interval as t_interval
from .samples import t_intervals as t_intervals
from .samples import tost_p as tost_p
from .samples import typical_interval as typical_interval
from .samples import wilcoxon_p as wilcoxon_p
from .sentences import in_words as in_words
from .sentences import place as place
from .sentences import size as size
from .sentences import size_in_points as size_in_points
from .splits import CONFIRM_COLUMNS as CONFIRM_COLUMNS
from .splits import at_error as at_error
from .splits import confirm as confirm
from .splits import failures as failures
from .splits import split_differences as split_differences
from .steps import best_first as best_first
from .steps import choose_step as choose_step
from .steps import chosen_steps as chosen_steps
from .steps import points_lost as points_lost
from .steps import shared_step as shared_step
from .verdicts import Verdict as Verdict
from .verdicts import verdict as verdict

__all__ = [
    "ACCURACIES",
    "ARM",
    "COMPARE_COLUMNS",
    "CONFIRM_COLUMNS",
    "DECIMALS",
    "EXACT_UP_TO",
    "METRICS",
    "MIN_DATASETS",
    "MOST_SEEDS",
    "PLACE",
    "RUN",
    "STATUSES",
    "SURE",
    "TOO_FEW",
    "Chances",
    "Interval",
    "Kind",
    "Verdict",
    "benjamini_hochberg",
    "best_first",
    "changed_by",
    "choose_step",
    "chosen_steps",
    "compare",
    "confirm",
    "decide",
    "decides_with",
    "decision_p",
    "divergence_rates",
    "failures",
    "fcr_level",
    "fragile_text",
    "half_width",
    "holm",
    "in_words",
    "inside_p",
    "intersection_union",
    "learning_speed",
    "mean_ranks",
    "near_best",
    "new_dataset_interval",
    "over_datasets",
    "partial_conjunction",
    "place",
    "points_lost",
    "prediction_interval",
    "seeds_for_margin",
    "seeds_needed",
    "sensitivity",
    "shared_step",
    "sign_flip_p",
    "signed_rank_chances",
    "simultaneous_level",
    "size",
    "size_in_points",
    "smallest_p",
    "split_differences",
    "splits_to_decide",
    "t_interval",
    "t_intervals",
    "t_p",
    "tost_p",
    "typical_interval",
    "verdict",
    "wilcoxon_p",
]

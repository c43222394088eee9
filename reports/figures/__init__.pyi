from . import compact as compact
from . import marks as marks
from . import panels as panels
from . import sheets as sheets
from . import styles as styles
from . import svg as svg
from .data import Frames as Frames
from .data import easy_first as easy_first
from .data import mechanics_table as mechanics_table
from .drawing import styled as styled
from .kept import Kept as Kept
from .kinds import KINDS as KINDS
from .kinds import figure_names as figure_names
from .kinds import sheets_of as sheets_of
from .panels import WIDTH as WIDTH
from .papers import paper_figures as paper_figures
from .papers import write_paper_figures as write_paper_figures
from .pictures import draw_picture as draw_picture
from .pictures import write_pictures as write_pictures
from .sheets import SUMMARY as SUMMARY
from .sheets import Sheet as Sheet
from .sheets import facets as facets
from .sheets import pair_name as pair_name
from .sheets import picture_names as picture_names
from .sheets import place_name as place_name
from .sheets import readable as readable
from .sheets import score_names as score_names
from .sheets import short as short
from .styles import COLOURS as COLOURS
from .styles import DASHES as DASHES
from .styles import FAMILIES as FAMILIES
from .styles import Look as Look
from .styles import component_index as component_index
from .styles import looks as looks
from .svg import save as save
from .writing import figure_files as figure_files
from .writing import write_figures as write_figures

__all__ = [
    "COLOURS",
    "DASHES",
    "FAMILIES",
    "KINDS",
    "WIDTH",
    "Frames",
    "Kept",
    "Look",
    "Sheet",
    "compact",
    "component_index",
    "draw_picture",
    "easy_first",
    "facets",
    "figure_files",
    "figure_names",
    "looks",
    "mechanics_table",
    "pair_name",
    "panels",
    "paper_figures",
    "picture_names",
    "place_name",
    "save",
    "score_names",
    "sheets",
    "sheets_of",
    "short",
    "styled",
    "styles",
    "svg",
    "write_figures",
    "write_paper_figures",
    "write_pictures",
]

"""Stimuli as a timeline for other pages with jsPsych."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from illusions.analyses.experiment.page import as_script, describe, read_bundle
from illusions.analyses.experiment.psychopy import write_pictures

if TYPE_CHECKING:
    from illusions.stimuli.stimulus import Stimulus

_PLACEHOLDER = '"{{stimuli}}"'
_USE = """\
/* Matches between surrounds by adjustment, for pages with jsPsych 8. In the page, after the script of jsPsych:

     <link rel="stylesheet" href="adjustment.css">
     <script src="timeline.js"></script>

   In its script, wherever a trial or a timeline can stand (all options may be left out):

     illusionsTimeline(jsPsych, { observer: "ab", repetitions: 4, pixelsPerDegree: 40 })

   `observer` is a code. `pixelsPerDegree` is a number of CSS pixels, or a function that returns it, such as px2deg of
   plugin-virtual-chinrest. "illusions compare" reads what jsPsych saves, JSON or CSV, and skips other trials in it. */
"""


def write_jspsych(stimuli: Iterable[Stimulus], folder: Path) -> None:
    """Write ``timeline.js`` and ``adjustment.css`` for pages with jsPsych 8, and the pictures of all conditions.

    The script defines ``illusionsTimeline(jsPsych, options)``: a timeline of all pairs that the stimuli ask for, with
    catch trials, in the plugin of the page of `experiment_page`.

    Args:
        stimuli: of different names, each with two or more conditions.
        folder: exists.

    Raises:
        InputError: the page has not been bundled, a stimulus has a single condition, or the folder cannot be written
            to.
    """
    script = read_bundle("timeline.js")
    described = []
    for stimulus in stimuli:
        described.append(describe(stimulus))
        write_pictures(stimulus, folder / "pictures")
    (folder / "timeline.js").write_text(_USE + script.replace(_PLACEHOLDER, as_script(described)), encoding="utf-8")
    (folder / "adjustment.css").write_text(read_bundle("adjustment.css"), encoding="utf-8")

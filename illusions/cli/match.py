"""``illusions match``: the match that a person is predicted to set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.colours import plane_option
from illusions.cli.masked import StimulusSource, stimuli_or_pictures
from illusions.cli.options import (
    device_option,
    display_option,
    examples,
    output_option,
    precision_option,
    readings_options,
    seed_option,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from illusions.analyses.densities.matching import Match
    from illusions.cli.readings import ReadingOptions
    from illusions.displays import Display
    from illusions.models.devices import Precision
    from illusions.stimuli.stimulus import Stimulus


@click.command(
    epilog=examples(
        "illusions match brightness-contrast -o out",
        "illusions match brightness-contrast --reading paper --temperature 200 -o out",
        "illusions match saturation-contrast --plane dkl -o out",
        "illusions match --image photo.png --mask left.png --mask right.png --axis lightness -o out",
    )
)
@stimuli_or_pictures
@output_option
@readings_options
@plane_option
@display_option
@device_option
@precision_option
@seed_option
@click.pass_context
def command(
    context: click.Context,
    given: StimulusSource,
    asked: ReadingOptions,
    output: Path,
    plane: str | None,
    display: Display | None,
    device: str,
    precision: Precision,
    seed: int,
) -> None:
    """Predict the match (PSE) between two surrounds.

    STIMULUS is a name in 'illusions list' or a .toml file of your own. For a target in a picture of your own, use
    --image and --mask instead.

    The match is the value in one surround that has the percentile rank of the target in the other surround. It is
    computed for every ordered pair of conditions. If the gamut ends before the match, the
    match is empty, and the table says so.

    \b
    Output files:
      matches.csv             every match with its standard error
      NAME-before.png         the physically equal targets
      NAME-B-as-A.png         the target on B set to match the target on A
      NAME-before-proof.png   the same, with the targets cut out (also for B-as-A)
      report.html             all results; opens offline; T can be changed in it
      report.md               the same as text

    If there are several fields or scales, the table has rows for each and for the match of the mean ranks. The pictures
    show the match of the mean ranks. If there are several temperatures, each has its rows and pictures
    (NAME-T40-B-as-A.png).

    With --plane dkl, the hue and the distance from grey are matched together, with --plane solid also luminance. The
    output files are then colours.csv, with a row for each pair of conditions and each colour, and the figure
    NAME-colours, with an arrow from each colour to its match.
    """
    if plane is not None:
        from illusions.cli.colours import match_colours_of

        how: dict[str, int | str] = {"seed": seed, "device": device}
        match_colours_of(_several(given.load(asked.scales)), asked, plane, output=output, how=how)
        return

    from illusions.cli.readings import announce, in_file_names, place, rank_each, settings

    readings = asked.each_of(_several(given.load(asked.scales)))
    announce(asked, readings)

    from illusions.analyses.ranks.luminances import matches_with_luminances
    from illusions.analyses.ranks.report import report_page, report_text
    from illusions.analyses.ranks.wording import match_sentence
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.pictures import write_picture

    with output_folder(output) as out:
        rankings = rank_each(readings, device=device, precision=precision, seed=seed)
        frames = [ranking.matches_frame() for ranking in rankings]
        if display is not None:
            frames = [
                matches_with_luminances(frame, ranking.stimulus, display)
                for frame, ranking in zip(frames, rankings, strict=True)
            ]
        write_table(out.staged / "matches.csv", frames, with_scale=bool(asked.scales))
        pictures: list[dict[str, str]] = []
        for ranking in rankings:
            pictures.append({})
            for name, words, picture in _pictures(ranking.stimulus, ranking.matches):
                file = f"{in_file_names(ranking, asked)}-{name}.png"
                write_picture(out.staged / file, picture)
                pictures[-1][file] = words
        line: str = context.obj
        made_by = {**settings(readings, rankings), "seed": seed, "device": device, "precision": precision}
        page = report_page(rankings, command=line, settings=made_by, about="match")
        (out.staged / "report.html").write_text(page, encoding="utf-8")
        text = report_text(rankings, pictures, command=line, settings=made_by, about="match")
        (out.staged / "report.md").write_text(text, encoding="utf-8")
    several = len(asked.temperatures) > 1
    for ranking, (_, reading) in zip(rankings, readings, strict=True):
        where, said = place(ranking, reading, with_temperature=several), list[str]()
        for found in ranking.matches:
            show_sentence(f"{where}: {match_sentence(found, said=said)}")
            said.extend(found.noted)
    for frame in frames:
        show_rows("matches", frame)
    show_written(out.written)


def _several(stimuli: list[Stimulus]) -> list[Stimulus]:
    """The stimuli, each with two or more conditions.

    Raises:
        InputError: one has a single condition.
    """
    from illusions.errors import InputError

    for stimulus in stimuli:
        if len(stimulus.conditions) < 2:
            raise InputError(
                f"{stimulus.name}: has a single target, and nothing to match it with; expected two or more: several "
                "masks, or a mask with labels"
            )
    return stimuli


def _pictures(stimulus: Stimulus, matches: Sequence[Match]) -> Iterator[tuple[str, str, NDArray[np.uint8]]]:
    """The pair and its proof, as they are and with each match in place: name, what it shows, pixels."""
    cut = "the targets cut out and laid together"
    yield "before", "The pair as it is", stimulus.pair()
    yield "before-proof", f"The pair as it is, and {cut}", stimulus.proof()
    for found in matches:
        if found.in_gamut:
            values = {found.comparison_condition: found.pse}
            name = f"{found.comparison_condition}-as-{found.reference_condition}"
            words = f"“{found.comparison_condition}” set so that it looks as “{found.reference_condition}”"
            yield name, words, stimulus.pair(values)
            yield f"{name}-proof", f"{words}, and {cut}", stimulus.proof(values)

"""``illusions match``: the match that a person is predicted to set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.loading import load_stimuli
from illusions.cli.options import (
    device_option,
    examples,
    output_option,
    precision_option,
    readings_options,
    seed_option,
    stimuli_argument,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from illusions.analyses.ranks.matching import Match
    from illusions.cli.readings import Asked
    from illusions.models.devices import Precision
    from illusions.stimuli.stimulus import Stimulus


@click.command(
    epilog=examples(
        "illusions match brightness-contrast -o out",
        "illusions match brightness-contrast --reading paper --temperature 200 -o out",
    )
)
@stimuli_argument
@output_option
@readings_options
@device_option
@precision_option
@seed_option
def command(
    stimuli: tuple[str, ...],
    asked: Asked,
    output: Path,
    device: str,
    precision: Precision,
    seed: int,
) -> None:
    """The match that a person is predicted to set.

    For every ordered pair of conditions of a STIMULUS: the value in one surround at which the target ranks as it does
    in the other (PSE). Writes matches.csv, and the pictures before and after: NAME-before.png, NAME-B-as-A.png with
    the target on B set so that it looks as on A, and of both the targets cut out side by side (…-proof.png). Where the
    gamut ends before the match, the table says so and there is no picture after.

    By field the table has a column 'field', degrees, at its end, and its temperature is in nats per pixel of the
    target; with --scale it has a column 'scale'. With several there are rows for each and for the match of the mean
    percentile ranks over them ('mean'), which is the one in the pictures. With several temperatures there are rows
    for each, and pictures with each match in place, NAME-T40-B-as-A.png.
    """
    from illusions.analyses.ranks.wording import match_sentence
    from illusions.cli.console import show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.cli.readings import announce, in_file_names, place, rank_each
    from illusions.pictures import write_picture

    readings = asked.each_of(load_stimuli(stimuli))
    announce(asked, readings)
    with output_folder(output) as out:
        rankings = rank_each(readings, device=device, precision=precision, seed=seed)
        frames = [ranking.matches_frame() for ranking in rankings]
        write_table(out.staged / "matches.csv", frames, with_scale=bool(asked.scales))
        for ranking in rankings:
            for name, picture in _pictures(ranking.stimulus, ranking.matches):
                write_picture(out.staged / f"{in_file_names(ranking, asked)}-{name}.png", picture)
    several = len(asked.temperatures) > 1
    for ranking, (_, reading) in zip(rankings, readings, strict=True):
        where, said = place(ranking, reading, with_temperature=several), list[str]()
        for found in ranking.matches:
            click.echo(f"{where}: {match_sentence(found, said=said)}")
            said.extend(found.noted)
    show_written(out.written)


def _pictures(stimulus: Stimulus, matches: Sequence[Match]) -> Iterator[tuple[str, NDArray[np.uint8]]]:
    """The pair and its proof, as they are and with each match in place."""
    yield "before", stimulus.pair()
    yield "before-proof", stimulus.proof()
    for found in matches:
        if found.in_gamut:
            values = {found.comparison_condition: found.pse}
            name = f"{found.comparison_condition}-as-{found.reference_condition}"
            yield name, stimulus.pair(values)
            yield f"{name}-proof", stimulus.proof(values)

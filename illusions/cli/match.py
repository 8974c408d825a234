"""``illusions match``: the match that a person is predicted to set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.loading import load_stimuli
from illusions.cli.options import (
    examples,
    model_options,
    output_option,
    precision_option,
    scale_option,
    stimuli_argument,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from illusions.analyses.ranks.matching import Match
    from illusions.analyses.ranks.temperature import Temperature
    from illusions.models.devices import Precision
    from illusions.stimuli.stimulus import Stimulus


@click.command(epilog=examples("illusions match brightness-contrast --temperature 200 -o out"))
@stimuli_argument
@scale_option
@output_option
@model_options
@precision_option
def command(
    stimuli: tuple[str, ...],
    scales: tuple[float, ...],
    output: Path,
    model: str,
    temperature: Temperature,
    device: str,
    precision: Precision,
    seed: int,
) -> None:
    """The match that a person is predicted to set.

    For every ordered pair of conditions of a STIMULUS: the value in one surround at which the target ranks as it does
    in the other (PSE). Writes matches.csv, and the pictures before and after: NAME-before.png, NAME-B-as-A.png with
    the target on B set so that it looks as on A, and of both the targets cut out side by side (…-proof.png). Where the
    gamut ends before the match, the table says so and there is no picture after. With --scale the table has a column
    'scale' at its end, and with several scales rows for each and for the match of the mean percentile ranks over them
    ('mean'), which is the one in the pictures.
    """
    from illusions.analyses.ranks.ranking import patch_count
    from illusions.analyses.ranks.scales import at_each, rank_at_scales
    from illusions.analyses.ranks.temperature import check_precision
    from illusions.analyses.ranks.wording import match_sentence, scales_in_words
    from illusions.cli.console import show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.cli.progress import loaded_flow
    from illusions.pictures import write_picture

    loaded = load_stimuli(stimuli)
    with output_folder(output) as out:
        with loaded_flow(model, device, precision=precision) as (scorer, bars):
            check_precision(precision, temperature.nats(scorer))
            rankings = [
                rank_at_scales(stimulus, scorer, scales, temperature, seed=seed)
                for stimulus in bars.each("stimulus", loaded, lambda s: patch_count(at_each(s, scales).values()))
            ]
        frames = [ranking.matches_frame() for ranking in rankings]
        write_table(out.staged / "matches.csv", frames, with_scale=bool(scales))
        for ranking in rankings:
            for name, picture in _pictures(ranking.stimulus, ranking.matches):
                write_picture(out.staged / f"{ranking.stimulus.name}-{name}.png", picture)
    for ranking in rankings:
        name = ranking.stimulus.name
        where = f"{name}, {scales_in_words(scales)}" if scales else name
        for found in ranking.matches:
            click.echo(f"{where}: {match_sentence(found)}")
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

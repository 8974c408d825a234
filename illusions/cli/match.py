"""``illusions match``: the match that a person is predicted to set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from illusions.cli.loading import load_stimuli
from illusions.cli.options import examples, model_options, output_option, stimuli_argument

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from illusions.analyses.matching import Match
    from illusions.stimuli.stimulus import Stimulus


@click.command(epilog=examples("illusions match brightness-contrast --temperature 200 -o out"))
@stimuli_argument
@output_option
@model_options
def command(
    stimuli: tuple[str, ...], output: Path, model: str, temperature: str | float, device: str, seed: int
) -> None:
    """The match that a person is predicted to set.

    For every ordered pair of conditions of a STIMULUS: the value in one surround at which the target ranks as it does
    in the other (PSE). Writes matches.csv, and the pictures before and after: NAME-before.png, NAME-B-as-A.png with
    the target on B set so that it looks as on A, and of both the targets cut out side by side (…-proof.png). Where the
    gamut ends before the match, the table says so and there is no picture after.
    """
    from illusions.analyses.matching import match_all, matches_frame
    from illusions.analyses.ranking import rank
    from illusions.analyses.wording import match_sentence
    from illusions.cli.console import show_written
    from illusions.cli.output import output_folder
    from illusions.cli.watched import watched_model
    from illusions.pictures import write_picture

    loaded = load_stimuli(stimuli)
    with output_folder(output) as out:
        with watched_model(model, device, loaded) as scorer:
            matches = {s.name: match_all(rank(s, scorer, temperature, seed=seed)) for s in loaded}
        everything = [found for matches_of_one in matches.values() for found in matches_of_one]
        matches_frame(everything).to_csv(out.staged / "matches.csv", index=False)
        for stimulus in loaded:
            for name, picture in _pictures(stimulus, matches[stimulus.name]):
                write_picture(out.staged / f"{stimulus.name}-{name}.png", picture)
    for stimulus in loaded:
        for found in matches[stimulus.name]:
            click.echo(f"{stimulus.name}: {match_sentence(found)}")
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

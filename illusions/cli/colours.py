"""``illusions match --plane``: matches of hue and saturation at once, and with the solid of luminance too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from illusions.analyses.readings.colour_matching import ColourMatch
    from illusions.analyses.readings.reading import Reading
    from illusions.cli.readings import ReadingOptions
    from illusions.stimuli.stimulus import Stimulus

#: ``--plane``
plane_option = click.option(
    "--plane",
    type=click.Choice(["dkl", "solid"]),
    help="Match whole colours instead of values of the axis. 'dkl' varies the target in the cone-opponent (DKL) plane "
    "of its luminance, and 'solid' also varies luminance, on a coarser grid. By default with natural16, a field of 10 "
    "degrees and T = 60 nats per pixel of the target.",
)


def match_colours_of(
    stimuli: Sequence[Stimulus], asked: ReadingOptions, plane: str, *, output: Path, how: dict[str, int | str]
) -> None:
    """Write ``colours.csv`` and a figure per stimulus, and say what each target looks like elsewhere.

    Args:
        stimuli: each with a size in degrees.
        asked: how to read; a single T.
        plane: ``"dkl"`` or ``"solid"``.
        output: the folder.
        how: seed and device.

    Raises:
        click.UsageError: the options read by scale, or name several temperatures.
        InputError: as `colour_match`.
    """
    reading = plane_reading(asked)

    from illusions.analyses.drawing.saving import save_figure
    from illusions.analyses.ranks.colour_figure import colours_figure
    from illusions.analyses.readings.colour_matching import colours_frame, match_colours, sample_colours
    from illusions.cli.console import show_rows, show_sentence, show_written
    from illusions.cli.output import output_folder, write_table
    from illusions.cli.progress import loaded_flow

    solid, seed, device = plane == "solid", int(how["seed"]), str(how["device"])
    found: list[list[ColourMatch]] = []
    with output_folder(output) as out:
        with loaded_flow(reading.model, device, precision="32") as (model, _):
            for stimulus in stimuli:
                colours = sample_colours(stimulus)
                found.append(match_colours(stimulus, model, reading, colours, solid=solid, seed=seed))
        frames = [colours_frame(matches) for matches in found]
        write_table(out.staged / "colours.csv", frames)
        for stimulus, matches in zip(stimuli, found, strict=True):
            save_figure(colours_figure(stimulus, matches), out.staged, f"{stimulus.name}-colours")
    for matches in found:
        for match in matches:
            if match.is_target:
                show_sentence(f"{match.stimulus}: {sentence(match)}")
    for frame in frames:
        show_rows("colours", frame)
    show_written(out.written)


def sentence(found: ColourMatch) -> str:
    """What the target on one surround looks like on the other, with standard errors."""
    from illusions.analyses.wording import with_error

    turned = (
        f"hue turned by {with_error(found.hue_shift, found.hue_shift_standard_error)}°, contrast times "
        f"{with_error(found.contrast_ratio, found.contrast_ratio_standard_error)}"
        if found.contrast_ratio == found.contrast_ratio  # a grey has neither
        else f"L−M {found.match_l_m:+.3f}, S−(L+M) {found.match_s_lm:+.3f}"
    )
    said = (
        f"the target {found.colour} on “{found.reference_condition}” looks like {found.match} on "
        f"“{found.comparison_condition}”: {turned}."
    )
    return " ".join([said, found.cautions]).strip()


def match_targets(stimuli: Sequence[Stimulus], reading: Reading, *, device: str, seed: int) -> list[ColourMatch]:
    """What the physical targets look like in the other surrounds, of those whose size in degrees is known."""
    from illusions.analyses.readings.colour_matching import match_colours
    from illusions.cli.progress import loaded_flow

    sized = [stimulus for stimulus in stimuli if stimulus.units_per_degree is not None]
    if not sized:
        return []
    with loaded_flow(reading.model, device, precision="32") as (model, bars):
        return [
            match
            for stimulus in bars.each("stimulus", sized)
            for match in match_colours(stimulus, model, reading, seed=seed)
        ]


def plane_reading(asked: ReadingOptions) -> Reading:
    """`PLANE` with the options that were given.

    Raises:
        click.UsageError: the options read by scale, or name several temperatures.
    """
    from illusions.analyses.readings.reading import PLANE

    if asked.scales or asked.reading == "paper" or asked.effect_precision is not None:
        raise click.UsageError(
            "--plane reads by field of view; expected --field in place of --scale or --reading paper"
        )
    if len(asked.temperatures) > 1:
        raise click.UsageError("--plane reads at one temperature; expected --temperature once")
    return replace(
        PLANE,
        model=asked.model or PLANE.model,
        temperature=asked.temperatures[0] if asked.temperatures else PLANE.temperature,
        sides=asked.fields or PLANE.sides,
        draws=asked.placements or PLANE.draws,
    )

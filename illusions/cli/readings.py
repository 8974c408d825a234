"""From options of the command line to a reading of each stimulus, and to ranks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from illusions.cli.loading import refuse_twins

if TYPE_CHECKING:
    from illusions.analyses.densities.curve import LikelihoodCurve
    from illusions.analyses.densities.temperature import Temperature
    from illusions.analyses.readings.reading import Reading
    from illusions.analyses.readings.scales import Ranking
    from illusions.models.devices import Precision
    from illusions.stimuli.stimulus import Stimulus

#: Where nothing is said, the standard error of effects that is enough.
PRECISION = 0.002
#: Each stimulus with its reading.
Readings: TypeAlias = "Sequence[tuple[Stimulus, Reading]]"


@dataclass(frozen=True)
class ReadingOptions:
    """Options of the command line about readings; None and empty by default.

    Raises:
        click.UsageError: one of them has no meaning beside another.
    """

    reading: str | None = None  #: ``"paper"`` or ``"field"``.
    scales: tuple[float, ...] = ()  #: sides of the patch ÷ longer side of the target.
    fields: tuple[float, ...] = ()  #: sides of the patch, degrees of visual angle.
    placements: int | None = None  #: at each target.
    model: str | None = None  #: a name or a folder.
    temperatures: tuple[Temperature, ...] = ()  #: T, or several, read off the same likelihoods.
    effect_precision: float | None = None  #: the standard error of effects that is enough.
    full_sweep: bool = False  #: whether all values are scored, under a fixed number of noise samples.
    adaptive: bool = False  #: whether otherwise only those are that are needed, as in `rank` and `match`.

    def __post_init__(self) -> None:
        for scale_option, field_option in product(self._by_scale, self._by_field):
            raise click.UsageError(
                f"{scale_option} reads by scale and {field_option} by field of view; expected one of them"
            )

    def of(self, stimulus: Stimulus) -> Reading:
        """The reading of a stimulus; of several temperatures at the first.

        Raises:
            InputError: it is to be by field, and the stimulus has no size in degrees.
        """
        from illusions.analyses.readings.reading import PAPER, default_reading, field_reading

        if self._by_field:
            stimulus.units(1.0)
            reading = field_reading(stimulus)
        else:
            reading = PAPER if self._by_scale else default_reading(stimulus)
        return replace(
            reading,
            model=self.model or reading.model,
            temperature=self.temperatures[0] if self.temperatures else reading.temperature,
            sides=self.fields or self.scales or reading.sides,
            draws=self.placements or reading.draws,
            **self._sweep(reading),
        )

    def _sweep(self, reading: Reading) -> dict[str, Any]:
        """Which values are scored. An adaptive sweep fits one temperature, so with several all values are scored."""
        adaptive = self.adaptive and not self.full_sweep and len(self.temperatures) < 2
        full = {"full_sweep": not adaptive} if self.adaptive else {}
        if reading.unit == "field":
            return full if self.full_sweep else {}
        return {**full, "effect_precision": self.effect_precision or (PRECISION if adaptive else None)}

    def each_of(self, stimuli: Iterable[Stimulus]) -> list[tuple[Stimulus, Reading]]:
        """Every stimulus with its reading, of several temperatures once at each.

        Raises:
            InputError: as `of`.
        """
        readings = [(stimulus, self.of(stimulus)) for stimulus in stimuli]
        return [
            (stimulus, replace(reading, temperature=temperature))
            for stimulus, reading in readings
            for temperature in self.temperatures or (reading.temperature,)
        ]

    @property
    def is_default(self) -> bool:
        """Whether no option of a reading is given."""
        return self == ReadingOptions(full_sweep=self.full_sweep, adaptive=self.adaptive)

    @property
    def stimulus_decides(self) -> bool:
        """Whether the size of the stimulus decides between the readings. `model` and `temperatures` do not."""
        return not (self._by_field or self._by_scale)

    @property
    def _by_field(self) -> list[str]:
        """The given options that select a reading by field."""
        given = {
            "--field": bool(self.fields),
            "--placements": self.placements is not None,
            "--reading field": self.reading == "field",
        }
        return [option for option, is_given in given.items() if is_given]

    @property
    def _by_scale(self) -> list[str]:
        """The given options that select a reading by scale."""
        given = {
            "--scale": bool(self.scales),
            "--reading paper": self.reading == "paper",
            "--precision-of-effect": self.effect_precision is not None,
        }
        return [option for option, is_given in given.items() if is_given]


def rank_each(readings: Readings, *, device: str, precision: Precision, seed: int) -> list[Ranking]:
    """Rank stimuli, each by its own reading; every model is loaded once, and every stimulus scored once.

    Of readings that differ in their temperature alone, the lowest is taken, and the curves are read at the others.

    Raises:
        InputError: a model cannot be used, a stimulus not be read, or two temperatures are the same.
    """
    from illusions.analyses.densities.temperature import check_precision
    from illusions.cli.progress import loaded_flow

    rankings: dict[tuple[str, Reading], Ranking] = {}
    different = _different(readings)
    for name in dict.fromkeys(reading.model for reading in different):
        with loaded_flow(name, device, precision=precision) as (model, bars):
            for alike in _alike_but_for_temperature(reading for reading in different if reading.model == name):
                stimuli = list({stimulus.name: stimulus for stimulus, its in readings if its in alike}.values())
                nats = {reading: reading.temperature.nats(model, reading.unit) for reading in alike}
                refuse_twins("temperature", [f"{t:g}" for t in nats.values()])
                check_precision(precision, min(nats.values()))
                first = min(alike, key=lambda reading: nats[reading])  # by field it may need the most values
                for stimulus in bars.each("stimulus", stimuli, partial(first.patch_count, model=model)):
                    ranking = first.rank(stimulus, model, seed=seed)
                    for reading in alike:
                        at_it = ranking if reading == first else ranking.at_temperature(nats[reading])
                        rankings[stimulus.name, reading] = at_it
    return [rankings[stimulus.name, reading] for stimulus, reading in readings]


def announce(asked: ReadingOptions, readings: Readings) -> None:
    """Print to standard error which stimuli are read as in the paper by default, and why."""
    from illusions.analyses.readings.reading import why_not_by_field

    reasons: dict[str, list[str]] = {}
    for stimulus, _ in readings if asked.stimulus_decides else []:
        if why_not := why_not_by_field(stimulus):
            reasons.setdefault(why_not, []).append(stimulus.name)
    for why, names in reasons.items():
        click.echo(f"{', '.join(names)}: read as in the paper (--reading paper), as {why}", err=True)


def place(ranking: Ranking, reading: Reading, *, with_temperature: bool = False) -> str:
    """Before a sentence about a stimulus: its name, at which scales or fields unless that is its own scale, and T."""
    from illusions.analyses.ranks.wording import scales_in_words

    where = [ranking.stimulus.name]
    if reading.sides:
        where.append(scales_in_words(reading.sides, reading.unit))
    if with_temperature:
        where.append(f"T = {ranking.temperature:g}")
    return ", ".join(where)


def in_file_names(ranking: Ranking, asked: ReadingOptions) -> str:
    """The name of a stimulus as files bear it; where several temperatures are asked for, with this one."""
    name = ranking.stimulus.name
    return f"{name}-T{ranking.temperature:g}" if len(asked.temperatures) > 1 else name


def settings(readings: Readings, rankings: Sequence[Ranking]) -> dict[str, str]:
    """The settings behind the numbers, for the end of a page; those of each reading."""
    found: dict[str, list[str]] = {}
    for reading in _different(readings):
        of_it = [ranking for ranking, (_, its) in zip(rankings, readings, strict=True) if its == reading]
        for key, value in _settings_of(reading, of_it):
            found.setdefault(key, []).append(value)
    return {key: "; ".join(dict.fromkeys(values)) for key, values in found.items()}


def _settings_of(reading: Reading, rankings: Sequence[Ranking]) -> Iterator[tuple[str, str]]:
    from illusions.analyses.ranks.wording import scales_in_words, temperature_unit

    curve = next(iter(rankings[0].curves.values()))
    nats = f"T = {curve.temperature:.6g} {temperature_unit(reading.unit)}"
    yield "reading", f"{reading.name} ({', '.join(ranking.stimulus.name for ranking in rankings)})"
    yield "model", curve.model
    yield "temperature", f"{reading.temperature} ({nats})" if isinstance(reading.temperature.asked, str) else nats
    if reading.sides:
        yield f"{reading.unit}s", scales_in_words(reading.sides, reading.unit)
    counts = sorted({len(next(iter(ranking.curves.values())).draws) for ranking in rankings})
    yield ("placements" if reading.unit == "field" else "noise draws"), ", ".join(map(str, counts))
    scored = [_share_scored(curve) for ranking in rankings for curve in ranking.curves.values()]
    yield (
        "values scored",
        f"{100 * sum(scored) / len(scored):.3g} %; the others are interpolated, for this T"
        if min(scored) < 1
        else "all",
    )
    if reading.floor is not None:
        yield "least contrast of a surround", f"standard deviation of {reading.floor:g} of the range"


def _share_scored(curve: LikelihoodCurve) -> float:
    return 1.0 if curve.scored is None else float(curve.scored.mean())


def _alike_but_for_temperature(readings: Iterable[Reading]) -> Iterable[list[Reading]]:
    from illusions.analyses.densities.temperature import Temperature

    found: dict[Reading, list[Reading]] = {}
    for reading in readings:
        found.setdefault(replace(reading, temperature=Temperature("exact")), []).append(reading)
    return found.values()


def _different(readings: Readings) -> list[Reading]:
    return list(dict.fromkeys(reading for _, reading in readings))

"""The gallery: a page per shipped stimulus, made from its file and from what the models said about it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from PIL import Image
from pydantic import BaseModel

import illusions
from illusions.analyses.readings.reading import why_not_by_field
from illusions.analyses.wording import looks
from illusions.content import find, names, read_toml
from illusions.stimuli.stimulus import Stimulus

#: How each reading is called, and the table of what it says.
READINGS = {"field": ("by field of view", "field.csv"), "paper": ("as in the paper", "paper.csv")}
#: Which way round the colours values of an angle grow.
_TURNS = {
    "hue": " (from red to yellow to green to blue)",
    "dkl-hue": " (from pink to violet to turquoise to yellow-green)",
}


class _Kind(BaseModel):
    """What is read of a file besides the stimulus."""

    kind: str


def pages(root: Path) -> dict[str, str | bytes]:
    """By the name in `docs/generated/`: every page and every picture."""
    stimuli = {name: illusions.load_stimulus(name) for name in names("stimuli")}
    kinds = {name: read_toml(find("stimuli", name), _Kind).kind for name in stimuli}
    said = {reading: pd.read_csv(root / "docs" / "gallery" / file) for reading, (_, file) in READINGS.items()}
    made: dict[str, str | bytes] = {"gallery/index.md": _overview(stimuli, kinds)}
    for name, stimulus in stimuli.items():
        made[f"gallery/{name}.png"] = png_of(stimulus)
        made[f"gallery/{name}.md"] = _page(stimulus, kinds[name], said)
    return made


def png_of(stimulus: Stimulus) -> bytes:
    """The conditions of a stimulus side by side, as a PNG file."""
    file = io.BytesIO()
    Image.fromarray(stimulus.pair()).save(file, "png", optimize=True)
    return file.getvalue()


def _overview(stimuli: dict[str, Stimulus], kinds: dict[str, str]) -> str:
    families = sorted(set(kinds.values()))
    lines = [
        "# Gallery",
        "",
        f"{len(stimuli)} stimuli of {len(families)} families. In each picture the targets have the same colour. "
        "A card leads to what people see, what the models say, every parameter and the source. Published pictures with "
        "human data are in [their own sets](../published/index.md).",
        "",
    ]
    for family in families:
        lines += [f"## {family}", "", "::::{grid} 1 2 2 3", ":gutter: 3", ""]
        for name in (name for name in stimuli if kinds[name] == family):
            card = [
                f":::{{grid-item-card}} {stimuli[name].title}",
                f":link: {name}",
                ":link-type: doc",
                f":img-top: {name}.png",
            ]
            lines += [
                *card,
                f":img-alt: {stimuli[name].title}: all conditions side by side.",
                "",
                f"`{name}`, {stimuli[name].axis.name}",
                ":::",
                "",
            ]
        lines += ["::::", ""]
    hidden = ["```{toctree}", ":hidden:", "", *stimuli, "```", ""]
    return "\n".join([*lines, *hidden])


def _page(stimulus: Stimulus, kind: str, said: dict[str, pd.DataFrame]) -> str:
    return "\n".join(
        [
            f"# {stimulus.title}",
            "",
            f"![{stimulus.title}: on {', on '.join(stimulus.conditions)}.]({stimulus.name}.png)",
            "",
            stimulus.description,
            "",
            *_facts(stimulus, kind),
            "## What people see",
            "",
            _people(stimulus),
            "",
            "## What the models say",
            "",
            *_models(stimulus, said),
            "## Source",
            "",
            stimulus.source,
            "",
            "## Parameters",
            "",
            f"The file `stimuli/{stimulus.name}.toml`. [Every key](../content.md) is explained. Copy it, change "
            "it, and give its path where a name would stand.",
            "",
            f"```{{literalinclude}} ../../../stimuli/{stimulus.name}.toml",
            ":language: toml",
            "```",
            "",
        ]
    )


def _facts(stimulus: Stimulus, kind: str) -> Iterator[str]:
    degrees = stimulus.target_degrees
    shown = {
        "name": f"`{stimulus.name}`",
        "family": f"`{kind}`",
        "what varies": stimulus.axis.label,
        "target": f"{stimulus.axis.name} {stimulus.value:.4g}, `{stimulus.target.hex}`",
        "conditions": ", ".join(stimulus.conditions),
        "scale (patch ÷ target)": f"{stimulus.scale:.4g}",
        "longer side of the target": "not known in degrees" if degrees is None else f"{degrees:.4g}°",
    }
    yield from ["| | |", "|---|---|", *(f"| {key} | {value} |" for key, value in shown.items()), ""]


def _people(stimulus: Stimulus) -> str:
    axis, higher = stimulus.axis.name, stimulus.people_see_higher
    if higher is None:
        return "No direction is given: nobody has published it, as far as we know."
    return f"The target on **{higher}** looks {looks(axis)}{_TURNS.get(axis, '')}. The source says so."


def _models(stimulus: Stimulus, said: dict[str, pd.DataFrame]) -> Iterator[str]:
    first = next(iter(stimulus.conditions))
    yield (
        "| model and reading | "
        + " | ".join(f"rank on {name}" for name in stimulus.conditions)
        + f" | effect on {first} | as people see it |"
    )
    yield "|---" * (len(stimulus.conditions) + 3) + "|"
    for reading, (title, _) in READINGS.items():
        table = said[reading]
        rows = table[table["stimulus"] == stimulus.name]
        if rows.empty:
            continue
        for side in ("field", "scale"):
            if side in rows and (rows[side].astype(str) == "mean").any():
                rows = rows[rows[side].astype(str) == "mean"]
        ranks = rows.set_index("condition")
        cells = [f"{ranks.loc[name, 'percentile_rank']:.3f}" for name in stimulus.conditions]
        value, error = ranks.loc[first, "effect"], ranks.loc[first, "effect_standard_error"]
        read = f"{ranks['model'].iloc[0]}, {title}"
        yield f"| {read} | {' | '.join(cells)} | {value:+.3f} ± {error:.3f} | {_verdict(stimulus, ranks)} |"
    yield ""
    yield "Percentile ranks of the physical target; the effect with its standard error over noise or placements."
    if why := why_not_by_field(stimulus):
        yield f"Not read by field: {why}."
    yield ""
    yield f"    illusions rank {stimulus.name} -o out"
    yield ""


def _verdict(stimulus: Stimulus, ranks: pd.DataFrame) -> str:
    higher = stimulus.people_see_higher
    if higher is None:
        return "not known"
    value, error = ranks.loc[higher, "effect"], ranks.loc[higher, "effect_standard_error"]
    if abs(value) <= 2 * error:
        return "undecided"
    return "yes" if value > 0 else "no"

"""The figures and the page of a count in photographs: the targets that were found, and where they were found."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from illusions.analyses.counting.counts import Count, Counting, summary
from illusions.analyses.drawing.canvas import bare, canvas
from illusions.analyses.drawing.contact_sheet import Sheet, contact_sheet
from illusions.analyses.drawing.style import INK, RC, STYLES, WIDTH
from illusions.analyses.pages.rendering import data_uri, html_table, render_page
from illusions.analyses.patches.crops import read_crop
from illusions.analyses.ranks.figure import png_bytes
from illusions.analyses.ranks.wording import is_certain, looks, scales_in_words, with_error

#: On a contact sheet, beside the stimulus.
_SHOWN = 9
#: Of the stimulus, at most; of a row of the figure, and of one without a count, inches.
_TALLEST, _ROW, _ROW_OF_NONE = 2.6, 2.1, 0.75
_BINS = 48


def counting_figure(counting: Counting, *, caption: str = "") -> Figure:
    """The stimulus, and for every scale the targets that were counted, with the place of the stimulus' own among them.

    Args:
        counting: a stimulus.
        caption: printed beneath.
    """
    pair = counting.stimulus.pair()
    tall = min(WIDTH * pair.shape[0] / pair.shape[1], _TALLEST)
    with mpl.rc_context(RC):
        counted = [any(not count.why_none for count in counts.values()) for counts in counting.at_scales.values()]
        rows = [_ROW if some else _ROW_OF_NONE for some in counted]
        figure, (top, *places) = canvas([tall + 0.3, *rows], caption)
        axes = bare(figure.add_subplot(top))
        axes.imshow(pair, interpolation="nearest")
        axes.set_title("the stimulus: its targets are the same" if len(counting.stimulus.conditions) > 1 else "")
        panels = [figure.add_subplot(place) for place in places]
        for panel, (scale, counts) in zip(panels, counting.at_scales.items(), strict=True):
            _draw_count(panel, counting, scale, counts)
        for panel in [panel for panel, some in zip(panels, counted, strict=True) if some][-1:]:
            panel.set_xlabel("(target − mean of its surround) / standard deviation of its surround")
    return figure


def places_figure(counting: Counting, *, caption: str = "") -> Figure | None:
    """For every count the stimulus, and the patches of photographs whose surround fits best; None without any count.

    Raises:
        InputError: a photograph can no longer be read.
    """
    sheets = [
        _sheet(f"on “{condition}”, scale {scale:.3g}", count)
        for scale, counts in counting.at_scales.items()
        for condition, count in counts.items()
        if not count.why_none
    ]
    return contact_sheet(sheets, columns=_SHOWN + 1, caption=caption) if sheets else None


def counting_caption(counting: Counting, photographs: int) -> str:
    """What the figure shows, with the numbers that it rests on."""
    size = counting.counts[0].sought.size
    return (
        "Above: the stimulus. Below, by scale (patch ÷ target): the surround of the target in a patch of "
        f"{size}×{size} was laid over every place of {photographs} photographs; shown are the targets at the places "
        "where it correlates best (by r or more). Lines: the stimulus' own target, the same colour in all conditions, "
        "which stands differently in each surround; rank: its percentile rank ± 1 standard error over photographs. No "
        f"model is asked. {prediction(counting)}"
    )


def places_caption(counting: Counting) -> str:
    """What the contact sheet shows."""
    return (
        "First of each row: what is looked for. Then the places in photographs whose surround is most like it, "
        "whatever their target, at most one of each photograph. r: the correlation of the surrounds; t: the target, "
        "in standard deviations of its surround from the surround's mean. "
        f"{counting.name[:1].upper()}{counting.name[1:]}."
    )


def prediction(counting: Counting) -> str:
    """One or two sentences: where the target ranks in each condition, and which should look higher on the axis."""
    ranks, why = counting.ranks[counting.whole], counting.why_none(counting.whole)
    missing = sorted({reason for reason in why.values() if reason})
    where = scales_in_words(counting.at_scales)
    if missing:
        return f"There is no count ({where}), as {'; '.join(missing)}."
    ordered = sorted(ranks, key=lambda name: ranks[name].value, reverse=True)
    high, low = ordered[0], ordered[-1]
    shown = {name: with_error(rank.value, rank.standard_error) for name, rank in ranks.items()}
    if len(ranks) == 1:
        return f"Among the targets of such surrounds the target ranks {shown[high]} ({where})."
    difference = ranks[high].minus([ranks[low]])
    same = f"The targets are physically the same ({counting.stimulus.axis.name} {counting.stimulus.value:.4g})."
    if not math.isfinite(difference.standard_error):
        return (
            f"{same} The one on “{high}” ranks {shown[high]}, the one on “{low}” {shown[low]} ({where}); how sure "
            "that is, one photograph cannot say."
        )
    if not is_certain(difference.value, difference.standard_error):
        return (
            f"{same} The ranks, {shown[high]} on “{high}” and {shown[low]} on “{low}”, cannot be told apart ({where})."
        )
    return (
        f"{same} The one on “{high}” ranks {shown[high]}, the one on “{low}” {shown[low]} ({where}): the one on "
        f"“{high}” should look {looks(counting.stimulus.axis.name)}."
    )


def counting_page(
    countings: Sequence[Counting], photographs: int, *, command: str, settings: Mapping[str, object]
) -> str:
    """One self-contained HTML page about one or several stimuli.

    Args:
        countings: a section each.
        photographs: how many were searched.
        command: the command that made the page.
        settings: whatever made the numbers, as name and value.
    """
    title = countings[0].stimulus.title if len(countings) == 1 else f"{len(countings)} stimuli, counted in photographs"
    sections = [_section(counting, photographs) for counting in countings]
    return render_page("counting", title=title, sections=sections, command=command, settings=settings)


def _section(counting: Counting, photographs: int) -> dict[str, Any]:
    sheet = places_figure(counting)
    columns = ["condition", "percentile_rank", "percentile_rank_standard_error", "effect", "effect_standard_error"]
    columns += ["places", "photographs", "lowest_correlation", "why_no_count"]
    table = summary(counting)[["scale", *columns]].rename(columns=lambda name: name.replace("standard_error", "s.e."))
    return {
        "title": counting.stimulus.title,
        "description": counting.stimulus.description,
        "source": counting.stimulus.source,
        "prediction": prediction(counting),
        "figure": data_uri(png_bytes(counting_figure(counting))),
        "caption": counting_caption(counting, photographs),
        "sheet": data_uri(png_bytes(sheet)) if sheet else "",
        "sheet_caption": places_caption(counting),
        "table": html_table(table, "The target as it is, in each condition, among the targets of the places counted."),
    }


def _draw_count(axes: Axes, counting: Counting, scale: float, counts: Mapping[str, Count]) -> None:
    axes.set_title(f"scale {scale:.3g}", loc="left", fontsize=9)
    counted = {name: count for name, count in counts.items() if not count.why_none}
    for i, why in enumerate(sorted({count.why_none for count in counts.values()} - {""})):
        names = " and ".join(f"“{name}”" for name, count in counts.items() if count.why_none == why)
        text, height = f"{names}: no count, as {why}", 0.95 - 0.1 * i
        axes.text(0.01, height, text, transform=axes.transAxes, fontsize=8.5, va="top", color=INK)
    if not counted:
        bare(axes)
        return
    own = {name: float(count.sought.normalised(counting.stimulus.value)) for name, count in counted.items()}
    found = pd.concat([count.places["target"] for count in counted.values()])
    low, high = (float(x) for x in np.quantile(found, [0.005, 0.995]))
    low, high = min(low, *own.values()) - 0.1, max(high, *own.values()) + 0.1
    edges = np.linspace(low, high, _BINS + 1)
    styles = dict(zip(counts, STYLES * len(counts), strict=False))
    for name, count in counted.items():
        colour, dash = styles[name]
        targets = count.places["target"].clip(low, high)
        weights = np.full(len(targets), 100 / len(targets))
        axes.hist(targets, list(edges), weights=weights, histtype="step", color=colour, linestyle=dash, linewidth=1.5)
        axes.axvline(own[name], color=colour, linestyle=dash, linewidth=1.2)
        rank = counting.ranks[scale][name]
        axes.plot(
            [], [], color=colour, linestyle=dash,
            label=f"on {name}: rank {with_error(rank.value, rank.standard_error)}\n{len(count.places)} places in "
            f"{count.places['picture'].nunique()} photographs, r ≥ {count.places['correlation'].min():.2f}",
        )  # fmt: skip
    axes.set_xlim(low, high)
    axes.set_ylabel("places, %")
    axes.legend(fontsize=8, handlelength=2.6, loc="lower right", bbox_to_anchor=(1, 1), ncols=2)


def _sheet(title: str, count: Count) -> Sheet:
    best = count.places.drop_duplicates("picture").head(_SHOWN)
    own = float(count.sought.normalised(count.sought.stimulus.value))
    crops = [read_crop(f"{place.picture}@{place.left},{place.top}", count.sought.size) for place in best.itertuples()]
    patches = np.concatenate([count.sought.patch[None], *(crop.patches for crop in crops)])
    labels = [f"stimulus\nt = {own:.2f}", *(f"r = {p.correlation:.2f}\nt = {p.target:.2f}" for p in best.itertuples())]
    return Sheet(title, patches, [label.replace("-", "−") for label in labels])

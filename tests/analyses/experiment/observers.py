"""Files of observers who were never there: what each sets, sealed as the page seals it."""

from __future__ import annotations

import json
from itertools import permutations

from illusions.analyses.experiment.page import fingerprint
from illusions.analyses.experiment.psychopy import degrees_per_pixel
from illusions.analyses.experiment.responses import seal
from tests.analyses.experiment.test_responses import row, written


def trial(part, stimulus, reference, comparison, match, repetition=1, larger=1):
    """A match, or a catch trial, as the page writes it; of pictures so many times as large as the file says."""
    width = stimulus.conditions[comparison].picture().coverage.shape[1] * degrees_per_pixel(stimulus)
    values = stimulus.values()
    step, own = (int(abs(values - value).argmin()) for value in (match, stimulus.value))
    return row(
        part,
        stimulus=stimulus.name,
        fingerprint=fingerprint(stimulus),
        axis=stimulus.axis.name,
        reference_value=stimulus.value,
        repetition=repetition,
        reference_condition=reference,
        comparison_condition=comparison,
        comparison_place="left",
        reference_step=own,
        steps=len(values),
        match_step=step,
        start=0.0,
        match=match,
        rt=4000,
        adjustments=3,
        magnification=1,
        picture_degrees=larger * width,
    )


def session(observer, matches, *, caught=0.0, version="0.1.0", form=1, larger=1):
    """The rows of a session.

    Args:
        observer: a code.
        matches: (stimulus, reference, comparison, values) of each pair.
        caught: how far off in the catch trial, in the axis' units.
        version: of the toolkit that wrote it.
        form: of the columns.
        larger: how many times as large as their files say the pictures are.
    """
    first = matches[0][0]
    condition = next(iter(first.conditions))
    trials = [
        trial("catch", first, condition, condition, first.value + caught),
        *(
            trial("trial", stimulus, reference, comparison, value, number, larger)
            for stimulus, reference, comparison, values in matches
            for number, value in enumerate(values, start=1)
        ),
    ]
    return _sealed(observer, trials, version=version, form=form)


def disc_session(observer, stimulus, sets, *, off=0.0):
    """The rows of a session in which azimuth and contrast are set at once, the same in every pair; `off` in catches."""
    reference = {"reference_value": 90.0, "reference_contrast": 0.2, "s_scale": 2.6, "axis": "dkl-plane"}
    shown = {"stimulus": stimulus.name, "fingerprint": fingerprint(stimulus), "comparison_place": "left"}
    rest = {"rt": 4000, "adjustments": 3, "magnification": 1, "start": 10.0, "start_contrast": 0.1}

    def set_to(part, pair, azimuth, contrast, number, off):
        names = dict(zip(("reference_condition", "comparison_condition"), pair, strict=True))
        match = {"match": azimuth, "match_contrast": contrast, "off": off, "repetition": number}
        return row(part, **shown, **reference, **rest, **names, **match)

    trials = [
        set_to("trial", pair, *each, number, 0.1)
        for pair in stimulus.pairs
        for number, each in enumerate(sets, start=1)
    ]
    return _sealed(observer, [set_to("catch", ("grey", "grey"), 90.0, 0.2, 1, off), *trials])


def _sealed(observer, trials, *, version="0.1.0", form=1):
    rows = [
        row("screen", format=form, version=version, experiment="e", date="2026-01-02", browser="chrome", os="Linux"),
        row("about", viewing_distance_cm=57, css_pixels_per_mm=None),
        row("gamma", gamma=2.2),
        *trials,
        row("end", format=form, complete=True, reason="done"),
    ]
    rows = [each | {"session": f"session-{observer}", "observer": observer} for each in rows]
    rows[-1] |= {"rows": len(rows), "seal": seal([written(each) for each in rows])}
    return rows


def every_pair(stimulus, value):
    """The same values in every pair of conditions; `value` of (reference, comparison)."""
    return [(stimulus, a, b, value(a, b)) for a, b in permutations(stimulus.conditions, 2)]


def save(path, rows):
    """As JSON."""
    path.write_text(json.dumps(rows), "utf-8")
    return path

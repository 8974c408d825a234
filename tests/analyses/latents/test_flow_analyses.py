"""What else a flow can do, as analyses: samples, interpolation, directions, outliers, the inverse."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from pydantic import TypeAdapter, ValidationError

from illusions.analyses.claims.verdicts import NO, UNDECIDED, YES
from illusions.analyses.foundations.inverse import InverseAnalysis, _checks, likelihood_by_differences, round_trip
from illusions.analyses.latents import editing_analysis, interpolation_analysis, samples_analysis
from illusions.analyses.latents.editing import BITS
from illusions.analyses.latents.editing_analysis import EditingAnalysis, over_photographs
from illusions.analyses.latents.interpolation import LATENT, PIXELS, Interpolation
from illusions.analyses.latents.interpolation_analysis import InterpolationAnalysis, distances
from illusions.analyses.latents.samples import sample
from illusions.analyses.latents.samples_analysis import SamplesAnalysis
from illusions.analyses.outliers import analysis as outliers_analysis
from illusions.analyses.outliers.analysis import DetectionAnalysis
from illusions.analyses.outliers.controls import CONTROLS
from illusions.analyses.outliers.detection import PHOTOGRAPHS
from illusions.analyses.patches.attributes import ATTRIBUTES
from illusions.analyses.patches.photographs import EachKey
from tests.analyses.tiny import Liking, drawn, run_tiny, some_picture, tiny_model

CLAIM = {"source": "s", "text": "t."}


def make(kind, photographs, **keys):
    return kind.model_validate({"kind": kind.model_fields["kind"].annotation.__args__[0], "title": "t"} | {
        "photographs": photographs, "claim": CLAIM
    } | keys)  # fmt: skip


def test_samples(photographs):
    analysis = make(SamplesAnalysis, photographs, n=6, prior_temperatures=[1, 0.5], each=5)
    found = run_tiny(analysis)
    columns = ["kind", "bits_per_dimension", "brightness", "saturation", "contrast", "patches", "model"]
    assert list(found.table.columns) == columns
    assert list(found.table["kind"]) == ["samples at 1", "samples at 0.5", "photo-0", "photo-1", "photo-2"]
    assert "Model tiny" in found.caption
    measures = found.table.drop(columns=["kind", "patches", "model"])
    like = (measures.iloc[2:].min() <= measures.iloc[0]) & (measures.iloc[0] <= measures.iloc[2:].max())
    assert found.verdict == {4: "holds", 0: "does not hold"}.get(like.sum(), "holds in part")
    sheets = drawn(found)
    titles = [axes.get_title(loc="left") for axes in sheets]
    assert titles == ["samples, prior temperature 1", "samples, prior temperature 0.5", "photographs"]
    assert [len(axes.images) for axes in sheets] == [6, 6, 15]
    assert np.array_equal(sheets[0].images[0].get_array(), sample(tiny_model(size=16), 6).patches[0])


@pytest.mark.parametrize(
    ("value", "expected"), [(0.3, YES), (0.05, NO), (0.9, NO), (0.41, UNDECIDED), (0.39, UNDECIDED)]
)
def test_samples_are_like_photographs_where_they_lie_between_them(value, expected, monkeypatch):
    """By more than twice the standard error of their mean, which is 0.01 here."""
    measures = ["bits_per_dimension", "brightness", "saturation", "contrast"]
    values = value + np.array([-0.02, 0.02] * 2) * np.sqrt(3) / 2
    samples = SimpleNamespace(bits_per_dimension=values, patches=None)
    monkeypatch.setattr(samples_analysis, "ATTRIBUTES", dict.fromkeys(measures, lambda patches: values))
    photographs = pd.DataFrame([dict.fromkeys(measures, v) for v in (0.2, 0.4)])
    assert set(samples_analysis._checks(samples, photographs).values()) == {expected}


@pytest.mark.parametrize(
    ("own", "others", "error", "rises", "selective"),
    [
        (1.2, 0.6, 0.05, YES, YES),
        (1.17, 1.07, 0.2, YES, UNDECIDED),  # further, but by less than its standard error
        (0.05, 0.01, 0.001, UNDECIDED, UNDECIDED),  # certain, and not worth mentioning
        (0.5, 1.5, 0.05, YES, NO),
    ],
)
def test_an_attribute_moves_further_than_others_above_the_standard_error(own, others, error, rises, selective):
    frame = pd.DataFrame({"measure": ["a", "b"], "change": [own, others]})
    frame = frame.assign(direction="a", strength=1.0, standard_error=error)
    assert editing_analysis._rises(frame[frame["measure"] == "a"]) == [rises]
    assert editing_analysis._selective(frame) == [selective]


@pytest.mark.parametrize(
    ("area", "error", "expected"),
    [(0.7, 0.05, YES), (0.51, 0.001, UNDECIDED), (0.45, 0.05, UNDECIDED), (0.3, 0.05, NO)],
)
def test_what_is_found_as_often_as_not_is_undecided(area, error, expected):
    areas = pd.DataFrame({"area": [area], "standard_error": [error]})
    assert outliers_analysis._checks(areas) == [expected]


@pytest.mark.parametrize(("gain", "error", "expected"), [(0.1, 0.02, YES), (0.005, 0.001, UNDECIDED), (-0.1, 0.02, NO)])
def test_a_middle_is_nearer_above_the_standard_error_and_where_it_is_worth_mentioning(gain, error, expected):
    off = pd.DataFrame({"gain": [gain], "standard_error": [error]})
    assert interpolation_analysis._checks(off) == [expected]


def test_interpolation(photographs):
    analysis = make(InterpolationAnalysis, photographs, pairs=2)
    found = run_tiny(analysis)
    assert list(found.table.columns) == [
        "path", "step", "share", "bits_per_dimension", "contrast", "pairs", "model"
    ]  # fmt: skip
    assert "Model tiny" in found.caption
    *_, bits, contrasts = drawn(found)
    means = found.table.set_index("path")
    for axes, measure in ((bits, "bits_per_dimension"), (contrasts, "contrast")):
        lines = {line.get_label(): line for line in axes.lines}
        assert list(lines) == [LATENT, PIXELS]
        for path, line in lines.items():
            assert list(line.get_xdata()) == list(np.linspace(0, 1, 9))
            assert np.array_equal(line.get_ydata(), means.loc[path, measure])


def interpolations(latent, pixels):
    """Three pairs whose ends have 2 bits per dimension, and what is given in the middle."""
    patches = np.stack([some_picture(16, 16)] * 9)
    frames = []
    for path, middle in ((LATENT, latent), (PIXELS, pixels)):
        bits = np.full(9, 2.0)
        bits[4] = middle
        frames.append(pd.DataFrame({"path": path, "bits_per_dimension": bits}))
    one = Interpolation({LATENT: patches, PIXELS: patches}, pd.concat(frames))
    return [((a, b), one) for a, b in ("ab", "ac", "bc")]


@pytest.mark.parametrize(("latent", "pixels", "gain"), [(2.1, 1.5, 0.4), (3.0, 1.9, -0.9)])
def test_the_nearer_path_gains(latent, pixels, gain):
    off = distances(interpolations(latent, pixels)).set_index("measure")
    assert off.loc["bits_per_dimension", "gain"] == pytest.approx(gain)
    assert off.loc["bits_per_dimension", "standard_error"] == pytest.approx(0, abs=1e-12)
    assert off.loc["contrast", "gain"] == 0


@pytest.mark.parametrize(("latent", "pixels", "expected"), [(2.1, 1.5, "holds in part"), (3.0, 1.9, "does not hold")])
def test_the_verdict_on_interpolation(photographs, monkeypatch, latent, pixels, expected):
    fixed = iter([one for _, one in interpolations(latent, pixels)])
    monkeypatch.setattr(interpolation_analysis, "interpolate", lambda *_, **__: next(fixed))
    analysis = make(InterpolationAnalysis, photographs, pairs=1)
    assert run_tiny(analysis).verdict == expected  # in contrast both paths are the same


def test_editing(photographs):
    analysis = make(EditingAnalysis, photographs, each=8)
    found = run_tiny(analysis)
    assert list(found.table.columns) == [
        "direction", "strength", "measure", "change", "standard_error", "standard_deviation", "overflowed", "model"
    ]  # fmt: skip
    assert len(found.table) == 5 * 2 * 6
    assert "Model tiny" in found.caption
    assert "± 1 standard error over 3 photographs" in found.caption
    full = found.table[(found.table["strength"] == 1) & (found.table["measure"] != BITS)]
    own = full[full["direction"] == full["measure"]].set_index("direction")
    others = full[full["direction"] != full["measure"]].groupby("direction", sort=False)["change"]
    further = own["change"] > others.agg(lambda changes: np.sqrt(np.mean(changes**2)))
    tests = [*(own["change"] > 2 * own["standard_error"]), *further]
    assert found.verdict == ("holds" if all(tests) else "holds in part")
    assert any(tests)  # a nearly linear flow: brightness at least goes up
    head, *strips, table, _ = drawn(found)
    assert head.get_title() == "strength −1 to +1, 3 patches"
    assert [axes.get_ylabel() for axes in strips] == list(ATTRIBUTES)
    assert np.array_equal(table.images[0].get_array()[:, :5].diagonal(), own["change"])
    assert [label.get_text() for label in table.get_yticklabels()] == list(ATTRIBUTES)


def test_measurements_on_single_photographs_are_put_together():
    def frame(change, deviation):
        return pd.DataFrame(
            {"change": [change], "standard_error": [np.nan], "standard_deviation": [deviation], "overflowed": [0.1]}
        )

    together = over_photographs([frame(1.0, 0.3), frame(2.0, 0.4)]).iloc[0]
    deviation = np.sqrt((0.09 + 0.16) / 2)
    assert together["standard_deviation"] == pytest.approx(deviation)
    assert together["change"] == pytest.approx((0.3 + 0.8) / 2 / deviation)
    assert together["standard_error"] == pytest.approx(0.25 / deviation)
    assert together["overflowed"] == pytest.approx(0.1)


def roughness(patches):
    return np.abs(np.diff(patches.astype(float), axis=1)).mean(axis=(1, 2, 3))


def test_detection(photographs):
    analysis = make(DetectionAnalysis, photographs, each=6)
    found = run_tiny(analysis)
    assert list(found.table.columns) == ["kind", "detector", "area", "standard_error", "units", "model"]
    assert "how likely 18 patches of each kind are" in found.caption
    assert "Typical is what patches of the other photographs are" in found.caption
    *strips, values, unlikely, untypical = drawn(found)
    kinds = [PHOTOGRAPHS, *CONTROLS]
    assert [axes.get_ylabel() for axes in strips] == kinds
    assert [text.get_text() for text in values.get_legend().texts] == kinds
    for axes, detector in ((unlikely, "unlikely"), (untypical, "untypical")):
        areas = found.table[found.table["detector"] == detector].set_index("kind")["area"]
        for (kind, area), line in zip(areas.items(), axes.lines, strict=False):
            assert line.get_label().startswith(f"{kind} ({area:.3f} ±")
            assert np.trapezoid(line.get_ydata(), line.get_xdata()) == pytest.approx(area)


@pytest.mark.parametrize(("sign", "expected"), [(-1, "holds in part"), (1, "does not hold")])
def test_the_verdict_on_outliers(photographs, sign, expected):
    """Noise is rough: where rough is unlikely it is found; where rough is likely it is the likeliest of all."""
    analysis = make(DetectionAnalysis, photographs, each=6)
    found = analysis.run(lambda name: Liking(lambda patches: sign * roughness(patches)), seed=0)
    areas = found.table.set_index(["detector", "kind"])["area"]
    assert areas["unlikely", "noise"] == (1 if sign < 0 else 0)
    assert found.verdict == expected
    assert ("are likelier than photographs, against the claim" in found.measured) == (sign > 0)


def test_the_inverse(photographs):
    analysis = make(InverseAnalysis, photographs, each=4, repetitions=1)
    found = run_tiny(analysis)
    assert list(found.table.columns) == ["measure", "value", "model"]
    values = found.table.set_index("measure")["value"]
    assert values["largest error of a patch that comes back, float64"] < 1e-12
    assert values["largest error of a patch that comes back, float32"] < 1e-4
    numerical, stated = (values[name] for name in values.index if "log-likelihood" in name)
    assert numerical == pytest.approx(stated, abs=1e-3)
    slow = values["backward ÷ forward"] > 1.5
    assert found.verdict == ("holds in part" if slow else "holds")  # the clock decides
    errors, clock = drawn(found)
    assert [bar.get_height() for bar in clock.patches] == [
        values["forward, ms per patch"], values["backward, ms per patch"]
    ]  # fmt: skip
    assert sum(bar.get_height() for bar in errors.patches) == 2 * 12


def test_every_test_of_the_inverse_can_fail():
    single, double = np.array([1e-6]), np.array([1e-14])
    good = {"float32": single, "float64": double}
    assert _checks(good, 1.0, 1.0, 1.0) == [YES] * 4
    assert _checks(good | {"float64": single}, 1.0, 1.0, 1.0) == [NO, YES, YES, YES]
    assert _checks(good | {"float32": np.array([np.inf])}, 1.0, 1.0, 1.0) == [YES, NO, YES, YES]
    assert _checks(good, 1.0, 1.1, 1.0) == [YES, YES, NO, YES]
    assert _checks(good, 1.0, 1.0, 1.6) == [YES, YES, YES, NO]


def test_a_wrong_inverse_and_a_wrong_likelihood_are_found(monkeypatch):
    model = tiny_model().double()
    patches = some_picture(8, 16).reshape(8, 2, 8, 3).transpose(1, 0, 2, 3).copy()
    assert round_trip(model, patches, 0).max() < 1e-12
    numerical, stated = likelihood_by_differences(model, patches[:1], 0)
    assert numerical == pytest.approx(stated, abs=1e-4)
    decode, log_prob = model.flow.decode, model.flow.log_prob
    monkeypatch.setattr(model.flow, "decode", lambda z: decode(z) + 0.01)
    monkeypatch.setattr(model.flow, "log_prob", lambda x: log_prob(x) + 1)
    assert round_trip(model, patches, 0).max() == pytest.approx(0.01)
    assert np.diff(likelihood_by_differences(model, patches[:1], 0)) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("each", [1, 100_000])
def test_too_few_and_too_many_patches(each):
    with pytest.raises(ValidationError):
        TypeAdapter(EachKey).validate_python(each)

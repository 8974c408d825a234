"""Every table that commands write: its columns in order, and their meanings. The site is made from this."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

#: Meanings of columns, unless a table gives another one.
MEANINGS: Mapping[str, str] = {
    "area": "area under the ROC curve: how often what is no photograph has the higher score; 0.5 is chance",
    "axis": "attribute of the target that is varied",
    "bits_per_dimension": "−log-likelihood / (D ln 2); less is likelier",
    "change": "after minus before, or at this strength minus at none",
    "change_percent": "100 · (pse − reference_value) / reference_value; of hue, per cent of a turn; empty on an axis "
    "with a grey at 0",
    "comparison_condition": "the condition whose target is set to match",
    "comparison_surround_cd_m2": "mean luminance of the surround of the target that is set, in the whole picture",
    "condition": "the condition of the stimulus",
    "contested": "whether the literature disagrees about the direction",
    "density": "p_T of this value, per unit of the axis",
    "detector": "what tells them apart: low likelihood, or what is untypical on either side",
    "direction": "the attribute along which patches are moved",
    "cautions": "warnings about the row; empty if there are none",
    "coverage": "largest share of a pixel of the model that the target covers, or its mean over scales or placements",
    "effect": "rank in this condition minus the mean rank in the others; above 0, the target should look brighter or "
    "more saturated here; empty for a single condition",
    "effect_standard_error": "of the effect, by the jackknife over noise samples or placements",
    "evaluated": "whether the model was asked; else the log-likelihood is interpolated",
    "family": "the kind of illusion",
    "field": "side of the patch, degrees of visual angle; `mean` for the mean over all",
    "file": "where the picture lies, as seen from the table",
    "gamut_shift": "how far the match moves where the gamut is cut by a tenth, units of the axis; empty without a "
    "match, where the target is cut off, and on an axis that does not end at the gamut",
    "high": "upper end of the 95 % interval",
    "highest_value": "highest value of the sweep",
    "in_gamut": "whether there is a match among the colours of sRGB",
    "s_scale": "S−(L+M) is divided by it before contrast and azimuth are taken",
    "kind": "what it is: `photographs`, or which kind of picture that is none",
    "left": "column of the upper left corner of the patch, pixels of the picture",
    "log_likelihood": "natural logarithm of the density of the patch under the model, in nats",
    "low": "lower end of the 95 % interval",
    "lowest_value": "lowest value of the sweep",
    "measure": "what is measured of the patches",
    "model": "name of the model",
    "observers": "how many observers set this match",
    "pse_cd_m2": "luminance of the match; empty if there is none",
    "percentile_rank": "P(V ≤ v), mid-rank, 0 to 1; of a hue counted from the cut that all conditions have in common",
    "percentile_rank_standard_error": "of the rank, by the jackknife over noise samples or placements",
    "picture": "file name of the picture",
    "predictor": "name of the predictor",
    "prior_temperature": "factor on the standard deviation of the latents",
    "pse": "the match: the value in the comparison condition with the same percentile rank; empty if there is none",
    "pse_standard_error": "of the match, by the jackknife over noise samples or placements",
    "reason": "why there is no prediction; empty where there is one",
    "reference_cd_m2": "luminance of the target that stays as it is",
    "reference_surround_cd_m2": "mean luminance of its surround, in the whole picture",
    "reference_condition": "the condition whose target stays as it is",
    "relative_rank": "rank in this condition minus that in the reference condition of the stimulus, −1 to 1",
    "relative_rank_standard_error": "of relative_rank, by the jackknife over noise samples or placements",
    "reference_value": "its target there, in the units of the axis",
    "scale": "side of the patch ÷ longer side of the target; `mean` for the mean over all",
    "set": "the set of published stimuli",
    "standard_deviation": "standard deviation over patches",
    "standard_error": "of the number in the column before it",
    "stimulus": "name of the stimulus",
    "strength": "how strong the illusion is for people",
    "surround_cd_m2": "mean luminance of the surround in the whole picture; empty where it shows several",
    "target_cd_m2": "luminance of the target",
    "temperature": "T, nats; by field, nats per pixel of the target; empty where there is none",
    "top": "row of the upper left corner of the patch, pixels of the picture",
    "values": "number of values of the sweep",
    "value": "value of the target, in the units of the axis",
}


#: Units of columns, by patterns as in `fnmatch`. Values on an axis are in the unit of the axis.
UNITS: Mapping[str, str] = {
    "*_cd_m2": "cd/m^2",
    "*_degrees": "deg",
    "*bits_per_dimension": "bit",
    "change_percent": "%",
    "field": "deg",
    "height": "px",
    "hue_shift*": "deg",
    "left": "px",
    "log_likelihood": "nat",
    "pixels_per_degree": "px/deg",
    "seconds": "s",
    "top": "px",
    "width": "px",
}


@dataclass(frozen=True)
class Table:
    """A table that a command writes."""

    file: str  #: its name, as in `fnmatch`: ``"*-changes.csv"``.
    command: str  #: the command that writes it.
    rows: str  #: what a row is.
    columns: tuple[str, ...]  #: the columns that it always has, in their order.
    #: columns that follow, or stand where their name is in ``columns`` too: when they are there.
    sometimes: Mapping[str, str] = field(default_factory=dict)
    meanings: Mapping[str, str] = field(default_factory=dict)  #: of columns, where they differ from `MEANINGS`.
    kind: str = ""  #: of figures: the kind of analysis.

    def meaning(self, column: str) -> str:
        """Meaning of a column in this table.

        Raises:
            KeyError: the column is undocumented.
        """
        return self.meanings[column] if column in self.meanings else MEANINGS[column]

    def dictionary(self, columns: Iterable[str], axes: Mapping[str, str]) -> dict[str, dict[str, Any]]:
        """Columns with Description, Units and Levels, the keys of BIDS.

        Args:
            columns: some that it has.
            axes: the levels of a column ``axis``, with what they mean.
        """
        described: dict[str, dict[str, Any]] = {}
        for column in columns:
            meaning = self.meaning(column)
            described[column] = {"Description": meaning}
            for pattern, unit in UNITS.items():
                if fnmatchcase(column, pattern):
                    described[column]["Units"] = unit
            if column == "axis":
                described[column]["Levels"] = dict(axes)
            elif meaning.startswith("whether "):
                described[column]["Levels"] = {"True": "yes", "False": "no"}
        return described

    def allows(self, columns: Iterable[str]) -> bool:
        """Whether columns are those of this table, in their order; some of ``sometimes`` may be missing."""
        given = list(columns)
        return given == [name for name in self.columns if name in given or name not in self.sometimes] + [
            name for name in self.sometimes if name in given and name not in self.columns
        ]


_SEVERAL = {"scale": "with `--scale`", "field": "where the stimulus is read by field"}
_OF_PLANE = {"s_scale": "where the axis is dkl-hue or dkl-contrast"}
_OF_REFERENCE = {
    name: "where the stimulus has a reference condition" for name in ("relative_rank", "relative_rank_standard_error")
}
_WITH_DISPLAY = "with `--display`"
_OF_TARGET = {"target_cd_m2": _WITH_DISPLAY}
_OF_BOTH = {**_OF_TARGET, "surround_cd_m2": _WITH_DISPLAY}
_OF_A_MATCH = {
    name: _WITH_DISPLAY
    for name in ("reference_cd_m2", "pse_cd_m2", "reference_surround_cd_m2", "comparison_surround_cd_m2")
}
_SRGB = "8-bit sRGB, 0 to 255; PsychoPy's colour space “rgb” is this ÷ 127.5 − 1, “rgb255” is this"
_RANKS = ("stimulus", "condition", "axis", "value", "log_likelihood", "standard_error", "density", "percentile_rank")
_SUMMARY = ("stimulus", "condition", "axis", "value", "percentile_rank", "effect", "temperature", "model")
_SWEPT = ("lowest_value", "highest_value", "values")
_ERRORS = ("percentile_rank_standard_error", "effect_standard_error", *_SWEPT, "coverage", "cautions")
_PAIR = ("stimulus", "axis", "reference_condition", "comparison_condition", "reference_value")
_MATCH = (
    *("stimulus", "axis", "reference_condition", "reference_value", "comparison_condition", "percentile_rank", "pse"),
    *("pse_standard_error", "change_percent", "in_gamut", "temperature", "model", *_SWEPT, "coverage", "gamut_shift"),
    "cautions",
)
_COUNTED = {
    "log_likelihood": "empty: a count has none",
    "standard_error": "empty: a count has none",
    "density": "empty: a count has none",
    "temperature": "empty: a count has none",
    "model": "the photographs that were counted in",
}

_CONTRAST = "standard deviation of luma in a patch (RMS contrast)"
_OF_AN_AREA = {
    "standard_error": "of the area, by the jackknife over photographs",
    "units": "how many pictures or patches",
}
_BOUNDS = (
    *("likelihood", "model", "bits_per_dimension", "standard_error", "rank_correlation", "largest_rank_difference"),
    *("directions_as_people", "directions_as_exact", "stimuli", "hue_error", "hue_from_exact", "settings"),
    "seconds_ratio",
)
_OF_A_BOUND = {
    "likelihood": "exact, or which lower bound of it, or none and why",
    "bits_per_dimension": "of patches of photographs; of a bound the largest that they can be",
    "standard_error": "of bits_per_dimension, over photographs",
    "rank_correlation": "Spearman's, of the percentile ranks of all targets with those by the exact likelihood",
    "largest_rank_difference": "of a target from its rank by the exact likelihood",
    "directions_as_people": "number of stimuli whose effect has the direction that people see",
    "directions_as_exact": "number of stimuli whose effect has the direction that it has by the exact likelihood",
    "stimuli": "how many stimuli were swept",
    "hue_error": "root mean square difference from the shifts that people set, degrees",
    "hue_from_exact": "root mean square difference from the shifts by the exact likelihood, degrees",
    "settings": "how many hue shifts were predicted",
    "seconds_ratio": "wall time of a sweep of the first stimulus ÷ that by the exact likelihood; varies by machine",
}
_EDIT = (
    *("direction", "strength", "measure", "change", "standard_error", "standard_deviation", "overflowed", "model"),
)
_OF_AN_EDIT = {
    "strength": "how much of the direction is added",
    "measure": "an attribute, or bits per dimension",
    "change": "in standard deviations of that measure over the unedited patches",
    "standard_error": "of the change, over photographs",
    "standard_deviation": "of the measure over the unedited patches",
    "overflowed": "share of patches that did not decode, and are left out",
}
_CHANGES = (
    *("eta", "measure", "before", "before_standard_error", "after", "after_standard_error", "change"),
    *("change_standard_error", "patches", "halfway", "unmoved", "clipped", "temperature", "model"),
)
_OF_A_CHANGE = {
    "eta": "how far latents were moved; above 0, towards likelier ones",
    "measure": "what is measured of the picture",
    "before": "in the picture as it was",
    "before_standard_error": "of it",
    "after": "in the picture that was made",
    "after_standard_error": "of it",
    "change_standard_error": "of the change",
    "patches": "how many patches of the surround were scored",
    "halfway": "share of the moved patches that went only a part of the way",
    "unmoved": "share of the moved patches that stayed as they were",
    "clipped": "share of colour values that left the range of 8 bits, and were clipped",
}
_OF_A_PATH = {
    "path": "through latents, or through pixels",
    "step": "its number, from 0",
    "share": "of the second patch, 0 to 1",
}
_LOG = (
    *("update", "patches", "seconds", "learning_rate", "train_bits_per_dimension", "gradient_norm"),
    *("validation_bits_per_dimension", "standard_error", "patches_per_second"),
)
_OF_A_LOG = {
    "update": "of the optimiser, from 1",
    "patches": "seen so far",
    "seconds": "wall time so far, over all sessions of the run",
    "learning_rate": "at this update",
    "train_bits_per_dimension": "mean over the updates since the row before",
    "gradient_norm": "mean over the updates since the row before",
    "validation_bits_per_dimension": "of the averaged weights, on photographs that were held out",
    "standard_error": "of the validation, over photographs",
    "patches_per_second": "since the row before, without the validation",
}

#: Every table of every command, in the order of the commands.
TABLES: tuple[Table, ...] = (
    Table(
        "manifest.csv",
        "render",
        "a picture",
        (
            *("stimulus", "condition", "kind", "axis", "value", "file", "width", "height"),
            *("pixels_per_degree", "target_degrees", "width_degrees", "height_degrees"),
        ),
        {**_OF_BOTH, **_OF_PLANE},
        meanings={
            "condition": "the condition; empty where the picture shows all",
            "kind": "`pair`, `proof`, `picture`, `target` (its mask) or `patch` (what a model sees)",
            "value": "of the target; empty where there is none",
            "width": "of the picture, pixels",
            "height": "of the picture, pixels",
            "pixels_per_degree": "of visual angle; empty where the size in degrees is not known",
            "target_degrees": "the longer side of the target, degrees",
            "width_degrees": "of the picture, degrees",
            "height_degrees": "of the picture, degrees",
        },
    ),
    Table(
        "ranks.csv",
        "rank",
        "a value of the target in a condition",
        (*_RANKS, "temperature", "model", *_SWEPT, "evaluated"),
        {**_SEVERAL, **_OF_PLANE, **_OF_TARGET},
        {
            "standard_error": "of the log-likelihood, over noise samples or placements; what all values have in common "
            "is in it, too"
        },
    ),
    Table(
        "summary.csv",
        "rank",
        "a condition: its physical target",
        (*_SUMMARY, *_ERRORS),
        {**_SEVERAL, **_OF_PLANE, **_OF_REFERENCE, **_OF_BOTH},
    ),
    Table("matches.csv", "match", "an ordered pair of conditions", _MATCH, {**_SEVERAL, **_OF_PLANE, **_OF_A_MATCH}),
    Table(
        "colours.csv",
        "match",
        "with `--plane`: a colour of the target in an ordered pair of conditions",
        (
            *("stimulus", "reference_condition", "comparison_condition", "is_target", "colour", "luminance", "l_m"),
            *("s_lm", "match", "match_luminance", "match_l_m", "match_s_lm", "delta_l_m", "delta_s_lm"),
            *("luminance_standard_error", "l_m_standard_error", "s_lm_standard_error", "hue_shift"),
            *("hue_shift_standard_error", "contrast_ratio", "contrast_ratio_standard_error", "at_edge", "gamut_shift"),
            *("s_scale", "cells", "scored", "temperature", "model", "fields", "cautions"),
        ),
        meanings={
            "is_target": "whether it is the physical target",
            "colour": "on the reference condition, 8-bit sRGB",
            "luminance": "L+M of the colour, contrast to the grey that observers adapt to",
            "l_m": "L−M of the colour (DKL)",
            "s_lm": "S−(L+M) of the colour (DKL), not scaled",
            "match": "the colour that looks the same on the comparison condition, 8-bit sRGB",
            "match_luminance": "L+M of the match; that of the colour with `--plane dkl`",
            "match_l_m": "L−M of the match",
            "match_s_lm": "S−(L+M) of the match, not scaled",
            "delta_l_m": "L−M of the match minus that of the colour",
            "delta_s_lm": "S−(L+M) of the match minus that of the colour",
            "luminance_standard_error": "of match_luminance, by the jackknife over placements and noise",
            "l_m_standard_error": "of match_l_m and delta_l_m, as above",
            "s_lm_standard_error": "of match_s_lm and delta_s_lm, as above",
            "hue_shift": "azimuth of the match minus that of the colour, degrees (90 is +S); empty for a grey",
            "hue_shift_standard_error": "of hue_shift, degrees",
            "contrast_ratio": "distance from grey of the match ÷ that of the colour; empty for a grey",
            "contrast_ratio_standard_error": "of contrast_ratio",
            "at_edge": "the share of the colour's density that goes to the edge of the gamut, 0 to 1",
            "gamut_shift": "how far the match moves, in contrast, where the gamut is cut by a tenth; empty if cut off",
            "s_scale": "what S−(L+M) is divided by in azimuths, ratios and distances",
            "cells": "into how many cells the gamut is divided",
            "scored": "how many colours were scored; those of the other cells are interpolated",
            "fields": "sides of the patch, degrees of visual angle",
        },
    ),
    Table(
        "ranks.csv",
        "count",
        "a value of the target in a condition",
        (*_RANKS, "temperature", "model", *_SWEPT),
        {"scale": "with `--scale`"},
        _COUNTED,
    ),
    Table(
        "summary.csv",
        "count",
        "a condition: its physical target",
        (*_SUMMARY, *_ERRORS, "places", "photographs", "lowest_correlation", "highest_correlation", "why_no_count"),
        {"scale": "with `--scale`"},
        {
            "model": "the photographs that were counted in",
            "temperature": "empty: a count has none",
            "percentile_rank_standard_error": "of the rank, by the jackknife over photographs",
            "effect_standard_error": "of the effect, by the jackknife over photographs",
            "places": "how many places were counted",
            "photographs": "in how many photographs",
            "lowest_correlation": "of a counted place with the surround",
            "highest_correlation": "of a counted place with the surround",
            "why_no_count": "why there is no rank; empty where there is one",
        },
    ),
    Table(
        "places.csv",
        "count",
        "a place that was counted, the best first",
        ("stimulus", "condition", "axis", "picture", "left", "top", "correlation", "target"),
        {"scale": "with `--scale`"},
        {
            "correlation": "of the place with the surround",
            "target": "the value that stands where the target would be",
            "picture": "the photograph",
        },
    ),
    Table(
        "matches.csv",
        "compare",
        "an observer and an ordered pair of conditions",
        ("observer", *_PAIR, "trials", "match", "low", "high"),
        _OF_PLANE,
        meanings={
            "observer": "the code of the observer, or of the session where there is none",
            "trials": "how many matches the mean is over",
            "match": "the mean match, in the units of the axis",
            "low": "lower end of its 95 % interval, Student's t over trials; empty for one trial",
            "high": "upper end",
        },
    ),
    Table(
        "colours.csv",
        "compare",
        "with `experiment --plane`: an observer and an ordered pair of conditions, or all observers",
        (
            *("observer", "stimulus", "reference_condition", "comparison_condition", "matches", "match", "delta_l_m"),
            *("delta_l_m_standard_error", "delta_s_lm", "delta_s_lm_standard_error", "hue_shift"),
            *("hue_shift_standard_error", "contrast_ratio", "contrast_ratio_standard_error", "predicted_match"),
            *("predicted_delta_l_m", "predicted_delta_s_lm", "predicted_hue_shift", "predicted_contrast_ratio"),
            *("predicted_hue_shift_standard_error", "predicted_contrast_ratio_standard_error", "model", "temperature"),
            *("distance", "distance_from_physical", "s_scale"),
        ),
        meanings={
            "observer": "the code of the observer; empty for the mean over several",
            "matches": "how many matches",
            "match": "the mean match, 8-bit sRGB",
            "delta_l_m": "L−M of the match minus that of the physical target",
            "delta_l_m_standard_error": "by the jackknife over matches, or over observers; empty for one",
            "delta_s_lm": "S−(L+M) of the match minus that of the physical target, not scaled",
            "delta_s_lm_standard_error": "as above",
            "hue_shift": "azimuth of the match minus that of the target, degrees (90 is +S); empty for a grey",
            "hue_shift_standard_error": "as above",
            "contrast_ratio": "distance from grey of the match ÷ that of the target; empty for a grey",
            "contrast_ratio_standard_error": "as above",
            "predicted_match": "of `match --plane dkl`; empty, as the next ones, without a size in degrees",
            "predicted_delta_l_m": "of the predicted match",
            "predicted_delta_s_lm": "of the predicted match",
            "predicted_hue_shift": "of the predicted match",
            "predicted_contrast_ratio": "of the predicted match",
            "predicted_hue_shift_standard_error": "by the jackknife over placements and noise",
            "predicted_contrast_ratio_standard_error": "as above",
            "distance": "from the match to the predicted one, in contrast, S−(L+M) ÷ `s_scale`",
            "distance_from_physical": "from the match to the physical target, as above",
        },
    ),
    Table(
        "comparison.csv",
        "compare",
        "an ordered pair of conditions and a predictor",
        (
            *_PAIR,
            "observers",
            "match",
            "low",
            "high",
            "predictor",
            "model",
            "temperature",
            "temperature_unit",
            "predicted",
            "predicted_standard_error",
            "in_gamut",
            "difference",
            "within",
        ),
        _OF_PLANE,
        meanings={
            "match": "the mean over observers of the mean of each, in the units of the axis",
            "low": "lower end of its 95 % interval, Student's t over observers; empty for one observer",
            "high": "upper end",
            "temperature_unit": "what T is in",
            "predicted": "the predicted match; where there is none in the gamut, the end of the sweep",
            "predicted_standard_error": "of the prediction, over noise samples or placements",
            "difference": "predicted minus match, as a share of the axis",
            "within": "whether the prediction lies within the interval; empty without one, as of a single observer",
        },
    ),
    Table(
        "conditions.csv",
        "export",
        "a pair of conditions that a stimulus asks for",
        (
            *("stimulus", "axis", "circular", "reference_condition", "comparison_condition", "reference_value"),
            *("reference_picture", "comparison_raster", "sweep", "width_degrees", "height_degrees"),
            *("reference_width_degrees", "reference_height_degrees", "ground_red", "ground_green", "ground_blue"),
        ),
        _OF_PLANE,
        meanings={
            "circular": "whether the axis is a circle, as hue is",
            "reference_picture": "file of the picture that stays as it is",
            "comparison_raster": "file of the picture whose target is set",
            "sweep": "file of the values that the target can have",
            "width_degrees": "of the comparison picture",
            "height_degrees": "of the comparison picture",
            "reference_width_degrees": "of the reference picture",
            "reference_height_degrees": "of the reference picture",
            **{
                f"ground_{channel}": f"of the window around the pictures, {_SRGB}"
                for channel in ("red", "green", "blue")
            },
        },
    ),
    Table(
        "sweeps/*.csv",
        "export",
        "a value that the target can have",
        ("value", "red", "green", "blue"),
        meanings={
            "value": "value of the target, in the units of the axis; on DKL axes in the coordinates of illusions: "
            "PsychoPy's have another scale, and the opposite sign on the S axis (docs/cone-space.md)",
            **dict.fromkeys(("red", "green", "blue"), f"of the target, {_SRGB}"),
        },
    ),
    Table(
        "battery.csv",
        "battery",
        "a published stimulus, or a mean match of people, and a predictor",
        (
            *("set", "stimulus", "family", "predictor", "setting", "target_1", "target_2", "target_3", "target_4"),
            *("difference", "lighter", "people", "contested", "right", "reason", "cross_validated_setting"),
            *("cross_validated_difference", "cross_validated_right", "cross_validated_reason", "strength"),
            *("strength_unit", "x", "people_shift", "people_standard_error", "unit", "shift", "cross_validated_shift"),
            *("other_sets_shift", "other_sets_setting"),
        ),
        {
            **dict.fromkeys(("target_3", "target_4"), "where a stimulus has as many"),
            **dict.fromkeys(
                ("target_1", "target_2", "difference", "lighter", "people", "right", "cross_validated_difference"),
                "where there are stimuli with two targets",
            ),
            **dict.fromkeys(
                ("cross_validated_right", "strength", "strength_unit"), "where there are stimuli with two targets"
            ),
            **dict.fromkeys(
                ("x", "people_shift", "people_standard_error", "unit", "shift", "cross_validated_shift"),
                "where people set matches",
            ),
            **dict.fromkeys(("other_sets_shift", "other_sets_setting"), "where people set matches"),
        },
        {
            "family": "the kind of illusion; of matches the surround",
            "setting": "the setting that does best on everything; of matches on all of the set",
            **{f"target_{k}": f"the predictor's value of target {k}, at that setting" for k in range(1, 5)},
            "difference": "of target 1 minus target 2",
            "lighter": "which target is said to look lighter: 1, 2 or `none`",
            "people": "which one it is for people: 1, 2 or `none`; empty where unknown",
            "right": "whether both agree; empty where unknown",
            "cross_validated_setting": "the setting chosen without the family or the surround",
            "cross_validated_difference": "the difference at that setting",
            "cross_validated_right": "whether its direction is that of people",
            "cross_validated_reason": "why there is no prediction at that setting",
            "strength_unit": "what the strength is in",
            "x": "what shifts are plotted against: the hue of the target minus that of the surround, or its luminance",
            "people_shift": "people's mean match minus the physical target",
            "people_standard_error": "of that shift, over observers",
            "unit": "of the shifts",
            "shift": "the predicted match minus the physical target, at the setting that does best on all of the set",
            "cross_validated_shift": "the same at the setting chosen without the surround",
            "other_sets_shift": "the same at the setting chosen on the other sets alone",
            "other_sets_setting": "that setting; empty where the predictor can be asked about no other set",
        },
    ),
    Table(
        "scores.csv",
        "battery",
        "a predictor, a set and a score",
        ("predictor", "set", "score", "left_out", "value", "low", "high", "n"),
        meanings={
            "score": "what is scored",
            "left_out": "what settings were chosen without: `nothing`, the `family` or the `surround` that is scored, "
            "or all of the `set`",
            "value": "of the score: a share of directions, a correlation, or a root mean square error in the unit of "
            "the set",
            "n": "how many stimuli or matches it is over",
        },
    ),
    Table("patches.csv", "heatmap", "a patch", ("picture", "left", "top", "log_likelihood", "bits_per_dimension")),
    Table(
        "*-changes.csv",
        "exaggerate",
        "a step and a measure",
        _CHANGES,
        meanings=_OF_A_CHANGE,
    ),
    Table(
        "*.csv",
        "evaluate",
        "a model, or what it is compared with",
        ("model", "bits_per_dimension", "standard_error", "difference", "difference_standard_error", "reference"),
        meanings={
            "bits_per_dimension": "on photographs that were held out; less is better",
            "standard_error": "of it, over photographs",
            "difference": "bits more than the reference has, patch by patch",
            "difference_standard_error": "of the difference, over photographs",
            "reference": "the first model",
        },
    ),
    Table(
        "samples.csv",
        "sample",
        "a sample",
        ("sample", "log_likelihood", "bits_per_dimension", "prior_temperature", "model"),
        meanings={"sample": "its number, from 0"},
    ),
    Table(
        "interpolation.csv",
        "interpolate",
        "a step on a path",
        ("path", "step", "share", "log_likelihood", "standard_error", "bits_per_dimension", "model"),
        meanings=_OF_A_PATH,
    ),
    Table(
        "edit.csv",
        "edit",
        "a direction, a strength and a measure",
        _EDIT,
        meanings=_OF_AN_EDIT,
    ),
    Table(
        "outliers.csv",
        "outliers",
        "a picture, or a patch of one",
        (
            *("picture", "left", "top", "log_likelihood", "bits_per_dimension", "p_value", "side", "deviation"),
            "model",
        ),
        {"left": "where patches are asked about", "top": "where patches are asked about"},
        {
            "p_value": "how untypical it is among the reference, two-sided",
            "side": "less likely than photographs are, or likelier",
            "deviation": "from the mean of the reference, in its standard deviations",
        },
    ),
    Table(
        "detection.csv",
        "outliers",
        "a kind of pictures other than photographs, and a detector",
        ("kind", "detector", "area", "standard_error", "units", "model"),
        meanings=_OF_AN_AREA,
    ),
    Table("*.csv", "figures", "a way to score patches", _BOUNDS, kind="bounds", meanings=_OF_A_BOUND),
    Table(
        "*.csv",
        "figures",
        "a stimulus and a condition",
        ("stimulus", "condition", "pixels", "red", "green", "blue", "largest_difference"),
        kind="cut-outs",
        meanings={
            "pixels": "how many pixels of the target were cut out",
            "red": "sRGB, 0 to 255",
            "green": "sRGB, 0 to 255",
            "blue": "sRGB, 0 to 255",
            "largest_difference": "of any pixel from the first one of the stimulus, levels of 8 bits",
        },
    ),
    Table(
        "*.csv",
        "figures",
        "a kind of pictures other than photographs, and a detector",
        ("kind", "detector", "area", "standard_error", "units", "model"),
        kind="detection",
        meanings=_OF_AN_AREA,
    ),
    Table("*.csv", "figures", "a direction, a strength and a measure", _EDIT, kind="editing", meanings=_OF_AN_EDIT),
    Table("*.csv", "figures", "a step and a measure", _CHANGES, kind="exaggeration", meanings=_OF_A_CHANGE),
    Table(
        "*.csv",
        "figures",
        "a patch",
        ("picture", "left", "top", "log_likelihood", "bits_per_dimension", "contrast", "model"),
        kind="extremes",
        meanings={"contrast": _CONTRAST},
    ),
    Table(
        "*.csv",
        "figures",
        "a width of the bars and a place",
        ("width", "place", "bits_per_dimension", "standard_error", "model"),
        kind="grid-map",
        meanings={"width": "of a bar, pixels", "place": "crossing, street or block"},
    ),
    Table(
        "*.csv",
        "figures",
        "a step on a path",
        ("path", "step", "share", "bits_per_dimension", "contrast", "pairs", "model"),
        kind="interpolation",
        meanings=_OF_A_PATH | {"contrast": _CONTRAST, "pairs": "how many pairs of patches the means are over"},
    ),
    Table(
        "*.csv",
        "figures",
        "a measure",
        ("measure", "value", "model"),
        kind="inverse",
        meanings={"measure": "what is measured, and in what", "value": "of the measure"},
    ),
    Table(
        "*.csv",
        "figures",
        "a class of patches, from low contrast to high",
        ("class", "contrast", "bits_per_dimension", "patches", "model"),
        kind="map",
        meanings={
            "class": "its number, from 1",
            "contrast": f"{_CONTRAST}; the mean of the class",
            "patches": "how many there are",
        },
    ),
    Table("*.csv", "figures", "the match", _MATCH, kind="match"),
    Table(
        "*.csv",
        "figures",
        "samples at a temperature of the prior, or photographs",
        ("kind", "bits_per_dimension", "brightness", "saturation", "contrast", "patches", "model"),
        kind="samples",
        meanings={
            "kind": "photographs, or samples at which temperature",
            "brightness": "mean, HSV V",
            "saturation": "mean, HSV S",
            "contrast": f"{_CONTRAST}; the mean",
            "patches": "how many there are",
        },
    ),
    Table(
        "*.csv",
        "figures",
        "a stimulus and a scale",
        ("stimulus", "axis", "condition", "effect", "standard_error", "as_people_see", "temperature", "model", "scale"),
        kind="scale",
        meanings={
            "standard_error": "of the effect, over noise samples",
            "as_people_see": "whether the effect has the direction that people report",
        },
    ),
    Table(
        "*.csv",
        "figures",
        "a setting",
        (
            "parameter",
            "setting",
            "effect",
            "effect_standard_error",
            "expected_sign",
            "match",
            "match_standard_error",
            "bound",
            "temperature",
            "model",
        ),
        kind="sensitivity",
        meanings={
            "parameter": "what is varied",
            "setting": "to what it is set",
            "expected_sign": "of the effect, if people are right",
            "match": "the predicted match, in the units of the axis; empty if there is none",
            "match_standard_error": "of it, over noise samples",
            "bound": "without a match, the end of the sweep that was reached",
        },
    ),
    Table("*.csv", "figures", "a validation", _LOG, kind="training", meanings=_OF_A_LOG),
    Table("log.csv", "train", "a validation", _LOG, meanings=_OF_A_LOG),
)


def tables_called(file: str) -> list[Table]:
    """The tables that a file of a name can hold.

    Args:
        file: with the folder in which the command put it, if any: ``"sweeps/white.csv"``.
    """
    return [table for table in TABLES if fnmatchcase(file, table.file)]

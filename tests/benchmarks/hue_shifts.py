"""Hue shifts that people set (klauke2015) and natural16: the circle by field, the exponent of T, and the plane.

    python tests/benchmarks/hue_shifts.py

Four looks. Of the circle every tenth azimuth is scored, of the plane the colours in the middle of coarse cells.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

import illusions
from illusions.analyses.densities.plane import Cells, Space, between, carry
from illusions.analyses.densities.transport import circular_map
from illusions.models.stacks import Stack, score_stacks
from illusions.stimuli.settings import load_settings

FIELDS, PLACEMENTS, EXPONENTS = (4.0, 6.0, 8.0, 10.0, 12.0), 4, (0.0, 0.2, 0.25, 0.5, 1.0)
NATS = np.geomspace(80, 20000, 56)
PLANE = {6.0: (20, 30, 40, 57), 10.0: (40, 60, 80, 113)}

PEOPLE = load_settings("klauke2015")
GROUPS: dict[str, list] = {}
for setting in PEOPLE.settings:
    GROUPS.setdefault(setting.group, []).append(setting)
FIRST = PEOPLE.settings[0]
VALUES = {name: np.array([each.value for each in group]) for name, group in GROUPS.items()}
SHIFTS = {name: np.array([each.shift for each in group]) for name, group in GROUPS.items()}


def scored(model, field, colours):
    """By surround, the reference's under its own name: nats, shape (looks, n); and the pixels of the target."""
    found = {}
    for name, group in {FIRST.reference: [FIRST], **GROUPS}.items():
        condition = FIRST.reference if name == FIRST.reference else FIRST.test
        views = group[0].stimulus.views(condition, field, PLACEMENTS, size=model.size)
        stacks = [Stack(view.paint(colours), seed=i, surround=view.untouched) for i, view in enumerate(views)]
        found[name] = np.stack([nats[0] for nats in score_stacks(model, stacks)])
        pixels = np.mean([max(1.0, float(view.coverage.sum())) for view in views])
    return found, pixels


def density(nats, temperature, weights=1.0):
    exponent = nats / temperature
    mass = np.exp(exponent - exponent.max(axis=1, keepdims=True)) * weights
    return (mass / mass.sum(axis=1, keepdims=True)).mean(axis=0)


def errors_on_the_circle(nats, temperature):
    """Mean squared error by surround, degrees²; and all shifts."""
    densities = {name: density(each, temperature) for name, each in nats.items()}
    grey = densities[FIRST.reference]
    found = {name: 360 * circular_map(densities[name], grey, values / 360) - values for name, values in VALUES.items()}
    return [float(np.mean((found[name] - SHIFTS[name]) ** 2)) for name in GROUPS], np.concatenate(list(found.values()))


def circle(model):
    azimuths = np.arange(0.0, 360.0, 10.0)
    people = np.concatenate(list(SHIFTS.values()))
    table, sizes = [], []
    for field in FIELDS:
        nats, pixels = scored(model, field, FIRST.stimulus.axis.at(FIRST.stimulus.target, azimuths))
        whole = np.append(azimuths, 360)
        fine = {
            name: CubicSpline(whole, np.c_[each, each[:, :1]], axis=1, bc_type="periodic")(np.arange(360))
            for name, each in nats.items()
        }
        rows = [errors_on_the_circle(fine, temperature) for temperature in NATS]
        squares = np.array([row[0] for row in rows])
        best = squares.mean(axis=1).argmin()
        r = np.corrcoef(rows[best][1], people)[0, 1]
        error = np.sqrt(squares[best].mean())
        print(f"field {field:g}°: {pixels:.1f} pixels, T = {NATS[best]:.0f} nats, error {error:.2f}°, r = {r:.2f}")
        table.append(squares.mean(axis=1))
        sizes.append(pixels)
    for exponent in EXPONENTS:
        print(f"exponent {exponent}: error of the field left out {left_out(np.array(table), sizes, exponent):.2f}°")


def left_out(table, sizes, exponent):
    factors = np.geomspace(40, 4000, 60)
    logs = np.log(NATS)
    read = np.array(
        [np.interp(np.log(factors * size**exponent), logs, row) for row, size in zip(table, sizes, strict=True)]
    )
    chosen = [np.delete(read, i, axis=0).mean(axis=0).argmin() for i in range(len(read))]
    return np.sqrt(np.mean([read[i, j] for i, j in enumerate(chosen)]))


def plane(model):
    space = Space(FIRST.stimulus.axis.cones, 0.0)
    cells = Cells.begin(space)
    fine = cells.split()
    for field, temperatures in PLANE.items():
        nats, pixels = scored(model, field, cells.colours)
        known = {name: between(cells.centres, each.T, fine).T for name, each in nats.items()}
        for temperature in temperatures:
            errors = []
            grey = density(known[FIRST.reference], temperature * pixels, fine.volumes)
            for name, values in VALUES.items():
                there = carry(fine, density(known[name], temperature * pixels, fine.volumes), grey)
                angle = np.radians(values)
                image, _ = there.at(0.2 * np.stack([np.cos(angle), np.sin(angle)], axis=1))
                turned = np.degrees(np.arctan2(image[:, 1], image[:, 0])) - values
                errors.append(((turned + 180) % 360 - 180 - SHIFTS[name]) ** 2)
            print(f"plane, {field:g}°, T = {temperature} per pixel: error {np.sqrt(np.mean(errors)):.2f}°")


if __name__ == "__main__":
    natural = illusions.load_model("natural16")
    circle(natural)
    plane(natural)

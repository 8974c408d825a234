#!/usr/bin/env bash
# colour-science 0.4.7, colorspacious 1.1.2, ColorAide 8.13.1: how far a colour lies outside sRGB depends on the library. For CIELAB (D65) 50, 120, 0
# the green channel is -1.73 in the first two (the straight part of the curve is continued below 0) and -0.40 in ColorAide (the curve is
# mirrored at 0). Expected: agreement to some digits, as inside the gamut. So a gamut tolerance in sRGB values means different things.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet colour-science==0.4.7 colorspacious==1.1.2 coloraide==8.13.1 numpy==2.2.6
"$folder/venv/bin/python" -W ignore - <<'PY'
import colorspacious
import colour
from coloraide import Color


def green(lab):
    return {
        "colour-science": float(colour.XYZ_to_sRGB(colour.Lab_to_XYZ(lab))[1]),
        "colorspacious": float(colorspacious.cspace_convert(lab, "CIELab", "sRGB1")[1]),
        "ColorAide": Color("lab-d65", lab).convert("srgb")[1],
    }


inside, outside = green([50, 20, 0]), green([50, 120, 0])
print("inside ", {name: round(value, 3) for name, value in inside.items()})
print("outside", {name: round(value, 3) for name, value in outside.items()})
assert max(inside.values()) - min(inside.values()) < 0.001, "one of them has changed"
assert outside["colour-science"] < -1.7 and outside["colorspacious"] < -1.7 and -0.41 < outside["ColorAide"] < -0.39, "one has changed"
PY

#!/usr/bin/env bash
# normflows 1.7.3: two classes are called Logit and document the same formula, logit(alpha + (1 - alpha) x). That for
# data, `utils.preprocessing.Logit`, does this: white is infinite, and mid-grey is not 0. That for flows,
# `transforms.Logit`, uses 1 - 2 alpha: white and black are finite, and mid-grey is 0. Expected: the same numbers.
# `utils.eval.bitsPerDim` assumes the first. For data of the second it is wrong by 0.08 bits per dimension: uniform
# noise, whose exact value is 8, gets 7.92.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet normflows==1.7.3 torch==2.13.0 numpy==2.2.6
"$folder/venv/bin/python" - <<'PY'
import math

import normflows
import torch
from normflows.utils.eval import bitsPerDim

ALPHA = 0.05
greys = torch.tensor([[0.0, 0.5, 1.0]], dtype=torch.float64)
data, flow = normflows.utils.preprocessing.Logit(ALPHA), normflows.transforms.Logit(ALPHA)
of_data, of_flow = data(greys)[0], flow.inverse(greys)[0][0]
print("black, mid-grey, white by utils.preprocessing.Logit:", of_data.tolist())
print("black, mid-grey, white by transforms.Logit:         ", of_flow.tolist())


class Uniform:
    """Uniform noise in [0, 1), exactly: its log-density after a logit with this slope."""

    def __init__(self, slope):
        self.slope = slope

    def log_prob(self, y):
        terms = torch.nn.functional.logsigmoid(y) + torch.nn.functional.logsigmoid(-y) - math.log(self.slope)
        return terms.sum(dim=(1, 2, 3))


noise = torch.rand((4, 3, 8, 8), dtype=torch.float64, generator=torch.Generator().manual_seed(0))
bits_of_data = bitsPerDim(Uniform(1 - ALPHA), data(noise), trans_param=[ALPHA]).mean().item()
bits_of_flow = bitsPerDim(Uniform(1 - 2 * ALPHA), flow.inverse(noise)[0], trans_param=[ALPHA]).mean().item()
print(f"bits per dimension of uniform noise: {bits_of_data:.3f} with the first, {bits_of_flow:.3f} with the second")
assert math.isinf(of_data[2]) and abs(of_data[1]) > 0.09, "normflows has changed"
assert torch.isfinite(of_flow).all() and abs(of_flow[1]) < 1e-12, "normflows has changed"
assert abs(bits_of_data - 8) < 1e-6 and abs(bits_of_flow - 7.922) < 0.001, "normflows has changed"
PY

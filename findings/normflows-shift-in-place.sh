#!/usr/bin/env bash
# normflows 1.7.3: a flow with the layer `transforms.Shift` changes the caller's pictures whenever it scores them, as the
# layer adds in place. Expected: `log_prob` leaves its argument alone. Here the same batch gets another likelihood every
# time: the pictures become darker by 0.5 with each call.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet normflows==1.7.3 torch==2.13.0 numpy==2.2.6
"$folder/venv/bin/python" - <<'PY'
import normflows
import torch

base = normflows.distributions.DiagGaussian((3, 4, 4), trainable=False)
model = normflows.NormalizingFlow(base, [normflows.transforms.Shift(-0.5)])
pictures = torch.full((1, 3, 4, 4), 0.875)
means, scores = [], []
with torch.no_grad():
    for _ in range(3):
        means.append(pictures.mean().item())
        scores.append(round(model.log_prob(pictures).item(), 2))
print("mean of the pictures before each call:", means)
print("log-likelihood by each call:          ", scores)
assert means == [0.875, 0.375, -0.125], "normflows has changed"
assert len(set(scores)) == 3, "normflows has changed"
PY

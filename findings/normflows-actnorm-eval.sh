#!/usr/bin/env bash
# normflows 1.7.3: a Glow in evaluation mode, under no_grad, changes its parameters when it is first asked for a likelihood or a sample:
# ActNorm initialises itself from whatever passes first. Expected: eval() and no_grad() leave a model as it is. The same weights
# give the same patch different log-likelihoods, depending on which patches were scored first.
set -euo pipefail
folder=$(mktemp -d); trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet normflows==1.7.3 torch==2.13.0 numpy==2.2.6
"$folder/venv/bin/python" -W ignore - <<'PY'
import normflows as nf
import torch


def glow():
    steps = [nf.flows.GlowBlock(12, 8, split_mode="channel", scale=True) for _ in range(2)]
    return nf.MultiscaleFlow([nf.distributions.DiagGaussian((12, 4, 4))], [[*steps, nf.flows.Squeeze()]], []).eval()


torch.manual_seed(0)
weights = {name: value.clone() for name, value in glow().state_dict().items()}
patches, seen = torch.rand(64, 3, 8, 8), []
with torch.no_grad():
    for first in (patches[:1], patches):
        model = glow()
        model.load_state_dict(weights)
        model.log_prob(first, None)
        seen.append(float(model.log_prob(patches[:1], None)))
    sampled = glow()
    sampled.load_state_dict(weights)
    sampled.sample(4)
changed = sum(not torch.equal(value, weights[name]) for name, value in sampled.state_dict().items())
print(f"log-likelihood of one patch, scored first alone or after 64: {seen[0]:.1f}, {seen[1]:.1f} nats")
print(f"tensors that sampling changed: {changed}")
assert abs(seen[0] - seen[1]) > 1 and changed, "normflows has changed"
PY

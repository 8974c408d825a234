"""A trained model: bytes in, nats out."""

from __future__ import annotations

import copy
import math
import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from illusions import content
from illusions.errors import InputError
from illusions.models.calibration import CALIBRATION, Calibration, load_calibration
from illusions.models.devices import Precision, choose_device, keep_freed_memory
from illusions.models.glow import Glow
from illusions.models.latents import draw_samples, to_bytes
from illusions.models.networks import Network, build
from illusions.models.numerics import own_numerics
from illusions.models.recipe import RECIPE, Recipe, load_recipe
from illusions.models.scoring import Scorer
from illusions.models.stacks import Stack
from illusions.models.view import Noise, View
from illusions.models.weights import WEIGHTS, load_weights


class Model:
    """A network with its preprocessing of patches: a flow, or a variational autoencoder, whose likelihoods are bounds.

    Args:
        name: its name in tables and figures.
        network: the network, on its device.
        recipe: of its architecture, training and preprocessing.
        precision: ``"32"``, or ``"bf16"`` for the networks inside the couplings when likelihoods are computed.
        floor: least standard deviation by which patches are divided in place of the recipe's, see `View`.
        calibrated_temperature: the temperature that was fitted to human matches, or None.
    """

    def __init__(
        self,
        name: str,
        network: Network,
        recipe: Recipe,
        *,
        precision: Precision = "32",
        floor: float | None = None,
        calibrated_temperature: Calibration | None = None,
    ) -> None:
        self.name = name
        self.calibrated_temperature = calibrated_temperature
        self.network = network.eval().requires_grad_(False)
        self.recipe = recipe
        self.view = View(recipe.photographs, floor=floor)
        self.precision = precision
        self._floor = floor
        self._in_double: Model | None = None
        self._scorer = Scorer(self.network, torch.bfloat16 if precision == "bf16" else None)

    @property
    def flow(self) -> Glow:
        """The flow.

        Raises:
            InputError: the model is none.
        """
        if not isinstance(self.network, Glow):
            raise InputError(
                f"model '{self.name}' is a variational autoencoder, without exact latents and inverse; expected a flow"
            )
        return self.network

    @property
    def size(self) -> int:
        """Side of a patch, pixels."""
        return self.network.architecture.size

    @property
    def dimensions(self) -> int:
        """D, the number of values of a patch: channels · size²."""
        return self.network.architecture.dimensions

    @property
    def sees_colour(self) -> bool:
        """Whether any of its channels is not luminance."""
        return self.view.sees_colour

    @property
    def device(self) -> torch.device:
        """Device of the network."""
        return next(self.network.parameters()).device

    def log_likelihood(
        self, patches: ArrayLike, *, draws: int = 1, seed: int = 0, surround: NDArray[np.bool_] | None = None
    ) -> NDArray[np.float64]:
        """Log-likelihood ``(n,)`` of patches, in nats: the mean over `draws` of `log_likelihood_draws`."""
        mean: NDArray[np.float64] = self.log_likelihood_draws(patches, draws=draws, seed=seed, surround=surround).mean(
            axis=0
        )
        return mean

    def log_likelihood_draws(
        self,
        patches: ArrayLike,
        *,
        draws: int,
        seed: int = 0,
        common_noise: bool = True,
        surround: NDArray[np.bool_] | None = None,
        first: int = 0,
    ) -> NDArray[np.float64]:
        """Log-likelihood of patches under several noise samples.

        Args:
            patches: ``(n, size, size, 3)`` uint8, sRGB.
            draws: number of noise samples.
            seed: seed of the noise; sample i of one seed is the same in every call.
            common_noise: whether all patches share each noise sample (for sweeps), so that differences between them
                are not due to noise. Otherwise each patch has its own (for averages over photographs).
            surround: ``(size, size)``, bool: pixels by which a model normalises patches, in sweeps those that are the
                same at every value of the target. By default all pixels. Models without normalisation ignore it.
            first: index of the first noise sample.

        Returns:
            ``(draws, n)`` float64, nats for 8-bit data; for models that normalise or add Gaussian noise see
            `View.log_likelihood`. The mean over noise samples is a lower bound of the log-likelihood.

        Raises:
            InputError: the patches are of another shape or type, no pixel belongs to the surround, or a likelihood is
                not a finite number.
        """
        stack = Stack(np.asarray(patches), draws, seed, surround, first)
        return self._log_likelihood_of_stacks([stack], common_noise=common_noise)[0]

    def log_likelihood_of_stacks(self, stacks: Sequence[Stack]) -> list[NDArray[np.float64]]:
        """Score several stacks of patches together; see `log_likelihood_draws`.

        Returns:
            For each stack ``(draws, n)`` float64, nats.

        Raises:
            InputError: as `log_likelihood_draws`.
        """
        return self._log_likelihood_of_stacks(stacks, common_noise=True)

    @own_numerics()
    def _log_likelihood_of_stacks(self, stacks: Sequence[Stack], *, common_noise: bool) -> list[NDArray[np.float64]]:
        seen = []
        for stack in stacks:
            data = self._bytes(stack.patches)
            draws = range(stack.first, stack.first + stack.draws)
            seen += [
                self._see(data, seed=stack.seed, draw=draw, common_noise=common_noise, surround=stack.surround)
                for draw in draws
            ]
        log_density = self.view.log_likelihood(self._scorer(torch.cat(seen)), self.dimensions)
        found = self._finite(log_density.cpu().numpy())
        ends = np.cumsum([stack.draws * len(stack.patches) for stack in stacks])[:-1]
        parts = zip(np.split(found, ends), stacks, strict=True)
        return [part.reshape(stack.draws, len(stack.patches)) for part, stack in parts]

    @own_numerics()
    def likelihood_map(self, picture: ArrayLike, *, seed: int = 0) -> NDArray[np.float64]:
        """Log-likelihood of the patch at every position of a picture, all under the same noise.

        A model that normalises patches normalises each by itself.

        Args:
            picture: ``(height, width, 3)`` uint8, sRGB, not smaller than a patch.
            seed: seed of the noise.

        Returns:
            ``(height - size + 1, width - size + 1)`` float64, nats; the first value is that of the top left patch.

        Raises:
            InputError: the picture is of another shape or type, or smaller than a patch, or a likelihood is not a
                finite number.
        """
        array = np.asarray(picture)
        if array.ndim != 3 or array.shape[2] != 3 or array.dtype != np.uint8:
            raise InputError(
                f"model '{self.name}' maps pictures of shape (height, width, 3) and type uint8; "
                f"given: {array.shape}, {array.dtype}"
            )
        if min(array.shape[:2]) < self.size:
            raise InputError(f"the picture has {array.shape[1]}×{array.shape[0]} pixels; a patch needs {self.size}")
        data = torch.from_numpy(np.ascontiguousarray(array)).to(self.device)
        windows = data.unfold(0, self.size, 1).unfold(1, self.size, 1).permute(0, 1, 3, 4, 2)
        rows, columns = windows.shape[:2]
        rows_at_once = max(1, self._scorer.batch // columns)
        noise = self._noise(1, seed=seed)

        def score(band: Tensor) -> Tensor:
            return self._scorer(self.view.see(band.flatten(0, 1), noise))

        log_density = torch.cat(self._scorer.spread(score, windows.split(rows_at_once)))
        return self._finite(self.view.log_likelihood(log_density, self.dimensions).view(rows, columns).cpu().numpy())

    def sample(self, n: int = 1, *, temperature: float = 1.0, seed: int = 0) -> NDArray[np.uint8]:
        """Draw patches from the flow. `illusions sample` also gives their likelihood.

        Samples that overflow are replaced, and a warning gives their number.

        Args:
            n: how many.
            temperature: factor on the standard deviation of the latents, > 0. It is unrelated to T.
            seed: of the latents; the first patches of one seed are the same whatever n is.

        Returns:
            ``(n, size, size, 3)``, clipped to sRGB. For a model that does not see sRGB colours see `View.colours`.

        Raises:
            InputError: n is negative; the temperature is not positive, or so high that of ten draws per patch too few
                decode.
        """
        if n < 0:
            raise InputError(f"{n} samples; expected 0 or more")
        if not 0 < temperature < math.inf:
            raise InputError(f"a prior temperature of {temperature:g}; expected a positive number")
        drawn = draw_samples(self, n, temperature=temperature, seed=seed)
        if drawn.overflowed:
            warnings.warn(
                f"model '{self.name}': {drawn.overflowed} of {n + drawn.overflowed} draws at a prior temperature of "
                f"{temperature:g} overflowed and were replaced",
                stacklevel=2,
            )
        return to_bytes(drawn.colours)

    @own_numerics(gradients=True)
    def see(self, patches: ArrayLike, *, seed: int = 0) -> Tensor:
        """Preprocess patches ``(n, size, size, 3)`` uint8, under the first noise sample, which they share.

        Returns:
            ``(n, size, size, channels)``, on the model's device, in its type.

        Raises:
            InputError: the patches are of another shape or type.
        """
        return self._see(self._bytes(patches), seed=seed)

    @own_numerics()
    def has_flat_surround(self, patches: NDArray[np.uint8], surround: NDArray[np.bool_]) -> bool:
        """Whether the surround of patches has less contrast than the floor by which the model divides.

        Args:
            patches: ``(n, size, size, 3)``, sRGB.
            surround: ``(size, size)``, bool: the pixels without target.
        """
        return self.view.is_flat(self._bytes(patches), surround)

    def with_floor(self, floor: float) -> Model:
        """Return the model with a floor for the contrast of surrounds.

        Args:
            floor: standard deviation of luminance, as a share of the range. To models that do not normalise, and to
                those whose floors are added, it makes no difference.
        """
        return Model(
            self.name,
            self.network,
            self.recipe,
            precision=self.precision,
            floor=floor,
            calibrated_temperature=self.calibrated_temperature,
        )

    @own_numerics(gradients=True)
    def double(self) -> Model:
        """The same model in float64 on the CPU, to measure rounding errors. It is made once."""
        if self._in_double is None:
            network = copy.deepcopy(self.network).to("cpu", torch.float64)
            self._in_double = Model(
                self.name, network, self.recipe, floor=self._floor, calibrated_temperature=self.calibrated_temperature
            )
        return self._in_double

    def _see(
        self,
        data: Tensor,
        *,
        seed: int,
        draw: int = 0,
        common_noise: bool = True,
        surround: NDArray[np.bool_] | None = None,
    ) -> Tensor:
        noise = self._noise(1 if common_noise else len(data), seed=seed, draw=draw)
        return self.view.see(data, noise, surround=surround)

    def _noise(self, n: int, *, seed: int, draw: int = 0) -> Noise:
        noise = self.view.noise(n, self.size, seed=seed, draw=draw)
        gaussian = None if noise.gaussian is None else noise.gaussian.to(self.device, self._dtype)
        return Noise(noise.uniform.to(self.device, self._dtype), gaussian)

    def _finite(self, log_likelihood: NDArray[np.float64]) -> NDArray[np.float64]:
        """The same, which only absurd weights make infinite or NaN."""
        if not np.isfinite(log_likelihood).all():
            share = 100 * (1 - np.isfinite(log_likelihood).mean())
            raise InputError(
                f"model '{self.name}': the log-likelihood of {share:.3g} % of the patches is not finite; expected the "
                "weights that training left"
            )
        return log_likelihood

    @property
    def _dtype(self) -> torch.dtype:
        return next(self.network.parameters()).dtype

    def _bytes(self, patches: ArrayLike) -> Tensor:
        array = np.asarray(patches)
        expected = (self.size, self.size, 3)
        if array.ndim != 4 or array.shape[1:] != expected or array.dtype != np.uint8:
            raise InputError(
                f"model '{self.name}' takes patches of shape (n, {', '.join(map(str, expected))}) and type uint8; "
                f"given: {array.shape}, {array.dtype}"
            )
        return torch.from_numpy(np.ascontiguousarray(array)).to(self.device)


@own_numerics(gradients=True)
def load_model(name: str | Path, *, device: str = "auto", precision: Precision = "32", double: bool = False) -> Model:
    """Load a trained model.

    Args:
        name: a name in ``models/``, or a folder that holds ``recipe.toml`` and ``weights.safetensors``, and
            ``calibration.toml`` where its temperature was fitted to human matches.
        device: ``"auto"``, ``"cpu"``, ``"cuda"`` or ``"mps"``.
        precision: ``"32"``, or ``"bf16"`` for the networks inside the couplings.
        double: whether everything is computed in float64 instead of float32.

    Raises:
        InputError: there is no such model, no such device, or its weights or its calibration cannot be used.
    """
    folder = content.find("models", name)
    recipe = load_recipe(folder / RECIPE)
    chosen = choose_device(device)
    with torch.random.fork_rng(devices=[]):  # the weights are drawn before they are read
        network = build(recipe.architecture())
    load_weights(network, folder / WEIGHTS)
    if chosen.type == "cpu":
        keep_freed_memory(megabytes=256)
    dtype = torch.float64 if double else torch.float32
    calibrated = load_calibration(folder / CALIBRATION) if (folder / CALIBRATION).exists() else None
    return Model(
        folder.resolve().name, network.to(chosen, dtype), recipe, precision=precision, calibrated_temperature=calibrated
    )

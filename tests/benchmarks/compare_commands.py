"""Whole commands beside an earlier version: ``python tests/benchmarks/compare_commands.py``.

Every row runs the same work in both versions, in turn, each as a process of its own with one thread, and takes the
least of several rounds. Python keeps compiled modules, as it does for an installed package. Ratios are of processor
time (user and system), which other processes of the machine disturb less than wall time; wall time is written beside
it. Memory is the peak of the process. Writes its rows into ``commands.csv`` and leaves the others there.

The rows (``--row``, several; default all):

=================== ====================================================================================
rank                ``rank brightness-contrast``
match               ``match saturation-contrast``
figures             ``figures`` of eight analyses, once (of all 24 it takes minutes in each version)
battery             ``battery --set bindman2004``, six stimuli, once (all sets take half an hour in each version)
exaggerate          moving the patches of ``exaggerate``: 3,249, and from these the time of 512×512 pixels, once
heatmap             the map of a picture of 256×256 pixels, once
normflows           the same patches by normflows in batches and by this version, the benchmark's flow
likelihood          2,048 patches by natural16 and structure16
networks            GFLOP/s of the networks inside their couplings: PyTorch, and the kernel; this version alone
numbers             largest difference of percentile ranks and of matches of five stimuli, before to now
image-memory        ``rank --image`` of 2,400×1,600 pixels: bytes a pixel beyond 160×160
image-72            ``rank --image`` of 72 megapixels: peak, GB; this version alone
=================== ====================================================================================
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
import pandas as pd
from PIL import Image

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
#: As it was when the aims were set.
BEFORE = "fa6d30a"
#: Compiled modules of all runs, until this process ends.
_COMPILED = tempfile.TemporaryDirectory()
_COMMAND = "import sys; from illusions.cli import main; main(sys.argv[1:])"
#: Patches of each model, scored once for warmth and then timed.
_LIKELIHOOD = """
import json, sys, time, torch
from illusions.models.model import load_model
import numpy as np
patches = np.random.default_rng(0).integers(0, 256, (2048, 16, 16, 3), dtype=np.uint8)
times = {}
for name in ("natural16", "structure16"):
    model = load_model(name)
    model.log_likelihood(patches[:64])
    begun = time.process_time()
    model.log_likelihood(patches)
    times[name] = time.process_time() - begun
print(json.dumps(times))
"""

#: Seconds of the processor per patch.
_EXAGGERATE = """
import time
import numpy as np
from illusions.analyses.exaggeration.exaggeration import exaggerate
from illusions.models.model import load_model
random = np.random.default_rng(0)
picture = np.kron(random.integers(40, 216, (9, 9, 3)), np.ones((8, 8, 1))) + random.integers(-9, 10, (72, 72, 3))
target = np.zeros((72, 72), dtype=bool)
target[30:40, 30:40] = True
model = load_model("natural16")
begun = time.process_time()
(moved,) = exaggerate(picture.astype(np.uint8), target, model)
print((time.process_time() - begun) / moved.patches)
"""

_MAP = """
import json
from tests.benchmarks.compare_commands import normflows_map
print(json.dumps(normflows_map()))
"""

_NETWORKS = _MAP.replace("normflows_map", "network_rates")
#: Inputs, hidden channels, outputs and side of the levels of structure16 and natural16, and of `make bench`.
NETWORKS = [(2, 96, 4, 8), (4, 96, 8, 4), (6, 128, 12, 8), (12, 128, 24, 4), (24, 128, 48, 2), (6, 256, 12, 8)]

#: Of brightness: axes of colour are read by field since then.
STIMULI = ("brightness-contrast", "white", "todorovic", "benary", "mach-bands")
#: Of ``figures``: analyses that both versions have, of many kinds.
ANALYSES = (
    "brightness-match", "hue-match", "scale-brightness", "brightness-sensitivity", "photograph-map", "outliers",
    "exaggeration", "samples",
)  # fmt: skip


class Used(NamedTuple):
    """What a process used: processor time and wall time in seconds, peak memory in bytes, and its stdout."""

    processor: float
    wall: float
    peak: float
    printed: str


@click.command()
@click.option("--row", "rows", multiple=True, help="As listed above; several.  [default: all]")
@click.option("--before", default=BEFORE, show_default=True, help="The earlier version: a commit, or a folder.")
@click.option("--rounds", default=3, show_default=True, help="Of the rows that take seconds.")
@click.option("-o", "--output", type=click.Path(path_type=Path), default=HERE / "commands.csv", show_default=True)
def main(rows: tuple[str, ...], before: str, rounds: int, output: Path) -> None:
    """Compare whole commands with those of an earlier version."""
    found: list[dict[str, Any]] = []
    with versions(before) as trees:
        for name in rows or ROWS:
            for row in ROWS[name](trees, rounds):
                click.echo(row, err=True)
                found.append(row)
                write_rows(output, found, ["row"])
    click.echo(pd.DataFrame(found).to_string(index=False))


def write_rows(table: Path, rows: Sequence[Mapping[str, Any]], key: list[str]) -> None:
    """Write rows into a table, in place of those with the same key; all others stay."""
    new = pd.DataFrame(rows)
    if table.exists():
        old = pd.read_csv(table, keep_default_na=False, na_values={name: [""] for name in new if name not in key})
        places = {tuple(map(str, row)) for row in new[key].itertuples(index=False)}
        stay = [tuple(map(str, row)) not in places for row in old[key].itertuples(index=False)]
        new = pd.concat([old[stay].dropna(axis=1, how="all"), new], ignore_index=True)
    new.to_csv(table, index=False)


Trees = Mapping[str, Path]
Row = Callable[[Trees, int], Iterator[dict[str, Any]]]


def run(tree: Path, *arguments: str, script: str = _COMMAND, threads: int = 1) -> Used:
    """Run Python with the package of a folder, and say what it used."""
    with tempfile.TemporaryDirectory() as folder:
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-c", script, *(argument.replace("OUT", f"{folder}/out") for argument in arguments)],
            env=environment(tree, threads),
            cwd=tree,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        printed, complaints = process.communicate()
        wall, after = time.perf_counter() - begun, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        raise click.ClickException(f"{tree}: {' '.join(arguments)}: {complaints[-2000:]}")
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Used(processor, wall, _peak_of_children_in(script, printed), printed)


def environment(tree: Path, threads: int = 1) -> dict[str, str]:
    """That of a process with the package of a folder; compiled modules are kept outside the folder."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    ours = {"PYTHONPATH": str(tree), "PYTHONPYCACHEPREFIX": _COMPILED.name, "OMP_NUM_THREADS": str(threads)}
    return kept | ours


def _peak_of_children_in(script: str, printed: str) -> float:
    """The peak, bytes, that `_WITH_PEAK` prints last; 0 of other scripts."""
    return 1024 * float(printed.splitlines()[-1]) if script == _WITH_PEAK else 0


#: A command, and at its end the peak memory of its process, KiB.
_WITH_PEAK = """
import atexit, resource, sys
atexit.register(lambda: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))
from illusions.cli import main
main(sys.argv[1:])
"""


def timed(command: str, aim: float, *, once: bool = False) -> Row:
    """A row of a command, without ``-o``: processor time now ÷ before, at most `aim`."""

    def row(trees: Trees, rounds: int) -> Iterator[dict[str, Any]]:
        yield compared(command, aim, trees, 1 if once else rounds, *command.split(), "-o", "OUT")

    return row


def compared(
    name: str, aim: float, trees: Trees, rounds: int, *arguments: str, script: str = _COMMAND
) -> dict[str, Any]:
    """Both versions in turn, the least of the rounds."""
    runs: dict[str, list[Used]] = {version: [] for version in trees}
    for _ in range(rounds):
        for version, tree in trees.items():
            runs[version].append(run(tree, *arguments, script=script))
    least = {version: min(used.processor for used in of_one) for version, of_one in runs.items()}
    walls = {version: min(used.wall for used in of_one) for version, of_one in runs.items()}
    return ratio(name, "s", least["before"], least["now"], aim) | {
        "wall_before": round(walls["before"], 2),
        "wall_now": round(walls["now"], 2),
    }


def ratio(name: str, unit: str, before: float, now: float, aim: float | None = None) -> dict[str, Any]:
    """A row of the table."""
    return {
        "row": name,
        "unit": unit,
        "before": round(before, 2),
        "now": round(now, 2),
        "now_over_before": round(now / before, 3),
        "at_most": aim,
    }


def exaggerated(trees: Trees, _: int) -> Iterator[dict[str, Any]]:
    """Patches are moved in turn, so the time of a picture of 512×512 pixels follows from that of fewer patches."""
    patches = (512 - 16 + 1) ** 2
    seconds = {
        version: patches * float(run(tree, script=_EXAGGERATE).printed.splitlines()[-1])
        for version, tree in trees.items()
    }
    yield ratio("exaggerate, 512×512 pixels", "s", seconds["before"], seconds["now"], 0.25)


def mapped(trees: Trees, _: int) -> Iterator[dict[str, Any]]:
    """A map of noise."""
    with pictures(256, 256) as (picture, _mask):
        yield compared("heatmap, 256×256 pixels", 0.625, trees, 1, "heatmap", str(picture), "-o", "OUT")


def beside_normflows(trees: Trees, _: int) -> Iterator[dict[str, Any]]:
    """Patches of a map by normflows in batches (`tests/benchmarks/test_speed.py`)."""
    used = json.loads(run(trees["now"], script=_MAP).printed.splitlines()[-1])
    yield ratio("map, 256×256 pixels: normflows and now", "s", *used, 1 / 1.6)


def normflows_map() -> tuple[float, float]:
    """Processor time of normflows' patch batches and of `Scorer` here, for 1/16 of a picture's patches, times 16."""
    import torch

    from illusions.models.scoring import Scorer
    from tests.benchmarks.test_speed import BATCH, SIDE_BY_SIDE, build_ours, build_theirs, channels_first, patches

    x = patches(241 * 241 // 16)
    ours, theirs = Scorer(build_ours()), build_theirs()

    def seconds(score: Callable[[torch.Tensor], torch.Tensor], at_once: int) -> float:
        score(x[:at_once])
        begun = time.process_time()
        for batch in x.split(at_once):
            score(batch)
        return 16 * (time.process_time() - begun)

    def log_prob(batch: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = theirs.log_prob(channels_first(batch), None)  # type: ignore[operator]
        return found

    with torch.inference_mode():
        return min(seconds(log_prob, n) for n in (SIDE_BY_SIDE, BATCH)), seconds(ours, BATCH)


def scored(trees: Trees, rounds: int) -> Iterator[dict[str, Any]]:
    """Likelihoods alone, without imports."""
    times: dict[str, list[dict[str, float]]] = {version: [] for version in trees}
    for _ in range(rounds):
        for version, tree in trees.items():
            times[version].append(json.loads(run(tree, script=_LIKELIHOOD).printed.splitlines()[-1]))
    for model in times["now"][0]:
        least = {version: min(of_one[model] for of_one in times[version]) for version in trees}
        yield ratio(f"likelihood of 2,048 patches, {model}", "s", least["before"], least["now"])


def numbers(trees: Trees, _: int) -> Iterator[dict[str, Any]]:
    """Differences between the tables of both versions."""
    for command, table, column in (("rank", "ranks.csv", "percentile_rank"), ("match", "matches.csv", "pse")):
        with tempfile.TemporaryDirectory() as folder:
            for version, tree in trees.items():
                run(tree, command, *STIMULI, "-o", f"{folder}/{version}")
            before, now = (pd.read_csv(Path(folder) / version / table)[column] for version in ("before", "now"))
        difference = float((before - now).abs().max())
        yield {"row": f"{command} of {len(STIMULI)} stimuli, largest difference", "unit": column, "now": difference}


def networks(trees: Trees, _: int) -> Iterator[dict[str, Any]]:
    """The networks of the shipped models' couplings in float32, by PyTorch and by `illusions.models.fixed`."""
    for shape, rates in json.loads(run(trees["now"], script=_NETWORKS).printed.splitlines()[-1]).items():
        yield ratio(f"network {shape}", "GFLOP/s", *rates)


def network_rates() -> dict[str, tuple[float, float]]:
    """GFLOP/s of networks by PyTorch and by the kernel, by channels and side."""
    import torch

    from illusions.models.convolution import FixedConvolutions
    from illusions.models.fixed import FixedNetwork, kernel_for

    kernel = kernel_for(torch.zeros(1))
    if kernel is None:
        return {}
    rates = {}
    for inputs, hidden, outputs, side in NETWORKS:
        shapes = [(hidden, inputs, 3, 3), (hidden,), (hidden, hidden, 1, 1), (hidden,), (outputs, hidden, 3, 3)]
        parameters = [0.1 * torch.randn(shape) for shape in (*shapes, (outputs,))]
        x = torch.randn(128, side, side, inputs)
        operations = 2 * 128 * side**2 * hidden * (9 * inputs + hidden + 9 * outputs)
        with torch.inference_mode():
            seconds = [_fastest(of, x) for of in (FixedConvolutions(*parameters), FixedNetwork(kernel, *parameters))]
        by_pytorch, by_kernel = (operations / of_one / 1e9 for of_one in seconds)
        rates[f"{inputs} → {hidden} → {outputs} channels, {side}×{side}"] = by_pytorch, by_kernel
    return rates


def _fastest(function: Callable[[Any], object], x: Any) -> float:
    """Processor time of the fastest of ten calls, seconds."""
    times = []
    for _ in range(10):
        begun = time.process_time()
        function(x)
        times.append(time.process_time() - begun)
    return min(times)


def image_memory(trees: Trees, _: int) -> Iterator[dict[str, Any]]:
    """Peak of a large picture less that of a small one, per pixel."""
    peaks = {
        version: (peak_of_image(tree, 2400, 1600) - peak_of_image(tree, 160, 160)) / (2400 * 1600 - 160 * 160)
        for version, tree in trees.items()
    }
    yield ratio("rank --image, memory", "bytes a pixel", peaks["before"], peaks["now"]) | {"at_most_now": 40}


def large_image(trees: Trees, _: int) -> Iterator[dict[str, Any]]:
    """A picture of 72 megapixels."""
    peak = peak_of_image(trees["now"], 10392, 6928) / 1e9
    yield {"row": "rank --image, 72 megapixels, peak", "unit": "GB", "now": round(peak, 2), "at_most_now": 4}


def peak_of_image(tree: Path, width: int, height: int) -> float:
    """Peak memory, bytes, of ``rank --image``."""
    with pictures(width, height) as (picture, mask):
        arguments = "--image", str(picture), "--mask", str(mask), "--axis", "brightness", "-o", "OUT"
        return run(tree, "rank", *arguments, script=_WITH_PEAK).peak


@contextmanager
def pictures(width: int, height: int) -> Iterator[tuple[Path, Path]]:
    """A picture of smooth structure with a grey disc in its middle, and the mask of the disc."""
    random = np.random.default_rng(0)
    small = Image.fromarray(random.integers(0, 256, (max(2, height // 16), max(2, width // 16), 3), dtype=np.uint8))
    picture = np.array(small.resize((width, height), Image.Resampling.BICUBIC))
    y, x = np.ogrid[:height, :width]
    disc = (y - height / 2) ** 2 + (x - width / 2) ** 2 < (min(height, width) / 10) ** 2
    picture[disc] = (150, 110, 110)
    with tempfile.TemporaryDirectory() as folder:
        paths = Path(folder) / "picture.png", Path(folder) / "mask.png"
        Image.fromarray(picture).save(paths[0])
        Image.fromarray(disc.astype(np.uint8) * 255).save(paths[1])
        yield paths


@contextmanager
def versions(before: str) -> Iterator[dict[str, Path]]:
    """Folders of both versions; a commit is checked out of the repository's history into a temporary folder."""
    if Path(before).is_dir():
        yield {"before": Path(before), "now": ROOT}
        return
    with tempfile.TemporaryDirectory() as folder:
        archive = subprocess.run(["git", "archive", before], cwd=ROOT, check=True, capture_output=True).stdout
        subprocess.run(["tar", "-x", "-C", folder], input=archive, check=True)
        yield {"before": Path(folder), "now": ROOT}


ROWS: dict[str, Row] = {
    "rank": timed("rank brightness-contrast", 0.55),
    "match": timed("match saturation-contrast", 0.5),
    "likelihood": scored,
    "networks": networks,
    "heatmap": mapped,
    "normflows": beside_normflows,
    "exaggerate": exaggerated,
    "numbers": numbers,
    "image-memory": image_memory,
    "image-72": large_image,
    "figures": timed(f"figures {' '.join(ANALYSES)}", 0.6, once=True),
    "battery": timed("battery --set bindman2004", 0.5, once=True),
}

if __name__ == "__main__":
    main()

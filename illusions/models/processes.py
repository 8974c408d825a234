"""Several processes that train one model: on one machine, or on several nodes under torchrun."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch.distributed as dist

from illusions.errors import InputError

if TYPE_CHECKING:
    from lightning_fabric import Fabric
    from torch._C._distributed_c10d import Store

#: Under which key a process that fails says why, and how often the others look, in seconds.
_FAILED, _EVERY = "illusions/failed", 0.5
#: What starts a command several times, and the variable in which it says how often. A job without srun has none.
_LAUNCHERS = {"srun": "SLURM_STEP_NUM_TASKS", "mpirun": "OMPI_COMM_WORLD_SIZE"}
#: Seconds for which a process that failed waits, so that the first one can say why before it is stopped.
_GRACE = 3.0


def launch(kind: str, devices: int, nodes: int) -> Fabric:
    """Start as many processes on this machine as there are devices; every one of them goes on from here.

    Under torchrun (https://docs.pytorch.org/docs/stable/elastic/run.html) they have been started already.

    Args:
        kind: ``"cpu"``, ``"cuda"`` or ``"mps"``.
        devices: processes on each node.
        nodes: machines.

    Raises:
        InputError: there are several nodes and torchrun has not started this process, or not as many as these; or srun
            or mpirun has started several.
    """
    from lightning_fabric import Fabric
    from lightning_fabric.plugins.environments.lightning import LightningEnvironment
    from lightning_fabric.plugins.environments.torchelastic import TorchElasticEnvironment
    from lightning_fabric.strategies.ddp import DDPStrategy

    _check_launcher()
    started = int(os.environ["WORLD_SIZE"]) if "TORCHELASTIC_RUN_ID" in os.environ else None
    if nodes > 1 and started is None:
        raise InputError(
            f"--nodes {nodes}: nothing has started the other nodes; expected, on each: torchrun --nnodes={nodes} "
            f"--nproc-per-node={devices} --rdzv-backend=c10d --rdzv-endpoint=HOST:PORT $(which illusions) train …"
        )
    if started is not None and started != nodes * devices:
        raise InputError(
            f"torchrun has started {started} processes; expected --nodes times --devices of them, {nodes * devices}"
        )
    # The buffers of a flow never change: they are shared once, when training begins, and not before every update.
    strategy = DDPStrategy(broadcast_buffers=False) if nodes * devices > 1 else "auto"
    # Said and not guessed: in a job of SLURM, Fabric would wait for processes that srun alone starts.
    environment = LightningEnvironment() if started is None else TorchElasticEnvironment()
    fabric = Fabric(accelerator=kind, devices=devices, num_nodes=nodes, strategy=strategy, plugins=environment)
    fabric.launch()
    return fabric


def _check_launcher() -> None:
    """Refuse to be one of several that a scheduler has started: each would train a model of its own into one folder."""
    if "TORCHELASTIC_RUN_ID" in os.environ:  # one torchrun per task of srun, say
        return
    for launcher, variable in _LAUNCHERS.items():
        n = os.environ.get(variable, "")
        if n.isdigit() and int(n) > 1:
            raise InputError(
                f"{launcher} has started this command {n} times; expected it once (srun --ntasks=1, or no {launcher}), "
                "and --devices for the processes of a machine, or torchrun for several machines"
            )


@contextmanager
def together(fabric: Fabric) -> Iterator[None]:
    """Let an error of one process end all of them within seconds, where one might wait for another for ever.

    The process that fails says why; the others look twice a second, and end. On standard error the first process
    repeats what another said.
    """
    if fabric.world_size == 1:
        yield
        return
    store, over = _store(), threading.Event()
    threading.Thread(target=_watch, args=(store, over, fabric.is_global_zero), daemon=True).start()
    try:
        yield
    except Exception as error:
        over.set()
        reason = str(error) if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        _say(store, f"process {fabric.global_rank} of {fabric.world_size} failed: {reason}")
        if not fabric.is_global_zero:
            time.sleep(_GRACE)
        raise
    finally:
        over.set()


def _watch(store: Store, over: threading.Event, speaks: bool) -> None:
    """End this process, which may hang in a call that waits for another one, when another says that it failed."""
    while not over.wait(_EVERY):
        try:
            if not store.check([_FAILED]):
                continue
            reason = store.get(_FAILED).decode()
        except RuntimeError:  # the process that keeps the store is gone
            reason = "the first process has ended"
        if over.is_set():
            return
        if speaks:
            print(reason, file=sys.stderr, flush=True)
        os._exit(2)


def _say(store: Store, reason: str) -> None:
    try:
        if not store.check([_FAILED]):
            store.set(_FAILED, reason)
    except RuntimeError:  # the process that keeps the store is gone, so that the others know
        return


def _store() -> Store:
    """The store through which the processes found each other."""
    return dist.distributed_c10d._get_default_store()

from __future__ import annotations

import json
import os
import pickle
import struct

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from illusions.errors import InputError
from illusions.models.weights import load_weights, read_tensors, write_tensors


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights.safetensors"


def module():
    torch.manual_seed(0)
    return nn.Linear(3, 2)


def written(path):
    """Weights of a module at the path."""
    write_tensors(path, module().state_dict(), {"update": 7})
    return path


def test_what_is_written_is_read(path):
    tensors, metadata = read_tensors(written(path))
    assert metadata == {"update": 7}
    assert torch.equal(tensors["weight"], module().weight)
    other = nn.Linear(3, 2)
    load_weights(other, path)
    assert torch.equal(other.weight, module().weight)


def test_tensors_that_share_memory_or_are_views_are_written(path):
    shared = torch.arange(6.0).view(2, 3)
    write_tensors(path, {"a": shared, "b": shared.T, "c": torch.tensor(3, dtype=torch.int64)}, {})
    tensors, _ = read_tensors(path)
    assert tensors["b"].tolist() == shared.T.tolist()
    assert tensors["c"].item() == 3


def truncate(path):
    path.write_bytes(written(path).read_bytes()[:-5])


def truncate_in_the_header(path):
    path.write_bytes(written(path).read_bytes()[:40])


def empty(path):
    path.write_bytes(b"")


def pickled(path):
    torch.save(module().state_dict(), path)


def wants_to_run_code(path):
    class Evil:
        def __reduce__(self):
            return (path.with_name("was_run").mkdir, ())

    path.write_bytes(pickle.dumps(Evil()))


def metadata_that_is_not_ours(path):
    header = {"__metadata__": {"update": "{"}, "weight": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]}}
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(4))


def test_metadata_of_another_program_is_kept_as_text(path):
    metadata_that_is_not_ours(path)
    _, metadata = read_tensors(path)
    assert metadata == {"update": "{"}


@pytest.mark.parametrize("make", [truncate, truncate_in_the_header, empty, pickled, wants_to_run_code])
def test_a_damaged_file_is_refused(make, path):
    make(path)
    with pytest.raises(InputError, match=r"weights\.safetensors: is no complete safetensors file"):
        load_weights(module(), path)
    assert not path.with_name("was_run").exists()


def test_no_file(path):
    with pytest.raises(InputError, match="no such file; expected the weights of a model"):
        load_weights(module(), path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda state: state.pop("bias"), "another architecture ('bias' is missing)"),
        (lambda state: state.update(weight=torch.zeros(2, 4)), "'weight' has the shape (2, 4), expected (2, 3)"),
        (lambda state: state.update(more=torch.zeros(1)), "'more' is not part of this one"),
        (lambda state: state.update(bias=torch.ones(2, dtype=torch.int32)), "'bias' is int32, expected float32"),
        (lambda state: state["weight"].fill_(torch.nan), "not finite"),
        (lambda state: state["bias"].fill_(torch.inf), "not finite"),
    ],
)
def test_weights_that_do_not_fit_are_refused_and_change_nothing(change, message, path):
    state = {name: tensor.clone() for name, tensor in module().state_dict().items()}
    change(state)
    save_file(state, path)
    target = module()
    with pytest.raises(InputError) as error:
        load_weights(target, path)
    assert message in str(error.value)
    assert str(path) in str(error.value)
    assert torch.equal(target.weight, module().weight)


def test_a_write_that_fails_leaves_the_old_file(path, monkeypatch):
    before = written(path).read_bytes()

    def disk_full(file, data):
        with file.open("wb") as opened:
            opened.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_bytes", disk_full)
    with pytest.raises(InputError, match=r"cannot be written .*No space left on device"):
        write_tensors(path, nn.Linear(3, 2).state_dict(), {})
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_folder_that_is_not_there_is_said_and_nothing_stays(tmp_path):
    with pytest.raises(InputError, match="cannot be written"):
        write_tensors(tmp_path / "missing" / "weights.safetensors", module().state_dict(), {})
    assert not list(tmp_path.iterdir())


def test_nothing_temporary_stays_and_everybody_can_read_the_file(path):
    before = os.umask(0o022)
    written(path)
    os.umask(before)
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    assert path.stat().st_mode & 0o777 == 0o644

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from illusions.errors import InputError
from illusions.models import streaming
from illusions.models.photographs import PhotographBank
from illusions.models.streaming import PhotographStream, decoded_bytes, open_photographs
from tests.models.pictures_for_training import write_pictures

FILES, CROPS, AT_ONCE = 60, 3, 20


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Photographs whose colour says which they are, and whose brightness grows to the right."""
    folder = tmp_path_factory.mktemp("photographs")
    for number in range(FILES):
        picture = np.full((12 + number % 5, 20, 3), number + 1, np.uint8)
        picture[..., 1] = np.arange(20)
        Image.fromarray(picture).save(folder / f"{number:02d}.png")
    return sorted(folder.iterdir())


@pytest.fixture
def decoded(monkeypatch, tmp_path):
    """How often each photograph has been decoded, by all workers (who are forked, and append to one file)."""
    log = tmp_path / "decoded.txt"
    read = streaming.read_picture

    def read_and_tell(path, **options):
        with log.open("a") as file:
            file.write(Path(path).name + "\n")
        return read(path, **options)

    monkeypatch.setattr(streaming, "read_picture", read_and_tell)
    monkeypatch.setattr(
        streaming,
        "DataLoader",
        lambda *given, **options: DATA_LOADER(*given, multiprocessing_context="fork", **options),
    )
    return lambda: Counter(log.read_text().split())


DATA_LOADER = streaming.DataLoader


def stream(paths, seed=0):
    return PhotographStream(paths, seed=seed, crops=CROPS, at_once=AT_ONCE)


def draw(source, n=10, first=0, *, flip=False, share=slice(None)):
    return source.random_patches(n, 8, torch.Generator(), flip=flip, first=first, share=share)


def photographs_of(patches):
    return (patches[:, 0, 0, 0].int() - 1).tolist()


def test_every_photograph_gives_its_patches_once_per_epoch(paths):
    epoch = draw(stream(paths), FILES * CROPS)
    assert epoch.shape == (FILES * CROPS, 8, 8, 3)
    assert Counter(photographs_of(epoch)) == Counter({number: CROPS for number in range(FILES)})


def test_nothing_is_decoded_twice_per_epoch(paths, decoded):
    source = stream(paths)
    block = AT_ONCE * CROPS
    for first in range(0, FILES * CROPS - block, 6):  # the last block is read ahead meanwhile
        draw(source, 6, first)
    counts = decoded()
    assert max(counts.values()) == 1
    assert len(counts) >= FILES - AT_ONCE


def test_memory_is_bounded_only_a_block_is_read_ahead(paths, decoded):
    source = stream(paths * 20)
    draw(source, 5)
    assert len(source._blocks) == 1
    assert sum(decoded().values()) <= 4 * AT_ONCE  # of 1200: this block, the next, and what is on its way


def test_a_batch_has_no_photograph_twice(paths):
    source = stream(paths)
    for first in range(0, 60, AT_ONCE):
        assert len(set(photographs_of(draw(source, AT_ONCE, first)))) == AT_ONCE


def test_epochs_have_orders_of_their_own_and_so_do_seeds(paths):
    source = stream(paths)
    first, second = photographs_of(draw(source, 20)), photographs_of(draw(source, 20, FILES * CROPS))
    assert first != second
    assert photographs_of(draw(stream(paths, seed=1), 20)) != first


def test_any_part_of_the_stream_can_be_drawn_first(paths):
    whole = draw(stream(paths), 300, flip=True)
    for first, n in ((0, 7), (55, 30), (130, 1), (170, 130)):
        assert torch.equal(draw(stream(paths), n, first, flip=True), whole[first : first + n])


def test_shares_make_up_the_whole_and_each_decodes_its_own(paths, decoded):
    whole = draw(stream(paths), 40)
    before = sum(decoded().values())
    for rank in range(2):
        share = slice(rank, None, 2)
        source = stream(paths)
        assert torch.equal(draw(source, 40, share=share), whole[share])
    assert sum(decoded().values()) - before < 2.2 * before / 2 + 2 * AT_ONCE


def test_patches_come_from_every_place_and_half_are_mirrored(paths):
    source = PhotographStream(paths, seed=0, crops=200, at_once=20)
    patches = source.random_patches(4_000, 8, torch.Generator()).numpy().astype(int)
    slope = patches[:, 0, 1, 1] - patches[:, 0, 0, 1]
    assert set(slope) == {-1, 1}
    assert (slope < 0).mean() == pytest.approx(0.5, abs=0.04)
    lefts = Counter(patches[..., 1].min(axis=(1, 2)))
    assert set(lefts) == set(range(13))
    assert min(lefts.values()) > 0.7 * 4_000 / 13


def test_what_cannot_be_used_is_passed_over_counted_and_replaced(paths, tmp_path):
    folder = tmp_path / "some"
    folder.mkdir()
    for path in paths:
        (folder / path.name).symlink_to(path)
    for name in ("07.png", "33.png"):
        (folder / name).unlink()
        (folder / name).write_bytes(b"no picture")
    source = stream(sorted(folder.iterdir()))
    epoch = draw(source, FILES * CROPS)
    counts = Counter(photographs_of(epoch))
    assert sum(counts.values()) == FILES * CROPS
    assert set(counts) == set(range(FILES)) - {7, 33}
    assert len(source.skipped) == 2
    assert all("is no picture" in reason for reason in source.skipped)
    again = draw(stream(sorted(folder.iterdir())), 60, 60)
    assert torch.equal(again, epoch[60:120])
    draw(source, FILES * CROPS, FILES * CROPS)
    assert len(source.skipped) == 2


def test_photographs_without_colour_are_counted(tmp_path):
    files = write_pictures(tmp_path, 5)
    for path in files[1:3]:
        Image.open(path).convert("L").save(path)
    source = PhotographStream(files, seed=0, crops=1, at_once=5)
    assert source.grey == 0
    draw(source, 5)
    assert source.grey == 2
    assert open_photographs(files, 8, torch.device("cpu"), seed=0).grey == 2


def test_nothing_that_can_be_used_is_an_error(tmp_path):
    for number in range(25):
        (tmp_path / f"{number}.png").touch()
    with pytest.raises(InputError, match=r"none of 20 photographs in a row can be used; the first: .*\.png"):
        draw(stream(sorted(tmp_path.iterdir())))


class TestOpenPhotographs:
    def test_what_fits_is_held_in_memory(self, paths):
        source = open_photographs(paths, 8, torch.device("cpu"), seed=0)
        assert isinstance(source, PhotographBank)
        assert len(source) == FILES

    def test_what_does_not_fit_is_streamed(self, paths, monkeypatch):
        monkeypatch.setattr(streaming, "LARGEST_BANK", decoded_bytes(paths) - 1)
        assert isinstance(open_photographs(paths, 8, torch.device("cpu"), seed=0), PhotographStream)

    def test_the_estimate_is_exact_for_few_and_near_for_many(self, paths, monkeypatch):
        exact = 3 * 20 * sum(12 + number % 5 for number in range(FILES))
        assert decoded_bytes(paths) == pytest.approx(exact)
        monkeypatch.setattr(streaming, "_HEADERS", 20)
        assert decoded_bytes(paths) == pytest.approx(exact, rel=0.2)

    def test_files_that_are_no_pictures_count_nothing(self, tmp_path):
        good = write_pictures(tmp_path, 1)
        (tmp_path / "b.png").write_text("no picture")
        assert decoded_bytes([*good, tmp_path / "b.png"]) == 3 * 24 * 32

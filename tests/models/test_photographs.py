from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.testing import assert_array_equal
from PIL import Image

from illusions.errors import InputError
from illusions.models.photographs import PhotographBank, cut_evenly, quarter_turned
from illusions.photographs import read_photographs
from tests.models.pictures_for_training import write_pictures


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def numbered(height, width, number):
    """A picture whose pixels say where they are: row, column, number of the picture."""
    y, x = np.mgrid[:height, :width]
    return np.stack([y, x, np.full_like(x, number)], axis=-1).astype(np.uint8)


def test_patches_are_turned_counterclockwise():
    patches = torch.from_numpy(np.stack([numbered(4, 4, i) for i in range(4)]))
    found = quarter_turned(patches, torch.tensor([0, 1, 2, 3]))
    for i in range(4):
        assert_array_equal(found[i], np.rot90(numbered(4, 4, i), i))


class TestPhotographBank:
    sizes = (9, 20), (8, 8), (30, 11)

    @pytest.fixture
    def bank(self):
        return PhotographBank(numbered(*size, i) for i, size in enumerate(self.sizes))

    def test_patches_are_cut_where_they_should_be(self, bank):
        index, top, left = torch.tensor([2, 0]), torch.tensor([22, 1]), torch.tensor([3, 0])
        found = bank.patches(index, top, left, 8).numpy()
        assert_array_equal(found[0], numbered(30, 11, 2)[22:30, 3:11])
        assert_array_equal(found[1], numbered(9, 20, 0)[1:9, 0:8])

    def test_mirrored_patches_are_mirrored_left_to_right(self, bank):
        where = torch.tensor([0, 0]), torch.tensor([1, 1]), torch.tensor([4, 4])
        found = bank.patches(*where, 8, mirrored=torch.tensor([True, False])).numpy()
        assert_array_equal(found[0], numbered(9, 20, 0)[1:9, 4:12][:, ::-1])
        assert_array_equal(found[1], numbered(9, 20, 0)[1:9, 4:12])

    def test_random_patches_come_from_every_photograph_and_every_position_equally(self, bank):
        patches = bank.random_patches(20_000, 8, generator(), flip=False).numpy()
        assert patches.dtype == np.uint8
        steps = patches[:, 1:].astype(int) - patches[:, :-1]
        assert (steps[..., 0] == 1).all()
        assert (steps[..., 1:] == 0).all()
        for number, (height, width) in enumerate(self.sizes):
            corners = patches[patches[:, 0, 0, 2] == number][:, 0, 0, :2]
            assert len(corners) == pytest.approx(20_000 / 3, rel=0.05)
            counts = np.histogram2d(*corners.T, bins=(range(height - 6), range(width - 6)))[0]
            expected = len(corners) / counts.size
            assert abs(counts - expected).max() < 5 * np.sqrt(expected)

    def test_half_of_the_patches_are_mirrored(self, bank):
        patches = bank.random_patches(4_000, 8, generator()).numpy().astype(int)
        mirrored = (patches[:, 0, 1, 1] - patches[:, 0, 0, 1]) == -1
        assert mirrored.mean() == pytest.approx(0.5, abs=0.04)

    def test_the_same_seed_draws_the_same(self, bank):
        first, again, other = (bank.random_patches(50, 8, generator(seed)) for seed in (1, 1, 2))
        assert torch.equal(first, again)
        assert not torch.equal(first, other)

    def test_shares_make_up_the_whole(self, bank):
        whole = bank.random_patches(10, 8, generator())
        for rank in range(2):
            share = slice(rank, None, 2)
            assert torch.equal(bank.random_patches(10, 8, generator(), share=share), whole[share])


class TestCutEvenly:
    def test_equally_many_from_every_photograph_at_their_places(self, tmp_path):
        paths = [tmp_path / f"{i}.png" for i in range(3)]
        for i, path in enumerate(paths):
            Image.fromarray(numbered(20 + i, 30, i)).save(path)
        found = cut_evenly(paths, 8, 601)
        assert found.patches.shape == (3 * 201, 8, 8, 3)
        assert_array_equal(found.photographs, np.repeat([0, 1, 2], 201))
        assert_array_equal(found.patches[:, 0, 0, 2], found.photographs)
        for patch in found.patches[::50]:
            top, left, number = patch[0, 0]
            assert_array_equal(patch, numbered(30, 30, number)[top : top + 8, left : left + 8])
        corners = found.patches[found.photographs == 2][:, 0, 0]
        assert (corners[:, 0].min(), corners[:, 0].max()) == (0, 14)
        assert (corners[:, 1].min(), corners[:, 1].max()) == (0, 22)

    def test_the_same_seed_cuts_the_same_and_as_a_bank_does(self, tmp_path):
        paths = write_pictures(tmp_path, 4)
        found = cut_evenly(paths, 16, 20, seed=3)
        place = torch.rand(2, 20, generator=generator(3), dtype=torch.float64)
        bank = PhotographBank(read_photographs(paths, 16)[0])
        top, left = (place[0] * (24 - 15)).long(), (place[1] * (32 - 15)).long()
        assert_array_equal(found.patches, bank.patches(torch.arange(4).repeat_interleave(5), top, left, 16).numpy())
        assert not np.array_equal(found.patches, cut_evenly(paths, 16, 20, seed=4).patches)

    def test_of_more_photographs_than_patches_some_are_taken(self, tmp_path):
        found = cut_evenly(write_pictures(tmp_path, 10), 16, 4)
        assert_array_equal(found.photographs, range(4))

    def test_what_cannot_be_used_is_passed_over(self, tmp_path):
        paths = write_pictures(tmp_path, 3)
        paths[1].write_text("no picture")
        found = cut_evenly(paths, 16, 6)
        assert_array_equal(found.photographs, [0, 0, 2, 2])
        assert len(found.skipped) == 1

    def test_nothing_that_can_be_used_is_an_error(self, tmp_path):
        with pytest.raises(InputError, match=r"none of 2 files can be used as a photograph; the first: .*32×10 pixels"):
            cut_evenly(write_pictures(tmp_path, 2, height=10), 16, 6)

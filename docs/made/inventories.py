"""Where names of other packages are documented, as inventories that Sphinx reads, so that no build needs a network."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path

#: By site: its address, and of each name that our reference uses the role and the page.
_SITES = {
    "python": (
        "https://docs.python.org/3/",
        [
            ("pathlib.Path", "class", "library/pathlib.html#$"),
            ("str", "class", "library/stdtypes.html#$"),
            ("int", "class", "library/functions.html#$"),
            ("float", "class", "library/functions.html#$"),
            ("bool", "class", "library/functions.html#$"),
            ("object", "class", "library/functions.html#$"),
            ("dict", "class", "library/stdtypes.html#$"),
            ("list", "class", "library/stdtypes.html#$"),
            ("tuple", "class", "library/stdtypes.html#$"),
            ("None", "data", "library/constants.html#$"),
            ("ValueError", "exception", "library/exceptions.html#$"),
            ("typing.Any", "data", "library/typing.html#$"),
            ("typing.Literal", "data", "library/typing.html#$"),
            ("typing.Unpack", "data", "library/typing.html#$"),
            ("collections.abc.Callable", "class", "library/collections.abc.html#$"),
            ("collections.abc.Iterable", "class", "library/collections.abc.html#$"),
            ("collections.abc.Iterator", "class", "library/collections.abc.html#$"),
            ("collections.abc.Mapping", "class", "library/collections.abc.html#$"),
            ("collections.abc.Sequence", "class", "library/collections.abc.html#$"),
        ],
    ),
    "numpy": (
        "https://numpy.org/doc/stable/",
        [
            ("numpy.ndarray", "class", "reference/generated/numpy.ndarray.html#$"),
            ("numpy.dtype", "class", "reference/generated/numpy.dtype.html#$"),
            ("numpy.bool", "class", "reference/arrays.scalars.html#$"),
            ("numpy.uint8", "class", "reference/arrays.scalars.html#$"),
            ("numpy.int64", "class", "reference/arrays.scalars.html#$"),
            ("numpy.float64", "class", "reference/arrays.scalars.html#$"),
            ("numpy.typing.NDArray", "data", "reference/typing.html#$"),
            ("numpy.typing.ArrayLike", "data", "reference/typing.html#$"),
        ],
    ),
    "pandas": (
        "https://pandas.pydata.org/docs/",
        [("pandas.DataFrame", "class", "reference/api/pandas.DataFrame.html#$")],
    ),
    "torch": (
        "https://docs.pytorch.org/docs/stable/",
        [
            ("torch.Tensor", "class", "tensors.html#$"),
            ("torch.device", "class", "tensor_attributes.html#$"),
        ],
    ),
    "matplotlib": (
        "https://matplotlib.org/stable/",
        [
            ("matplotlib.axes.Axes", "class", "api/_as_gen/matplotlib.axes.Axes.html#$"),
            ("matplotlib.axes._axes.Axes", "class", "api/_as_gen/matplotlib.axes.Axes.html#matplotlib.axes.Axes"),
            ("matplotlib.figure.Figure", "class", "api/figure_api.html#$"),
        ],
    ),
}


def write_inventories(folder: Path) -> dict[str, tuple[str, str]]:
    """Write an inventory per site; what ``intersphinx_mapping`` takes."""
    folder.mkdir(parents=True, exist_ok=True)
    mapping = {}
    for site, (address, names) in _SITES.items():
        path = folder / f"{site}.inv"
        content = _inventory(site, names)
        if not path.is_file() or path.read_bytes() != content:
            path.write_bytes(content)
        mapping[site] = (address, str(path))
    return mapping


def _inventory(site: str, names: Iterable[tuple[str, str, str]]) -> bytes:
    """The second version of Sphinx' format: four lines of text, then a line per name, compressed."""
    head = f"# Sphinx inventory version 2\n# Project: {site}\n# Version: \n# The remainder is compressed using zlib.\n"
    lines = "".join(f"{name} py:{role} 1 {page} -\n" for name, role, page in names)
    return head.encode() + zlib.compress(lines.encode())

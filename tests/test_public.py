"""What `import illusions` gives, and what it costs."""

import subprocess
import sys

import pytest

import illusions


@pytest.mark.parametrize("name", [name for name in illusions.__all__ if not name.startswith("_")])
def test_every_name_is_there(name):
    thing = getattr(illusions, name)
    assert thing.__doc__
    assert name in dir(illusions)


def test_importing_brings_in_nothing_heavy():
    heavy = ("torch", "numpy", "pandas", "matplotlib", "pydantic", "skimage")
    code = f"import illusions, sys; print([name for name in {heavy} if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_stimuli_are_made_without_torch():
    code = (
        "import illusions, sys\n"
        "stimulus = illusions.stimuli.uniform(target='#808080', surrounds={'a': '#000000', 'b': '#ffffff'})\n"
        "stimulus._repr_html_(), repr(stimulus.with_scale(4))\n"
        "print('torch' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"


@pytest.mark.parametrize("module", [illusions, illusions.stimuli])
def test_what_is_not_there(module):
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        module.nonsense  # noqa: B018


@pytest.mark.parametrize("name", illusions.stimuli.__all__)
def test_every_family_is_there(name):
    assert getattr(illusions.stimuli, name).__name__ == name
    assert name in dir(illusions.stimuli)

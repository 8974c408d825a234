"""``python -m illusions``: the command line, where the folder of scripts is not on the path."""

from illusions.cli import main

main()

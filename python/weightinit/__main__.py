"""The command line: `weightinit …`, or `python -m weightinit …`."""

from __future__ import annotations

import os
import sys

from ._native import run


def main() -> None:
    """Runs the command line with this process's arguments, and ends the process with its exit code."""
    sys.stdout.flush()
    code = run(["weightinit", *sys.argv[1:]])
    # Without what Python and drivers do at the end of a process: nothing here has anything left to say.
    os._exit(code)


if __name__ == "__main__":
    main()

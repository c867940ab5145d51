"""What pickles call."""

from __future__ import annotations

from ._native import Initializer


def initializer(name: str, layout: str, groups: int, parameters: dict[str, float | str]) -> Initializer:
    """The initializer that was pickled."""
    return Initializer(name, layout=layout, groups=groups, **parameters)

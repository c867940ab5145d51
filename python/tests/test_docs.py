"""The code of the documents runs."""

from __future__ import annotations

import re

import pytest

from conftest import REPOSITORY


def blocks():
    for path in ["README.md", "python/README.md", "docs/python.md"]:
        for number, code in enumerate(
            re.findall(r"^```python\n(.*?)^```", (REPOSITORY / path).read_text(), re.M | re.S)
        ):
            yield pytest.param(code, id=f"{path}-{number}")


@pytest.mark.parametrize("code", [*blocks()])
def test_a_block_runs(code):
    for name in ["torch", "jax", "flax", "keras"]:
        if re.search(rf"^import .*\b{name}\b", code, re.M):
            pytest.importorskip(name)
    exec(compile(code, "<document>", "exec"), {})

"""FSDP2 and tensor parallelism under `torchrun`: every rank's shard is that slice of the whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("torch.distributed.fsdp")


def test_shards_are_slices_for_any_number_of_ranks(tmp_path):
    digests = {}
    for ranks in (1, 2, 4):
        folder = tmp_path / str(ranks)
        folder.mkdir()
        command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(ranks)]
        done = subprocess.run(
            [*command, str(Path(__file__).with_name("shards.py")), str(folder)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-4000:]
        digests[ranks] = {file.read_text() for file in folder.iterdir()}
        assert len(list(folder.iterdir())) == ranks
    assert len(set.union(*digests.values())) == 1

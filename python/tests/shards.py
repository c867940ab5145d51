"""What each rank of `torchrun` does for test_shards.py: it compares its shards of models with the whole."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch.distributed.device_mesh import init_device_mesh
from torch.distributed.fsdp import fully_shard
from torch.distributed.tensor import DTensor, Partial, Replicate, Shard, distribute_tensor

import weightinit.torch as wt
from weightinit.torch._tensor import located


class Block(torch.nn.Module):
    """Sizes that ranks do not divide, and some that are smaller than their number."""

    def __init__(self) -> None:
        """A block."""
        super().__init__()
        self.up = torch.nn.Linear(10, 23)
        self.norm = torch.nn.BatchNorm1d(23)
        self.down = torch.nn.Linear(23, 3, bias=False)


def model() -> torch.nn.Module:
    return torch.nn.Sequential(Block(), torch.nn.Sequential(Block()), torch.nn.Conv1d(5, 7, 3))


def digest(tensors: dict[str, torch.Tensor]) -> str:
    hasher = hashlib.sha256()
    for name, tensor in sorted(tensors.items()):
        hasher.update(
            name.encode() + tensor.contiguous().view(torch.uint8).numpy().tobytes() if tensor.dim() else name.encode()
        )
    return hasher.hexdigest()


def sharded(whole: dict[str, torch.Tensor], on_meta: bool) -> None:
    """FSDP2, where the shards are computed without the whole."""
    if on_meta:
        with torch.device("meta"):
            made = model()
    else:
        made = model()
    for block in (made[0], made[1][0]):
        fully_shard(block)
    fully_shard(made)
    wt.init_(made, "torch", seed=9)
    sharded = 0
    for name, tensor in made.state_dict().items():
        if isinstance(tensor, DTensor):
            _, shape, first = located(tensor)
            local = tensor.to_local()
            index = tuple(slice(start, start + size) for start, size in zip(first, local.shape, strict=True))
            assert shape == list(whole[name].shape) and torch.equal(local, whole[name][index]), name
            assert torch.equal(tensor.full_tensor(), whole[name]), name
            sharded += 1
        else:
            assert torch.equal(tensor, whole[name]), name
    assert sharded == len(list(made.parameters()))


def placed() -> None:
    """Shards along any axis, uneven ones, and replicas."""
    ranks = dist.get_world_size()
    meshes = [init_device_mesh("cpu", (ranks,))] + (
        [init_device_mesh("cpu", (2, ranks // 2))] if ranks % 2 == 0 else []
    )
    whole = wt.fill_(torch.empty(7, 6, 5, dtype=torch.bfloat16), "normal", seed=2**63, name="a")
    for mesh in meshes:
        kinds = [Shard(0), Shard(1), Shard(2), Replicate()]
        for placements in [[kind] for kind in kinds] if mesh.ndim == 1 else [[a, b] for a in kinds for b in kinds]:
            tensor = distribute_tensor(torch.zeros_like(whole), mesh, placements)
            assert wt.fill_(tensor, "normal", seed=2**63, name="a") is tensor
            assert torch.equal(tensor.full_tensor(), whole), placements
    partial = DTensor.from_local(torch.zeros(3), meshes[0], [Partial()])
    try:
        wt.fill_(partial, "normal", seed=0, name="a")
    except TypeError as error:
        assert "partial sums" in str(error)
    else:
        raise AssertionError("partial sums were filled")


def main() -> None:
    dist.init_process_group("gloo")
    plain = wt.init_(model(), "torch", seed=9)
    whole = {name: tensor.clone() for name, tensor in plain.state_dict().items()}
    for on_meta in (False, True):
        sharded(whole, on_meta)
    placed()
    Path(sys.argv[1], f"rank{dist.get_rank()}").write_text(digest(whole))
    dist.destroy_process_group()


main()

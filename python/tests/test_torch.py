"""PyTorch: tensors, modules, drop-ins, and models that initialize themselves."""

from __future__ import annotations

import inspect
import math

import ml_dtypes
import numpy as np
import pytest

import weightinit

torch = pytest.importorskip("torch")

import weightinit.torch as wt  # noqa: E402

SAME = {"seed": 7, "name": "fc.weight"}
DTYPES = ["float32", "float16", "bfloat16", "float64", "float8_e4m3fn", "float8_e5m2"]


def bits(tensor):
    words = {1: torch.uint8, 2: torch.int16, 4: torch.int32, 8: torch.int64}
    return tensor.detach().contiguous().view(words[tensor.element_size()]).numpy().tobytes()


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_type_of_a_cpu_tensor(dtype):
    out = torch.empty(64, 48, dtype=getattr(torch, dtype))
    weightinit.fill(out, "he_normal", **SAME)
    expected = weightinit.array((64, 48), "he_normal", dtype=getattr(ml_dtypes, dtype, dtype), **SAME)
    assert bits(out) == expected.tobytes()
    assert bits(wt.fill_(torch.empty_like(out), "he_normal", **SAME)) == expected.tobytes()


def test_tensors_of_all_kinds(weight):
    scalar = torch.empty(())
    weightinit.fill(scalar, "normal", seed=0, name="a")
    assert scalar == float(weightinit.array((), "normal", seed=0, name="a"))
    room = torch.zeros(128, 48)
    weightinit.fill(room[::2], "he_normal", **SAME)
    assert (room[::2].numpy() == weight).all() and not room[1::2].any()
    leaf = torch.nn.Parameter(torch.empty(64, 48))
    version = leaf._version
    weightinit.fill(leaf, "he_normal", **SAME)
    assert (leaf.detach().numpy() == weight).all() and leaf._version > version
    part = wt.fill_(torch.empty(64, 8), "he_normal", shape=(64, 48), offsets=(0, 40), **SAME)
    assert (part.numpy() == weight[:, 40:]).all()


def test_what_is_refused():
    for tensor, text in [
        (torch.empty(48, 64).T, "last axis of out is not contiguous"),
        (torch.empty(1, 4).expand(3, 4), "share their memory"),
        (torch.empty(4, dtype=torch.int32), "int32"),
        (torch.empty(4, dtype=torch.complex64), "complex64"),
        (torch.empty(4, 4).to_sparse(), "torch.strided"),
        (torch.empty(4, device="meta"), "out is on meta"),
    ]:
        with pytest.raises(weightinit.OutputError, match=text):
            weightinit.fill(tensor, "normal", **SAME)
    with pytest.raises(weightinit.OutputError, match="on meta, which has no memory"):
        wt.fill_(torch.empty(4, device="meta"), "normal", **SAME)


@pytest.mark.parametrize("init", ["he_normal", "orthogonal"])
def test_staging_as_for_other_devices(init, monkeypatch):
    from weightinit.torch import _tensor

    monkeypatch.setattr(_tensor, "STAGED", 100)
    out, initializer = torch.empty(64, 48), weightinit.Initializer(init)
    _tensor.staged(out, initializer, [64, 96], [0, 48], SAME)
    assert (out.numpy() == weightinit.array((64, 96), init, offsets=(0, 48), size=(64, 48), **SAME)).all()


def test_blocks_cover_a_tensor_once():
    from weightinit.torch._tensor import blocks

    for shape in [(), (1,), (7,), (3, 5), (2, 1, 9), (4, 3, 2, 5), (0, 3)]:
        for most in [1, 4, 7, 1000]:
            seen = np.zeros(shape, int)
            for index in blocks(shape, most):
                assert seen[index].size <= most
                seen[index] += 1
            assert (seen == 1).all()


@pytest.mark.parametrize("name", [name for name in wt.__all__ if name.endswith("_") and hasattr(torch.nn.init, name)])
def test_drop_ins_have_torchs_signatures(name):
    theirs, ours = (inspect.signature(getattr(place, name)).parameters for place in (torch.nn.init, wt))
    found = [(key, known.default, known.kind) for key, known in ours.items()]
    assert found[: len(theirs)] == [(key, known.default, known.kind) for key, known in theirs.items()]
    assert [key for key in ours if key not in theirs] == ["seed", "name"]


def test_drop_ins_have_torchs_scales():
    calls = {
        "uniform_": (-0.5, 2.0),
        "normal_": (0.5, 2.0),
        "trunc_normal_": (0.0, 1.0, -1.0, 0.5),
        "constant_": (3.0,),
        "ones_": (),
        "zeros_": (),
        "eye_": (),
        "xavier_uniform_": (2.0,),
        "xavier_normal_": (2.0,),
        "kaiming_uniform_": (math.sqrt(5),),
        "kaiming_normal_": (0.1, "fan_out", "relu"),
        "orthogonal_": (2.0,),
        "sparse_": (0.25, 0.5),
    }
    for name, arguments in calls.items():
        theirs, ours = torch.empty(400, 300), torch.empty(400, 300)
        getattr(torch.nn.init, name)(theirs, *arguments)
        assert getattr(wt, name)(ours, *arguments, **SAME) is ours
        assert abs(theirs.mean() - ours.mean()) < 0.02 * (1 + theirs.std()), name
        assert abs(theirs.std() - ours.std()) < 0.02 * theirs.std() + 1e-6, name
    kernel = torch.empty(8, 4, 3, 3)
    assert (wt.dirac_(kernel, 2) == torch.nn.init.dirac_(torch.empty(8, 4, 3, 3), 2)).all()
    with pytest.raises(weightinit.Error, match="a generator has no part"):
        wt.normal_(kernel, generator=torch.Generator(), **SAME)


def mlp():
    return torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.BatchNorm1d(16), torch.nn.Linear(16, 16))


def equal(one, other):
    one, other = one.state_dict(), other.state_dict()
    return one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def test_a_module_by_its_library(tmp_path):
    model = mlp()
    with torch.no_grad():
        model[1].running_mean.add_(3)
        model[1].num_batches_tracked.add_(3)
    assert wt.init_(model, seed=3) is model
    weight = weightinit.array((16, 8), "uniform", seed=3, name="0.weight", low=-(8**-0.5), high=8**-0.5)
    assert (model[0].weight.detach().numpy() == weight).all()
    assert not model[1].running_mean.any() and model[1].num_batches_tracked == 0 and (model[1].running_var == 1).all()


def test_a_module_equals_its_file(tmp_path):
    from safetensors.torch import load_file, save_file

    model = mlp()
    save_file(model.state_dict(), tmp_path / "shapes.safetensors")
    weightinit.init_file(
        tmp_path / "shapes.safetensors", tmp_path / "out.safetensors", recipe="torch", seed=3, backend="cpu"
    )
    found = load_file(tmp_path / "out.safetensors")
    wt.init_(model, "torch", seed=3)
    assert all(torch.equal(found[name], tensor) for name, tensor in model.state_dict().items())


def test_meta_and_ties():
    class Tied(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.embed = torch.nn.Embedding(50, 8)
            self.body = torch.nn.Linear(8, 8, bias=False)
            self.head = torch.nn.Linear(8, 50, bias=False)
            self.head.weight = self.embed.weight

    rules = {"embed.weight": {"init": "normal", "std": 0.02}, "*.weight": "xavier_uniform"}
    plain = wt.init_(Tied(), rules, seed=5)
    with torch.device("meta"):
        meta = Tied()
    wt.init_(meta, rules, seed=5)
    assert equal(plain, meta) and meta.head.weight is meta.embed.weight and meta.body.weight.device.type == "cpu"
    assert (
        plain.embed.weight.detach().numpy()
        == weightinit.array((50, 8), "normal", std=0.02, seed=5, name="embed.weight")
    ).all()
    compiled = wt.init_(torch.compile(Tied()), rules, seed=5)
    assert torch.equal(compiled._orig_mod.body.weight, plain.body.weight)


def test_modules_that_nothing_decides_stay():
    model = mlp()
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    with pytest.raises(weightinit.Error, match=r"no rule decides '0\.bias'"):
        wt.init_(model, {"*.weight": "ones"})
    with pytest.raises(weightinit.Error, match=r"no tensor is left for the rules 'x\.\*'"):
        wt.init_(model, {"x.*": "ones", "*": "zeros"})
    with pytest.raises(weightinit.Error, match="has no parameter 'sd'"):
        wt.init_(model, {"*": {"init": "normal", "sd": 1}})
    with pytest.raises(weightinit.Error, match=r"tensor '0\.bias': shape \[16\] has no fan_in"):
        wt.init_(model, {"*.weight": "ones", "*": "xavier_uniform"})
    assert all(torch.equal(before[name], tensor) for name, tensor in model.state_dict().items())

    class Masked(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.register_buffer("mask", torch.ones(3), persistent=False)
            self.weight = torch.nn.Parameter(torch.ones(3))

    with torch.device("meta"):
        meta = Masked()
    with pytest.raises(weightinit.OutputError, match="'mask' are on meta, and nothing says"):
        wt.init_(meta, {"weight": "ones"})
    assert (wt.init_(Masked(), {"weight": "zeros"}).mask == 1).all()


def llama(**options):
    transformers = pytest.importorskip("transformers")
    sizes = {
        "vocab_size": 96,
        "hidden_size": 32,
        "intermediate_size": 64,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
    }
    return transformers.LlamaConfig(**sizes, **options), transformers.LlamaForCausalLM


@pytest.mark.parametrize("tied", [False, True])
def test_a_model_of_transformers(tmp_path, tied):
    from safetensors.torch import load_file

    config, Model = llama(tie_word_embeddings=tied)
    plain = wt.init_(Model(config), seed=11)
    with torch.device("meta"):
        meta = Model(config)
    wt.init_(meta, seed=11)
    assert equal(plain, meta)
    for name, buffer in Model(config).named_buffers():
        assert torch.allclose(buffer, meta.get_buffer(name), rtol=1e-6), name
    config.save_pretrained(tmp_path)
    weightinit.init_file(tmp_path / "config.json", tmp_path / "out.safetensors", seed=11, backend="cpu", dtype="f32")
    found = load_file(tmp_path / "out.safetensors")
    state = plain.state_dict()
    assert found and all(torch.equal(state[name], tensor) for name, tensor in found.items())
    assert abs(plain.model.layers[0].mlp.up_proj.weight.std() - config.initializer_range) < 2e-3
    assert plain(torch.arange(4)[None]).logits.isfinite().all()


def test_building():
    class Padded(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.body = mlp()
            self.embed = torch.nn.Embedding(9, 4, padding_idx=2)
            self.attention = torch.nn.MultiheadAttention(8, 2)

    original = torch.nn.init.kaiming_uniform_
    with wt.building(seed=3):
        model = Padded()
    assert torch.nn.init.kaiming_uniform_ is original
    expected = wt.kaiming_uniform_(torch.empty(16, 8), a=math.sqrt(5), seed=3, name="body.0.weight")
    assert torch.equal(model.body[0].weight, expected)
    rows = wt.normal_(torch.empty(9, 4), seed=3, name="embed.weight")
    rows[2] = 0
    assert torch.equal(model.embed.weight, rows)


def test_building_does_not_depend_on_order():
    def made(first):
        with wt.building(seed=1):
            parts = {name: torch.nn.Linear(4, 4) for name in ("ab" if first == "a" else "ba")}
            return torch.nn.ModuleDict(parts)

    one, other = made("a"), made("b")
    assert torch.equal(one["a"].weight, other["a"].weight) and torch.equal(one["b"].bias, other["b"].bias)
    assert not torch.equal(one["a"].weight, one["b"].weight)


def test_building_several_models():
    with pytest.raises(weightinit.Error, match="several models were built"), wt.building(seed=1):
        torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)
    with wt.building(seed=1) as build:
        one, other = torch.nn.Linear(3, 3), torch.nn.Linear(3, 3)
        build.name("generator", one)
        build.name("critic", other)
    assert torch.equal(
        one.weight, wt.kaiming_uniform_(torch.empty(3, 3), a=math.sqrt(5), seed=1, name="generator.weight")
    )
    assert not torch.equal(one.weight, other.weight)


def test_building_says_what_the_model_changes():
    class Scaled(torch.nn.Linear):
        def reset_parameters(self):
            torch.nn.init.normal_(self.weight)
            self.weight.data.mul_(0.5)
            torch.nn.init.zeros_(self.bias)

    with pytest.warns(UserWarning, match="'weight': changed by the model"), wt.building(seed=1):
        Scaled(3, 3)

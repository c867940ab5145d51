"""JAX and Flax: signatures, keys, transformations, and meshes."""

from __future__ import annotations

import inspect

import numpy as np
import pytest

import weightinit

jax = pytest.importorskip("jax")

import jax.numpy as jnp  # noqa: E402
from jax.sharding import Mesh, NamedSharding, PartitionSpec  # noqa: E402

import weightinit.jax as wj  # noqa: E402

FACTORIES = [name for name in wj.__all__ if name not in {"Initializer", "init_sharded", "of"}]


@pytest.mark.parametrize("name", FACTORIES)
def test_signatures_are_jaxs(name):
    theirs, ours = (inspect.signature(getattr(place, name)).parameters for place in (jax.nn.initializers, wj))
    assert [*ours][: len(theirs)] == [*theirs] and set(ours) - set(theirs) <= {"name"}
    for key, known in theirs.items():
        assert ours[key].default == known.default, key


@pytest.mark.parametrize("name", FACTORIES)
def test_scales_are_jaxs(name):
    theirs, ours = getattr(jax.nn.initializers, name), getattr(wj, name)
    arguments = {"variance_scaling": (2.0, "fan_avg", "normal"), "constant": (3.0,)}.get(name, ())
    if name not in {"zeros", "ones"}:
        theirs, ours = theirs(*arguments), ours(*arguments)
    shape = (3, 3, 64, 96)
    theirs, ours = (np.asarray(made(jax.random.key(1), shape)) for made in (theirs, ours))
    assert ours.dtype == theirs.dtype == np.float32 and ours.shape == shape
    assert abs(ours.mean() - theirs.mean()) < 0.02 * theirs.std() + 1e-6
    assert abs(ours.std() - theirs.std()) < 0.02 * theirs.std() + 1e-6
    assert abs(ours.max() - theirs.max()) < 0.3 * abs(theirs.max()) + 1e-6


def test_the_key_is_the_seed():
    shape = (48, 64)
    expected = weightinit.array(shape, "he_normal", seed=2**40 + 7, name="a", layout="keras")
    he = wj.he_normal(name="a")
    words = jnp.array([2**8, 7], jnp.uint32)
    for key in [words, jax.random.wrap_key_data(words)]:
        assert (np.asarray(he(key, shape)) == expected).all()
        assert (np.asarray(jax.jit(he, static_argnums=1)(key, shape)) == expected).all()
    one, other = jax.random.split(jax.random.key(0))
    unnamed = wj.he_normal()
    assert not (unnamed(one, shape) == unnamed(other, shape)).any()
    rbg = jax.random.key(3, impl="rbg")
    assert not (unnamed(rbg, shape) == unnamed(jax.random.fold_in(rbg, 1), shape)).any()


def test_types_and_transformations():
    keys = jax.random.split(jax.random.key(0), 3)
    normal = wj.normal(0.5, jnp.bfloat16)
    stacked = jax.vmap(lambda key: normal(key, (4, 5)))(keys)
    assert stacked.shape == (3, 4, 5) and stacked.dtype == jnp.bfloat16
    assert all((normal(key, (4, 5)) == part).all() for key, part in zip(keys, stacked, strict=True))
    assert jax.eval_shape(lambda key: normal(key, (4, 5), jnp.float16), keys[0]).dtype == jnp.float16
    assert wj.of("orthogonal")(keys[0], (8, 8)).shape == (8, 8)
    experts = wj.lecun_normal(in_axis=1, out_axis=2, batch_axis=0, name="e")(keys[0], (8, 256, 32))
    assert abs(float(experts.std()) * 16 - 1) < 0.02
    with pytest.raises(weightinit.Error, match="has no fan_in"):
        jax.jit(wj.he_normal(in_axis=-3), static_argnums=1)(keys[0], (8, 4))
    with pytest.raises(weightinit.Error, match="unknown dtype 'int32'"):
        normal(keys[0], (4,), jnp.int32)
    with pytest.raises(weightinit.Error, match="column_axis is 0"):
        wj.orthogonal(column_axis=0)


SHAPES = {"params": {"Dense_0": {"kernel": (64, 48), "bias": (48,)}, "Dense_1": {"kernel": (48, 8), "bias": (8,)}}}


def shapes(dtype=jnp.float32):
    is_shape = lambda leaf: isinstance(leaf, tuple)  # noqa: E731
    return jax.tree.map(lambda shape: jax.ShapeDtypeStruct(shape, dtype), SHAPES, is_leaf=is_shape)


@pytest.mark.parametrize("mesh", [(1, 1), (2, 2), (8, 1), (1, 8), (4, 2)])
@pytest.mark.parametrize("dtype", [jnp.float32, jnp.bfloat16])
def test_every_mesh_gets_the_same_values(mesh, dtype):
    if len(jax.devices()) < 8:
        pytest.skip("XLA_FLAGS=--xla_force_host_platform_device_count=8 gives the devices")
    devices = np.array(jax.devices()[: mesh[0] * mesh[1]]).reshape(mesh)
    sharding = lambda *spec: NamedSharding(Mesh(devices, ("x", "y")), PartitionSpec(*spec))  # noqa: E731
    placed = {
        "params": {
            "Dense_0": {"kernel": sharding("x", "y"), "bias": sharding()},
            "Dense_1": {"kernel": sharding(("x", "y")), "bias": sharding()},
        }
    }
    tree = wj.init_sharded(shapes(dtype), placed, "flax", seed=5)
    alone = wj.init_sharded(shapes(dtype), None, "flax", seed=5)
    assert jax.tree.all(
        jax.tree.map(lambda one, other: bool((np.asarray(one) == np.asarray(other)).all()), tree, alone)
    )
    kernel = tree["params"]["Dense_0"]["kernel"]
    assert kernel.sharding == placed["params"]["Dense_0"]["kernel"] and kernel.dtype == dtype
    expected = weightinit.array(
        (64, 48), "lecun_normal", seed=5, name="params/Dense_0/kernel", dtype=dtype, layout="keras"
    )
    assert (np.asarray(kernel) == expected).all() and not tree["params"]["Dense_1"]["bias"].any()


def test_what_sharded_models_are_refused():
    with pytest.raises(weightinit.Error, match="no rule decides 'params/Dense_0/bias'"):
        wj.init_sharded(shapes(), None, {"*kernel": "normal"})
    with pytest.raises(weightinit.Error, match=r"tensor 'params/Dense_0/bias': shape \[48\] has no fan_in"):
        wj.init_sharded(shapes(), None, {"*": {"init": "kaiming_normal", "layout": "torch"}})
    with pytest.raises(weightinit.Error, match="unknown recipe 'flux'"):
        wj.init_sharded(shapes(), None, "flux")


def test_flax_linen():
    linen = pytest.importorskip("flax.linen")

    class Net(linen.Module):
        @linen.compact
        def __call__(self, x):
            x = linen.relu(linen.Dense(64, kernel_init=wj.he_normal())(x))
            return linen.Dense(8, kernel_init=wj.lecun_normal(name="head"))(x)

    params = jax.jit(Net().init)(jax.random.key(0), jnp.ones((1, 32)))["params"]
    assert abs(float(params["Dense_0"]["kernel"].std()) - (2 / 32) ** 0.5) < 0.02
    shaped = jax.eval_shape(Net().init, jax.random.key(0), jnp.ones((1, 32)))
    tree = wj.init_sharded(shaped, None, "flax", seed=1)
    assert Net().apply(tree, jnp.ones((1, 32))).shape == (1, 8)


def test_flax_nnx():
    nnx = pytest.importorskip("flax.nnx")
    layer = nnx.Linear(48, 64, kernel_init=wj.he_normal(name="fc"), rngs=nnx.Rngs(0))
    assert layer.kernel[...].shape == (48, 64) and float(layer.kernel[...].std()) > 0.1
    layers = lambda: nnx.Dict(fc=nnx.Linear(48, 64, rngs=nnx.Rngs(0)))  # noqa: E731
    graph, state = nnx.split(nnx.eval_shape(layers))
    model = nnx.merge(graph, wj.init_sharded(state, None, "flax", seed=2))
    expected = weightinit.array((48, 64), "lecun_normal", seed=2, name="fc/kernel/value", layout="keras")
    assert (np.asarray(model.fc.kernel[...]) == expected).all()

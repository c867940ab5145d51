"""wgpu-py on a software adapter: the bits of `fill`, in an encoder of ours."""

from __future__ import annotations

import numpy as np
import pytest

import weightinit

wgpu = pytest.importorskip("wgpu")

SAME = {"seed": 7, "name": "fc.weight"}
USAGE = wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.COPY_SRC | wgpu.BufferUsage.COPY_DST


@pytest.fixture(scope="module")
def device():
    try:
        adapters = wgpu.gpu.enumerate_adapters_sync()
    except RuntimeError:
        adapters = []
    adapters = [adapter for adapter in adapters if adapter.info["backend_type"] == "Vulkan"]
    if not adapters:
        pytest.skip("there is no Vulkan adapter; Debian has a software one in mesa-vulkan-drivers")
    return adapters[0].request_device_sync()


@pytest.fixture(scope="module")
def filler(device):
    from weightinit.wgpu import Filler

    return Filler(device)


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16", "float8_e4m3fn"])
@pytest.mark.parametrize("init", ["he_normal", "xavier_uniform", "kaiming_normal", "eye"])
def test_the_bits_are_those_of_fill(device, filler, init, dtype):
    expected = weightinit.array((64, 48), init, dtype=dtype, **SAME).tobytes()
    buffer = device.create_buffer(size=512 + len(expected), usage=USAGE)
    device.queue.write_buffer(buffer, 0, b"\xa5" * buffer.size)
    encoder = device.create_command_encoder()
    filler.encode(encoder, buffer, init, (64, 48), dtype=dtype, offset=256, **SAME)
    device.queue.submit([encoder.finish()])
    found = bytes(device.queue.read_buffer(buffer))
    assert found[256:-256] == expected
    assert found[:256] == found[-256:] == b"\xa5" * 256


def test_slices_and_several_tensors_in_one_encoder(device, filler):
    buffer = device.create_buffer(size=64 * 256, usage=USAGE)
    encoder = device.create_command_encoder()
    parts = [((0, 0), (4, 48)), ((60, 3), (3, 17)), ((5, 47), (9, 1))]
    for number, (offsets, size) in enumerate(parts):
        filler.encode(encoder, buffer, "he_normal", (64, 48), offsets=offsets, size=size, offset=4096 * number, **SAME)
    device.queue.submit([encoder.finish()])
    found = bytes(device.queue.read_buffer(buffer))
    for number, (offsets, size) in enumerate(parts):
        expected = weightinit.array((64, 48), "he_normal", offsets=offsets, size=size, **SAME)
        part = found[4096 * number : 4096 * number + expected.nbytes]
        assert (np.frombuffer(part, np.float32).reshape(size) == expected).all()


def test_what_is_refused(device, filler):
    buffer, encoder = device.create_buffer(size=1024, usage=USAGE), device.create_command_encoder()
    for options in [{"offset": 4}, {"offset": 768}, {"offset": -256}]:
        with pytest.raises(weightinit.Error, match="are no range of a buffer of 1024 bytes"):
            filler.encode(encoder, buffer, "normal", (100,), **options, **SAME)
    with pytest.raises(weightinit.Error, match="not samples of a law"):
        filler.encode(encoder, buffer, "orthogonal", (4, 4), **SAME)

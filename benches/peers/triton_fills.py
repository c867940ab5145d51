"""Uniform and normal samples by Triton's own Philox, four of a counter, as its documents advise."""

import triton
import triton.language as tl

BLOCK = 1024


@triton.jit
def uniform_kernel(out, elements, seed, block: tl.constexpr):
    lanes = tl.program_id(0) * block * 4 + tl.arange(0, block)
    counters = tl.program_id(0) * block + tl.arange(0, block)
    a, b, c, d = tl.rand4x(seed, counters)
    tl.store(out + lanes, a * 0.04 - 0.02, mask=lanes < elements)
    tl.store(out + lanes + block, b * 0.04 - 0.02, mask=lanes + block < elements)
    tl.store(out + lanes + 2 * block, c * 0.04 - 0.02, mask=lanes + 2 * block < elements)
    tl.store(out + lanes + 3 * block, d * 0.04 - 0.02, mask=lanes + 3 * block < elements)


@triton.jit
def normal_kernel(out, elements, seed, block: tl.constexpr):
    lanes = tl.program_id(0) * block * 4 + tl.arange(0, block)
    counters = tl.program_id(0) * block + tl.arange(0, block)
    a, b, c, d = tl.randn4x(seed, counters)
    tl.store(out + lanes, a * 0.02, mask=lanes < elements)
    tl.store(out + lanes + block, b * 0.02, mask=lanes + block < elements)
    tl.store(out + lanes + 2 * block, c * 0.02, mask=lanes + 2 * block < elements)
    tl.store(out + lanes + 3 * block, d * 0.02, mask=lanes + 3 * block < elements)


def fill(kernel, out):
    kernel[(triton.cdiv(out.numel(), 4 * BLOCK),)](out, out.numel(), 7, BLOCK)


def uniform(out):
    """Uniform on [-0.02, 0.02)."""
    fill(uniform_kernel, out)


def normal(out):
    """Normal with deviation 0.02."""
    fill(normal_kernel, out)

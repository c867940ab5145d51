// cuRAND's Philox generator at the same work, for the comparison in docs/roofline.md: four f32 a thread, one store.

#include <curand_kernel.h>

// As a library without a state in memory would use it: each thread begins at its own block.
extern "C" __global__ void curand_uniform(float4 *destination, unsigned long long seed, unsigned units) {
    unsigned unit = blockIdx.x * blockDim.x + threadIdx.x;
    if (unit < units) {
        curandStatePhilox4_32_10_t state;
        curand_init(seed, 0, 4ull * unit, &state);
        destination[unit] = curand_uniform4(&state);
    }
}

extern "C" __global__ void curand_normal(float4 *destination, unsigned long long seed, unsigned units) {
    unsigned unit = blockIdx.x * blockDim.x + threadIdx.x;
    if (unit < units) {
        curandStatePhilox4_32_10_t state;
        curand_init(seed, 0, 4ull * unit, &state);
        destination[unit] = curand_normal4(&state);
    }
}

// As cuRAND's manual has it: one state a thread, which takes block after block. Only the loop counts. These are other
// samples than those above: which thread makes them depends on the grid.
extern "C" __global__ void curand_uniform_loop(float4 *destination, unsigned long long seed, unsigned units) {
    unsigned thread = blockIdx.x * blockDim.x + threadIdx.x;
    curandStatePhilox4_32_10_t state;
    curand_init(seed, thread, 0, &state);
#pragma unroll 1
    for (unsigned unit = thread; unit < units; unit += gridDim.x * blockDim.x) {
        destination[unit] = curand_uniform4(&state);
    }
}

extern "C" __global__ void curand_normal_loop(float4 *destination, unsigned long long seed, unsigned units) {
    unsigned thread = blockIdx.x * blockDim.x + threadIdx.x;
    curandStatePhilox4_32_10_t state;
    curand_init(seed, thread, 0, &state);
#pragma unroll 1
    for (unsigned unit = thread; unit < units; unit += gridDim.x * blockDim.x) {
        destination[unit] = curand_normal4(&state);
    }
}

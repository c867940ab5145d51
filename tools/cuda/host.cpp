// Runs a kernel of fill.cu on a processor, invocation by invocation: host KERNEL PARAMS TABLE INVOCATIONS UNITS, where
// PARAMS is the file of the dispatch's uniform data and TABLE that of its quantile table. The bytes go to standard
// output. Compile without contraction: __fmul_rn and __fadd_rn are plain products and sums here.

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

struct uint2 { unsigned x, y; };
struct uint4 { unsigned x, y, z, w; };
struct float2 { float x, y; };
struct float4 { float x, y, z, w; };

#define __device__
#define __forceinline__ inline

static float __uint_as_float(unsigned bits) { float x; std::memcpy(&x, &bits, 4); return x; }
static unsigned __float_as_uint(float x) { unsigned bits; std::memcpy(&bits, &x, 4); return bits; }
static float __fmul_rn(float a, float b) { return a * b; }
static float __fadd_rn(float a, float b) { return a + b; }
static float __int2float_rn(int x) { return static_cast<float>(x); }
static float __uint2float_rn(unsigned x) { return static_cast<float>(x); }
static int __clz(unsigned x) { return x == 0 ? 32 : __builtin_clz(x); }
template <typename Row>
static Row __ldg(const Row *p) { return *p; }

#include "fill.cu"

using Kernel = void (*)(const Params &, const float4 *, uint4 *, uint2);

struct Named {
    const char *name;
    Kernel kernel;
};

static const Named KERNELS[] = {
    {"constant_f32_whole", fill<Constant, F32>},
    {"constant_f16_whole", fill<Constant, Bf16>},
    {"uniform_f32_whole", fill<Sampled<Uniform, F32, false>, F32>},
    {"uniform_bf16_bounded_whole", fill<Sampled<Uniform, Bf16, true>, Bf16>},
    {"normal_f32_whole", fill<Sampled<Normal, F32, false>, F32>},
    {"normal_bf16_whole", fill<Sampled<Normal, Bf16, false>, Bf16>},
    {"symmetric_quantile_f32_whole", fill<Sampled<SymmetricQuantile, F32, false>, F32>},
    {"symmetric_quantile_bf16_whole", fill<Sampled<SymmetricQuantile, Bf16, false>, Bf16>},
    {"symmetric_quantile_bf16_bounded_whole", fill<Sampled<SymmetricQuantile, Bf16, true>, Bf16>},
    {"quantile_f32_bounded_whole", fill<Sampled<Quantile, F32, true>, F32>},
    {"quantile_bf16_bounded_whole", fill<Sampled<Quantile, Bf16, true>, Bf16>},
};

static std::vector<char> contents(const char *path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

int main(int count, char **arguments) {
    if (count != 6) {
        return 2;
    }
    auto bytes = contents(arguments[2]), table_bytes = contents(arguments[3]);
    Params params;
    if (bytes.size() != sizeof params) {
        std::fprintf(stderr, "%zu bytes of parameters instead of %zu\n", bytes.size(), sizeof params);
        return 1;
    }
    std::memcpy(&params, bytes.data(), sizeof params);
    std::vector<float4> table(table_bytes.size() / sizeof(float4));
    if (!table.empty()) {
        std::memcpy(table.data(), table_bytes.data(), table.size() * sizeof(float4));
    }
    unsigned invocations = std::atoi(arguments[4]);
    std::vector<uint4> destination(std::atoi(arguments[5]));
    for (const Named &named : KERNELS) {
        if (std::string(named.name) == arguments[1]) {
            for (unsigned x = 0; x < invocations; x++) {
                named.kernel(params, table.data(), destination.data(), {x, 0});
            }
            std::fwrite(destination.data(), sizeof(uint4), destination.size(), stdout);
            return 0;
        }
    }
    std::fprintf(stderr, "there is no kernel %s\n", arguments[1]);
    return 1;
}

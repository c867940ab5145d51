// A transliteration of the whole-unit kernels of shaders/ into CUDA, function for function under the same names, so
// that NVIDIA's compiler can be asked what they cost (scripts/measure/roofline). Nothing runs it on a GPU; tools/cuda/host.cpp
// runs the same functions on a processor, and scripts/measure/roofline compares their bits with weightinit's.
//
// __fmul_rn and __fadd_rn are never fused, so the barriers would not be needed here. They are kept all the same: the
// WGSL has them, and they are what an NVIDIA driver would see. constants.h is made from a composed kernel's constants.

#include "constants.h"

// shaders/generator/params.wgsl
struct Params {
    uint2 key, stream, origin;
    unsigned head, tail, row, zero, pattern, pattern_high;
    float scale, centre, low, high;
    unsigned segment_bits, columns;
    float keep, least;
    uint4 structure, view;
    unsigned view_count;
    float limit;
    uint2 block;
};

// What the WGSL's module scope holds.
struct Module {
    const Params &params;
    const float4 *table;
};

// shaders/generator/mul_wide_u64.wgsl
__device__ __forceinline__ uint2 mul_wide(unsigned a, unsigned b) {
    unsigned long long product = static_cast<unsigned long long>(a) * b;
    return {static_cast<unsigned>(product), static_cast<unsigned>(product >> 32)};
}

// shaders/generator/philox.wgsl
constexpr unsigned PHILOX_M0 = 0xD2511F53u, PHILOX_M1 = 0xCD9E8D57u;
constexpr unsigned PHILOX_W0 = 0x9E3779B9u, PHILOX_W1 = 0xBB67AE85u;

__device__ __forceinline__ uint4 philox_round(uint4 counter, uint2 key) {
    uint2 p = mul_wide(PHILOX_M0, counter.x);
    uint2 q = mul_wide(PHILOX_M1, counter.z);
    return {q.y ^ counter.y ^ key.x, q.x, p.y ^ counter.w ^ key.y, p.x};
}

__device__ __forceinline__ uint4 philox(uint4 counter, uint2 key) {
    uint4 state = philox_round(counter, key);
    state = philox_round(state, {key.x + PHILOX_W0 * 1u, key.y + PHILOX_W1 * 1u});
    state = philox_round(state, {key.x + PHILOX_W0 * 2u, key.y + PHILOX_W1 * 2u});
    state = philox_round(state, {key.x + PHILOX_W0 * 3u, key.y + PHILOX_W1 * 3u});
    state = philox_round(state, {key.x + PHILOX_W0 * 4u, key.y + PHILOX_W1 * 4u});
    state = philox_round(state, {key.x + PHILOX_W0 * 5u, key.y + PHILOX_W1 * 5u});
    state = philox_round(state, {key.x + PHILOX_W0 * 6u, key.y + PHILOX_W1 * 6u});
    state = philox_round(state, {key.x + PHILOX_W0 * 7u, key.y + PHILOX_W1 * 7u});
    state = philox_round(state, {key.x + PHILOX_W0 * 8u, key.y + PHILOX_W1 * 8u});
    state = philox_round(state, {key.x + PHILOX_W0 * 9u, key.y + PHILOX_W1 * 9u});
    return state;
}

// shaders/law/portable_math.wgsl
__device__ __forceinline__ float barrier(const Module &m, float x) {
    return __uint_as_float(__float_as_uint(x) ^ m.params.zero);
}

__device__ __forceinline__ float halved(float x) {
    return __uint_as_float(__float_as_uint(x) - 0x800000u);
}

__device__ __forceinline__ float mul_add(const Module &m, float a, float b, float c) {
    return __fadd_rn(barrier(m, __fmul_rn(a, b)), c);
}

__device__ __forceinline__ float odd_integer(unsigned word) {
    return __int2float_rn((static_cast<int>(word) >> 7) | 1);
}

// WGSL's extractBits of a signed number.
__device__ __forceinline__ int extract_bits(int x, unsigned offset, unsigned count) {
    return static_cast<int>(static_cast<unsigned>(x) << (32 - offset - count)) >> (32 - count);
}

// shaders/law/cos_sin.wgsl
__device__ __forceinline__ float2 cos_sin(const Module &m, float t) {
    float z = barrier(m, __fmul_rn(t, t));
    float c = mul_add(m, COS_3, z, COS_2);
    c = mul_add(m, c, z, COS_1);
    c = mul_add(m, c, z, COS_0);
    float s = mul_add(m, SIN_3, z, SIN_2);
    s = mul_add(m, s, z, SIN_1);
    s = mul_add(m, s, z, SIN_0);
    return {c, barrier(m, __fmul_rn(s, t))};
}

// shaders/law/normal.wgsl
struct Normal {
    static __device__ __forceinline__ float minus_two_log(const Module &m, unsigned word) {
        unsigned a = word | 1u;
        unsigned zeros = __clz(a);
        unsigned exponent = zeros + ((a << zeros) <= SQRT_HALF ? 1u : 0u);
        int distance = static_cast<int>(a << (exponent & 31u));
        // Both products are exact, so that a compiler may fuse: an ordinary product and sum, as in WGSL.
        float f = __int2float_rn(distance >> 16) * EXP2_MINUS_16 + __int2float_rn(distance & 0xffff) * EXP2_MINUS_32;
        float p = mul_add(m, LOG_8, f, LOG_7);
        p = mul_add(m, p, f, LOG_6);
        p = mul_add(m, p, f, LOG_5);
        p = mul_add(m, p, f, LOG_4);
        p = mul_add(m, p, f, LOG_3);
        p = mul_add(m, p, f, LOG_2);
        p = mul_add(m, p, f, LOG_1);
        p = mul_add(m, p, f, LOG_0);
        float whole = barrier(m, __fmul_rn(__uint2float_rn(exponent), TWO_LN_2));
        return __fadd_rn(whole, -barrier(m, __fmul_rn(f, p)));
    }

    static __device__ __forceinline__ float newton_step(const Module &m, float y, float x) {
        float correction = __fadd_rn(1.5f, -barrier(m, __fmul_rn(x, halved(__fmul_rn(y, y)))));
        return barrier(m, __fmul_rn(y, correction));
    }

    static __device__ __forceinline__ float square_root(const Module &m, float x) {
        float y = __uint_as_float(SQRT_MAGIC - (__float_as_uint(x) >> 1));
        y = newton_step(m, y, x);
        y = newton_step(m, y, x);
        y = newton_step(m, y, x);
        return __fmul_rn(x, y);
    }

    static __device__ __forceinline__ float2 box_muller(const Module &m, unsigned radius_word, unsigned angle_word) {
        float r = barrier(m, square_root(m, minus_two_log(m, radius_word)));
        // Exact, as above.
        int angle = extract_bits(static_cast<int>(angle_word), 6, 24);
        float2 point = cos_sin(m, __int2float_rn(angle) * EXP2_MINUS_24 + EXP2_MINUS_25);
        bool odd_quadrant = (angle_word & 0x40000000u) != 0u;
        float x = __fmul_rn(r, odd_quadrant ? -point.y : point.x);
        float y = __fmul_rn(r, odd_quadrant ? point.x : point.y);
        unsigned half_turn = angle_word & 0x80000000u;
        return {
            __uint_as_float(__float_as_uint(x) ^ half_turn),
            __uint_as_float(__float_as_uint(y) ^ half_turn),
        };
    }

    static __device__ __forceinline__ float4 standard_block(const Module &m, uint4 words) {
        float2 a = box_muller(m, words.x, words.y), b = box_muller(m, words.z, words.w);
        return {a.x, a.y, b.x, b.y};
    }
};

#ifdef __CUDACC__
// The device's own functions as a WGSL compiler has them: approximations that may flush subnormal numbers.
__device__ __forceinline__ float native_log(float x) {
    float y;
    asm("lg2.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y * 0.69314718f;
}

__device__ __forceinline__ float native_sqrt(float x) {
    float y;
    asm("sqrt.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

__device__ __forceinline__ float native_cos(float x) {
    float y;
    asm("cos.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

__device__ __forceinline__ float native_sin(float x) {
    float y;
    asm("sin.approx.ftz.f32 %0, %1;" : "=f"(y) : "f"(x));
    return y;
}

// shaders/law/normal_native.wgsl: other bits on each device, so that no processor can check them.
struct NormalNative {
    static __device__ __forceinline__ float2 box_muller(unsigned radius_word, unsigned angle_word) {
        float u = __uint2float_rn(radius_word | 1u) * EXP2_MINUS_32;
        float r = native_sqrt(fmaxf(-2.0f * native_log(u), 0.0f));
        unsigned share = (angle_word & 0xC0000000u) +
                         static_cast<unsigned>(extract_bits(static_cast<int>(angle_word), 0, 30));
        float angle = odd_integer(share) * PI_OVER_2_24;
        return {r * native_cos(angle), r * native_sin(angle)};
    }

    static __device__ __forceinline__ float4 standard_block(const Module &, uint4 words) {
        float2 a = box_muller(words.x, words.y), b = box_muller(words.z, words.w);
        return {a.x, a.y, b.x, b.y};
    }
};
#endif

// shaders/law/uniform.wgsl
struct Uniform {
    static __device__ __forceinline__ float4 standard_block(const Module &, uint4 words) {
        return {odd_integer(words.x), odd_integer(words.y), odd_integer(words.z), odd_integer(words.w)};
    }
};

// shaders/law/quantile.wgsl
struct Quantile {
    static __device__ __forceinline__ float cubic(const Module &m, float4 c, float t) {
        return mul_add(m, mul_add(m, mul_add(m, c.w, t, c.z), t, c.y), t, c.x);
    }

    struct Segment {
        unsigned row;
        float t;
    };

    static __device__ __forceinline__ Segment segment(const Module &m, unsigned word) {
        unsigned upper = static_cast<unsigned>(static_cast<int>(word) >> 31);
        unsigned odd = ((word ^ upper) << 1) | 1u;
        unsigned octave = __clz(odd);
        unsigned bits = m.params.segment_bits;
        unsigned mantissa = odd << octave;
        unsigned row = (((upper & 32u) | octave) << bits) + (mantissa >> (31u - bits));
        int position = static_cast<int>((mantissa >> (7u - bits)) & 0xffffffu);
        // Exact, so that a compiler may fuse, as in WGSL.
        return {row, __int2float_rn(position) * EXP2_MINUS_23 + FIRST_POSITION};
    }

    static __device__ __forceinline__ float quantile(const Module &m, unsigned word) {
        Segment place = segment(m, word);
        return cubic(m, __ldg(&m.table[place.row]), place.t);
    }

    static __device__ __forceinline__ float4 standard_block(const Module &m, uint4 words) {
        return {quantile(m, words.x), quantile(m, words.y), quantile(m, words.z), quantile(m, words.w)};
    }
};

// shaders/law/symmetric_quantile.wgsl
struct SymmetricQuantile {
    static __device__ __forceinline__ float distance_from_middle(const Module &m, unsigned word) {
        unsigned octave = __clz(~(word << 1));
        unsigned mantissa = word << octave;
        const uint2 *table = reinterpret_cast<const uint2 *>(m.table);
        uint2 row = __ldg(&table[(octave << 6) + (mantissa >> 24)]);
        unsigned t = (mantissa >> 8) & 0xffffu;
        unsigned slope = (row.y + (row.y & 0xffffu) * t) >> 16;
        float place = __uint_as_float(row.x + ((slope * t) >> 16));
        return __fadd_rn(place, -__uint_as_float(m.params.pattern));
    }

    static __device__ __forceinline__ float symmetric_quantile(const Module &m, unsigned word) {
        float distance = distance_from_middle(m, word);
        return __uint_as_float(__float_as_uint(distance) | (word & 0x80000000u));
    }

    static __device__ __forceinline__ float4 standard_block(const Module &m, uint4 words) {
        return {symmetric_quantile(m, words.x), symmetric_quantile(m, words.y), symmetric_quantile(m, words.z),
                symmetric_quantile(m, words.w)};
    }
};

// shaders/dtype/store_f32.wgsl and store_bf16.wgsl, with the slots of unit_32_whole.wgsl and unit_16_whole.wgsl
struct F32 {
    static constexpr unsigned SLOTS = 4;
    static __device__ __forceinline__ unsigned encode(float x) { return __float_as_uint(x); }
};

struct Bf16 {
    static constexpr unsigned SLOTS = 8;
    static __device__ __forceinline__ unsigned encode(float x) {
        unsigned bits = __float_as_uint(x);
        return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
    }
};

// shaders/law/sample.wgsl
template <typename Law, typename Type, bool BOUNDED>
struct Sampled {
    static __device__ __forceinline__ unsigned sample(const Module &m, float standard) {
        float x = __fmul_rn(m.params.scale, standard);
        if (BOUNDED) {
            x = fminf(fmaxf(x, m.params.low), m.params.high);
        }
        return Type::encode(x);
    }

    static __device__ __forceinline__ uint4 block_elements(const Module &m, uint2 block) {
        uint4 counter = {block.x, block.y, m.params.stream.x, m.params.stream.y};
        float4 z = Law::standard_block(m, philox(counter, m.params.key));
        return {sample(m, z.x), sample(m, z.y), sample(m, z.z), sample(m, z.w)};
    }
};

// shaders/law/constant.wgsl
struct Constant {
    static __device__ __forceinline__ uint4 block_elements(const Module &m, uint2) {
        return {m.params.pattern, m.params.pattern, m.params.pattern, m.params.pattern};
    }
};

// shaders/unit/fill.wgsl and dense.wgsl, for units that are whole blocks
template <typename Elements>
__device__ __forceinline__ uint4 quad(const Module &m, unsigned index) {
    return Elements::block_elements(m, {m.params.block.x + index, m.params.block.y});
}

// shaders/unit/unit_32_whole.wgsl and unit_16_whole.wgsl
template <typename Elements, typename Type>
__device__ __forceinline__ void write_unit(const Module &m, uint4 *destination, unsigned unit) {
    if (Type::SLOTS == 4) {
        destination[unit] = quad<Elements>(m, unit);
    } else {
        uint4 e = quad<Elements>(m, 2 * unit), f = quad<Elements>(m, 2 * unit + 1);
        destination[unit] = {e.x | (e.y << 16), e.z | (e.w << 16), f.x | (f.y << 16), f.z | (f.w << 16)};
    }
}

template <typename Elements, typename Type>
__device__ __forceinline__ void fill(const Params &params, const float4 *table, uint4 *destination, uint2 id) {
    unsigned unit = id.x + (id.y * params.row + params.head / Type::SLOTS);
    if (unit < (params.tail + Type::SLOTS - 1) / Type::SLOTS) {
        write_unit<Elements, Type>({params, table}, destination, unit);
    }
}

#ifdef __CUDACC__
#define KERNEL(name, Elements, Type)                                                                             \
    extern "C" __global__ void __launch_bounds__(WORKGROUP_SIZE)                                                 \
        name(const __grid_constant__ Params params, const float4 *__restrict__ table, uint4 *__restrict__ out) { \
        fill<Elements, Type>(params, table, out, {blockIdx.x * WORKGROUP_SIZE + threadIdx.x, blockIdx.y});       \
    }
#define SAMPLED(name, Law, Type, BOUNDED)               \
    using name##_elements = Sampled<Law, Type, BOUNDED>; \
    KERNEL(name, name##_elements, Type)

KERNEL(constant_f32_whole, Constant, F32)
KERNEL(constant_f16_whole, Constant, Bf16)
SAMPLED(uniform_f32_whole, Uniform, F32, false)
SAMPLED(uniform_bf16_bounded_whole, Uniform, Bf16, true)
SAMPLED(normal_f32_whole, Normal, F32, false)
SAMPLED(normal_bf16_whole, Normal, Bf16, false)
SAMPLED(normal_native_f32_whole, NormalNative, F32, false)
SAMPLED(normal_native_bf16_whole, NormalNative, Bf16, false)
SAMPLED(symmetric_quantile_f32_whole, SymmetricQuantile, F32, false)
SAMPLED(symmetric_quantile_bf16_whole, SymmetricQuantile, Bf16, false)
SAMPLED(symmetric_quantile_bf16_bounded_whole, SymmetricQuantile, Bf16, true)
SAMPLED(quantile_f32_bounded_whole, Quantile, F32, true)
SAMPLED(quantile_bf16_bounded_whole, Quantile, Bf16, true)
#endif

//! The sample contract, version 1, pinned: digests of every law, type, seed and stream here must never change.
//!
//! A change of any bit is a new version of the contract under its own name, beside this one.

use weightinit::init::{Value, by_name};
use weightinit::{DType, Fill, Initializer, Law, Layout, Stream, cpu};

/// XXH64 of the bytes: the hash that names streams.
fn digest(bytes: &[u8]) -> u64 {
    twox_hash::XxHash64::oneshot(0, bytes)
}

fn digest_of(law: Law, dtype: DType) -> u64 {
    let whole = Fill::new(0, law, dtype, 1 << 40).unwrap().with_seed(0x0123_4567_89ab_cdef).with_stream("contract v1");
    let fill = whole.range((1 << 36) + 3..(1 << 36) + 100_010).unwrap();
    digest(&cpu::bytes(&fill).unwrap())
}

#[test]
fn samples_of_version_1() {
    let cases: [(&str, Law, [u64; 3]); 16] = [
        (
            "uniform(-0.05, 0.05)",
            Law::uniform(-0.05, 0.05),
            [0x6ea0_ab15_2434_e844, 0xcd71_4038_be5c_52cc, 0xc014_1395_d90e_72d7],
        ),
        (
            "uniform(0, 1)",
            Law::uniform(0.0, 1.0),
            [0x0ef8_183b_a1b6_7cbc, 0x4735_88be_4ffa_c645, 0x8160_5902_94c6_131c],
        ),
        (
            "normal(0, 0.02)",
            Law::normal(0.0, 0.02),
            [0x13d1_58a0_66fb_2ced, 0xa3a4_7780_bb15_8fb6, 0x25aa_46c0_36a8_0656],
        ),
        (
            "normal(1, 0.5)",
            Law::normal(1.0, 0.5),
            [0xe864_c222_68b1_f53b, 0xd1e0_1943_2a0c_c0c5, 0xc36d_7c28_5468_f066],
        ),
        (
            "truncated_normal(0, 1, -2, 2)",
            Law::truncated_normal(0.0, 1.0, -2.0, 2.0).unwrap(),
            [0x243d_ed1d_8e38_71bd, 0xd9ed_f666_2f42_5a3f, 0x6d44_4f68_494d_4724],
        ),
        (
            "normal_quantile(0, 0.02)",
            Law::normal_quantile(0.0, 0.02).unwrap(),
            [0x496a_be9a_47cb_557e, 0xcebd_e779_e5ce_e7bd, 0xfe8c_b3cb_34a7_3054],
        ),
        (
            "truncated_normal(1, 2, 1.5, inf)",
            Law::truncated_normal(1.0, 2.0, 1.5, f64::INFINITY).unwrap(),
            [0xe48e_fcf7_db85_d2f9, 0x8adf_cef5_26c9_2ebf, 0x7e11_05eb_4cd0_3aad],
        ),
        (
            "laplace(0, 1)",
            Law::laplace(0.0, 1.0).unwrap(),
            [0xc808_2828_0e8a_51c6, 0x390c_321d_d95c_f54b, 0xdbf7_a235_317c_e7c3],
        ),
        (
            "logistic(0, 1)",
            Law::logistic(0.0, 1.0).unwrap(),
            [0x2f02_099d_5399_d822, 0x759d_6cc7_cbba_ef43, 0xb4e9_108f_4681_68dc],
        ),
        (
            "gumbel(0, 1)",
            Law::gumbel(0.0, 1.0).unwrap(),
            [0x3cf5_349e_25da_3207, 0x658a_3832_51e7_c6c0, 0x53a2_7dee_5285_2338],
        ),
        (
            "exponential(1)",
            Law::exponential(1.0).unwrap(),
            [0x4570_c1f8_340f_fc30, 0x7dc0_5cf5_63e5_63b9, 0x2d1a_bdf5_4819_e134],
        ),
        (
            "cauchy(0, 1, 0.001)",
            Law::cauchy(0.0, 1.0, 0.001).unwrap(),
            [0x72b0_19af_17f5_f4bb, 0xa206_b86e_426f_a9d7, 0x0567_1c9d_45b4_3d9b],
        ),
        (
            "log_uniform(0.001, 0.1)",
            Law::log_uniform(0.001, 0.1).unwrap(),
            [0xc1cc_ece2_d51e_1c98, 0x1902_7d14_da0b_480b, 0xd5a4_0739_b65f_946b],
        ),
        (
            "triangular(0, 1, 0.3)",
            Law::triangular(0.0, 1.0, 0.3).unwrap(),
            [0x7f14_8817_773e_ab95, 0x8869_9d7c_dc26_7be0, 0x9e0c_c13a_2c4f_098c],
        ),
        (
            "arcsine(0, 1)",
            Law::arcsine(0.0, 1.0).unwrap(),
            [0x70f3_25ae_353a_572b, 0x9c28_7c2c_ca74_ebb8, 0x607f_eb3a_8c27_e28d],
        ),
        (
            "beta(2, 3)",
            Law::beta(2.0, 3.0).unwrap(),
            [0x3e5e_1e12_cf49_ea1f, 0xfb4a_2194_6f09_234e, 0xab26_1fd6_570f_a6fb],
        ),
    ];
    for (name, law, expected) in cases {
        let found = [DType::F32, DType::F16, DType::BF16].map(|dtype| digest_of(law.clone(), dtype));
        assert_eq!(found, expected, "{name}: {found:#018x?}");
    }
    let types = [DType::F64, DType::F8E4M3, DType::F8E5M2];
    let found = types.map(|dtype| digest_of(Law::normal(0.0, 0.5), dtype));
    assert_eq!(found, [0x91e8_bc46_7f3c_1915, 0x935e_c9f7_961f_df2c, 0x360b_eb5d_164d_0eb0], "normal: {found:#018x?}");
    let found = digest_of(Law::Bits, DType::U32);
    assert_eq!(found, 0xee15_b138_0b8a_31d3, "{found:#018x}");
}

/// The number that a reader can follow through the files: seed 7, he_normal, shape [64, 48].
#[test]
fn one_number_of_version_1() {
    let fill = Initializer::he_normal().request(0, &[64, 48], Layout::Torch, DType::F32).unwrap().with_seed(7);
    let values = cpu::values(&fill).unwrap();
    assert_eq!(values[..4], [-0.3493824303150177, -0.14841465651988983, 0.0642029196023941, 0.047896578907966614]);
    let named = cpu::values(&fill.with_stream("fc.weight")).unwrap();
    assert_eq!(named[..4], [0.05681461840867996, -0.08000241219997406, 0.12767574191093445, -0.05611390247941017]);
    assert_eq!(Stream::from("fc.weight").0, 0x7ee4d3ca711b8630);
}

#[test]
fn matrices_of_version_1() {
    let cases = [
        ("sparse", &[("sparsity", 0.3)][..], [1000, 700], 0x891f_b745_181c_685a),
        ("toeplitz", &[("std", 0.5)], [1000, 700], 0x7840_b5e4_06d1_eed2),
        ("padded", &[("padding_idx", -3.0)], [1000, 700], 0xda39_846d_bccd_a4f6),
        ("block_diagonal", &[("blocks", 10.0)], [1000, 700], 0xe7c6_c9f8_6a8e_0440),
        ("sinusoidal", &[], [10_000, 64], 0xe94b_ec7e_291c_cdec),
        ("rotary", &[("base", 500_000.0)], [10_000, 64], 0x2100_7145_5378_de12),
    ];
    for (name, arguments, shape, expected) in cases {
        let arguments = arguments.iter().map(|&(name, value)| (name.to_owned(), Value::Number(value))).collect();
        let initializer = by_name(name).unwrap().initializer(&arguments).unwrap();
        let fill =
            initializer.request(0, &shape, Layout::Torch, DType::F32).unwrap().with_seed(11).with_stream("contract v1");
        let found = digest(&cpu::bytes(&fill).unwrap());
        assert_eq!(found, expected, "{name}: {found:#018x}");
    }
}

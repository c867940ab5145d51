//! Nothing is fused in the machine code that a real compiler makes of the portable kernels: Mesa's AMD compiler, which
//! fuses whatever it may. tests/fusion.rs shows the same from the WGSL, without a compiler.
//!
//! `cargo test -p weightinit-isa -- --ignored` compiles every kernel for every family.

use std::collections::HashSet;
use std::process::Command;

use weightinit::plan::Kernel;
use weightinit::plan::{Kind, StructureKind};
use weightinit_isa::{FAMILIES, Report, kernels};

/// The only literals that may be a factor of a fused product, powers of two by law: 2^-16 and 2^-32 of a distance from
/// 1 in two parts (`minus_two_log` in shaders/law/normal.wgsl; one compiler fuses one with the sum, another the other),
/// 2^-24 of a place in a quadrant (`direction`), 2^-23 of a position in a segment (shaders/law/quantile.wgsl). The
/// products are exact.
const EXACT: [(&str, &[&str]); 2] =
    [("normal_", &["0x37800000", "0x2f800000", "0x33800000"]), ("quantile_", &["0x34000000"])];

/// Compiles kernels by name, or files of WGSL.
fn compiled(families: &[&str], sources: &[String]) -> Vec<Report> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weightinit-isa"));
    command.arg("--json").args(families.iter().flat_map(|family| ["--family", family])).arg("--").args(sources);
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("reports")
}

fn portable() -> impl Iterator<Item = Kernel> {
    kernels().filter(|kernel| kernel.kind() != Kind::NormalNative)
}

fn names(kernels: impl Iterator<Item = Kernel>) -> Vec<String> {
    kernels.map(Kernel::name).collect()
}

fn assert_nothing_fused(reports: &[Report]) {
    for Report { family, kernel, spilled_vgprs, spilled_sgprs, fused, exact, .. } in reports {
        assert!(fused.is_empty(), "{kernel} on {family}: {fused:#?}");
        assert_eq!(*spilled_vgprs, 0, "{kernel} on {family}");
        // The longest kernels, in the form for devices without 64-bit integers, which this GPU has.
        let long = family == "VEGA10" && kernel.starts_with("sparse_normal_") && !kernel.contains("_int64");
        assert!(*spilled_sgprs <= if long { 15 } else { 0 }, "{kernel} on {family}: {spilled_sgprs}");
        let literals: Vec<_> = EXACT.iter().filter(|(law, _)| kernel.contains(law)).flat_map(|(_, of)| *of).collect();
        let known = |instruction: &String| literals.iter().any(|literal| instruction.contains(**literal));
        assert!(exact.iter().all(known), "{kernel} on {family}: {exact:#?}");
    }
}

/// On one family every kernel as a Vulkan device runs it, but structures only with types of 32 and 64 bits, since they
/// take elements as they are; on the others each law with each type.
#[test]
fn nothing_is_fused() {
    let [first, second, third] = FAMILIES;
    let of_structure =
        |kernel: &Kernel| kernel.structure() == StructureKind::Dense || matches!(kernel.dtype().size(), 4 | 8);
    let here = names(portable().filter(|kernel| kernel.has_int64()).filter(of_structure));
    let reports = compiled(&[second], &here);
    assert_eq!(reports.len(), here.len());
    assert_nothing_fused(&reports);

    let mut seen = HashSet::new();
    let each = names(portable().filter(|kernel| seen.insert((kernel.kind(), kernel.dtype(), kernel.update()))));
    let reports = compiled(&[first, third], &each);
    assert_eq!(reports.len(), 2 * each.len());
    assert_nothing_fused(&reports);
}

#[test]
#[ignore = "minutes"]
fn nothing_is_fused_anywhere() {
    let all = names(portable());
    let reports = compiled(&FAMILIES, &all);
    assert_eq!(reports.len(), FAMILIES.len() * all.len());
    assert_nothing_fused(&reports);
}

/// Barriers between a product and a product, against reassociation: this compiler leaves that order as it is, so that
/// only tests/fusion.rs sees that they are needed.
const BETWEEN_PRODUCTS: [&str; 5] = [
    "halved(y * y)",
    "barrier(y * correction)",
    "barrier(square_root(minus_two_log(radius_word)))",
    "barrier(t * t)",
    "barrier(s * t)",
];

/// A barrier between a product and a sum: without it something is fused, and the check sees that. Without one between
/// products nothing is.
#[test]
fn a_missing_barrier_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut files, mut kinds) = (Vec::new(), Vec::new());
    let names =
        ["uniform_f32_centred_bounded", "normal_f32_centred", "quantile_f32_centred_bounded", "constant_f32_blend"];
    for name in names {
        let kernel = Kernel::all().chain(Kernel::updates()).find(|kernel| kernel.name() == name).unwrap();
        let source = kernel.source();
        let barriers = source.match_indices("barrier(").map(|(place, call)| (place, call, "("));
        let halved = source.match_indices("halved(").map(|(place, call)| (place, call, "0.5 * ("));
        for (place, call, instead) in barriers.chain(halved) {
            let line = source[..place].rsplit('\n').next().unwrap_or_default();
            let unused = matches!(kernel.kind(), Kind::Uniform | Kind::Constant) && line.contains("return ");
            if line.ends_with("fn ") || line.contains("//") || unused {
                continue;
            }
            let path = folder.path().join(format!("{}_{}.wgsl", kernel.name(), files.len()));
            std::fs::write(&path, format!("{}{instead}{}", &source[..place], &source[place + call.len()..])).unwrap();
            files.push(path.to_str().unwrap().to_owned());
            kinds.push(BETWEEN_PRODUCTS.iter().find(|text| source[place..].starts_with(**text)));
        }
    }
    assert_eq!((kinds.len(), kinds.iter().flatten().count()), (14, BETWEEN_PRODUCTS.len()));
    let reports = compiled(&FAMILIES, &files);
    for (file, between_products) in files.iter().zip(kinds) {
        let of_file: Vec<_> = reports.iter().filter(|report| report.kernel == *file).collect();
        assert_eq!(of_file.len(), FAMILIES.len());
        let fused: usize = of_file.iter().map(|report| report.fused.len()).sum();
        assert_eq!(fused == 0, between_products.is_some(), "{file}: {fused} fused");
    }
}

/// Orthogonal matrices are promised within a tolerance: they are no kernel that is checked here, and are fused. Seen in
/// their first two entry points, since the compiler takes half a minute for all.
#[test]
fn orthogonal_matrices_are_fused_and_no_kernels() {
    let source = include_str!("../../../shaders/matrix/orthogonal.wgsl");
    let (third, _) = source.match_indices("@compute").nth(2).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orthogonal.wgsl");
    std::fs::write(&path, &source[..third]).unwrap();
    let reports = compiled(&FAMILIES[1..2], &[path.to_str().unwrap().to_owned()]);
    let entry_points: Vec<_> = reports.iter().map(|report| report.kernel.rsplit(':').next().unwrap()).collect();
    assert_eq!(entry_points, ["clear_padding", "inner_products"]);
    assert!(reports.iter().any(|report| !report.fused.is_empty()));
    assert!(kernels().all(|kernel| !kernel.source().contains("fn inner_products")));
}

#[test]
fn a_family_that_the_driver_does_not_know_is_an_error() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_weightinit-isa"));
    let output = command.args(["--family", "NO_SUCH_GPU", "constant_f32"]).output().unwrap();
    assert!(!output.status.success());
}

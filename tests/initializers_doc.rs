//! `docs/initializers.md` names every initializer of the registry and every function of the frameworks.

use weightinit::init::REGISTRY;

/// Public initializers of torch 2.15, keras 3.15, jax 0.10 and burn 0.22.
const TORCH: &str = "calculate_gain uniform_ normal_ trunc_normal_ constant_ ones_ zeros_ eye_ dirac_ xavier_uniform_ \
                     xavier_normal_ kaiming_uniform_ kaiming_normal_ orthogonal_ sparse_";
const KERAS: &str = "Constant Identity Ones STFT Zeros GlorotNormal GlorotUniform HeNormal HeUniform LecunNormal \
                     LecunUniform Orthogonal RandomNormal RandomUniform TruncatedNormal VarianceScaling";
const JAX: &str = "constant delta_orthogonal glorot_normal glorot_uniform he_normal he_uniform kaiming_normal \
                   kaiming_uniform lecun_normal lecun_uniform normal ones orthogonal truncated_normal uniform \
                   variance_scaling xavier_normal xavier_uniform zeros";
const BURN: &str =
    "Constant Ones Zeros Uniform Normal KaimingUniform KaimingNormal XavierUniform XavierNormal Orthogonal";

/// The cells of the table's rows, by column.
fn column(number: usize) -> Vec<String> {
    let doc = include_str!("../docs/initializers.md");
    let table =
        doc.lines().skip_while(|line| !line.starts_with("| here")).skip(2).take_while(|line| line.starts_with('|'));
    let cells = table.map(|row| row.split('|').nth(number + 1).unwrap().to_owned());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn every_name_has_a_row() {
    for (number, names) in [(1, TORCH), (2, KERAS), (3, JAX), (4, BURN)] {
        let column = column(number);
        for name in names.split(' ') {
            assert!(column.iter().any(|cell| cell == name), "{name} is missing from column {number}");
        }
    }
    let here = column(0);
    for entry in REGISTRY {
        assert!(here.iter().any(|cell| cell == entry.name), "{} is missing", entry.name);
    }
}

#[test]
fn tests_that_are_named_exist() {
    for file in column(6) {
        assert!(std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(&file).exists(), "{file}");
    }
}

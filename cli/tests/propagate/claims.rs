//! What texts say of initializers, as numbers.

use serde_json::Value;

use crate::{distance, numbers, of, runs};

/// Glorot and Bengio 2010, figure 2: the top layer of sigmoid saturates at once, and comes back when the network
/// learns.
#[test]
fn the_top_layer_of_sigmoid_saturates_and_comes_back() {
    let runs = runs(
        "--training --layers --activation sigmoid --init kaiming_uniform(a=2.236) --depth 4 --learning-rate 0.3 \
         --steps 8000",
    );
    let losses = numbers(&runs[0], "loss");
    let means: Vec<Vec<f64>> = serde_json::from_value(runs[0]["mean"].clone()).unwrap();
    let plateau = 15;
    assert_eq!((means.len(), &runs[0]["steps"][plateau]), (4, &2000.into()));
    for (layer, mean) in means.iter().enumerate() {
        assert!((mean[0] - 0.5).abs() < 0.05, "layer {layer}: {mean:?}");
        assert_eq!(mean[plateau] < 0.2, layer == 3, "layer {layer}: {mean:?}");
    }
    let top = &means[3];
    assert!(losses[plateau] > 0.9 && losses[60] < 0.1, "{losses:?}");
    assert!(top[60] > 1.3 * top[plateau], "{top:?}");
}

/// Their figure 3: layers of tanh saturate in their order, those of softsign less.
#[test]
fn layers_of_tanh_saturate_in_their_order() {
    let runs = runs(
        "--training --layers --activation tanh,softsign --init kaiming_uniform(a=2.236) --depth 5 --learning-rate 0.3 \
         --steps 2000",
    );
    let outer = |run: &Value| -> Vec<f64> {
        let layers: Vec<Vec<f64>> = serde_json::from_value(run["percentile_98"].clone()).unwrap();
        layers.iter().map(|layer| *layer.last().unwrap()).collect()
    };
    let (tanh, softsign) = (outer(&runs[0]), outer(&runs[1]));
    assert!(tanh[0] > 0.9 && tanh.windows(2).all(|pair| pair[0] > pair[1]), "{tanh:?}");
    let less = tanh.iter().zip(&softsign).all(|(tanh, softsign)| *softsign < tanh + 0.02);
    assert!(less && softsign[0] < 0.7, "{softsign:?}");
}

/// With zeros and constants the units of a layer are bit-equal after 100 steps of gradient descent, with random weights
/// none are.
#[test]
fn constant_weights_keep_units_equal() {
    let init = "zeros,constant(0.01),ones,normal(0,0.01),glorot_uniform,he_normal,orthogonal";
    let runs = runs(&format!("--symmetry --activation tanh,relu --width 24 --init {init}"));
    assert_eq!(runs.len(), 14);
    for run in &runs {
        let is_constant = ["zeros", "constant(0.01)", "ones"].contains(&run["init"].as_str().unwrap());
        assert_eq!((&run["steps"], &run["units"]), (&100.into(), &72.into()));
        // Ones and ReLU: 24 units of 24 inputs each diverge, and what is no number is not called equal.
        let verdict = match (is_constant, run["loss"].is_null()) {
            (_, true) => "diverges: its weights are no numbers",
            (true, false) => "all units of a layer are equal",
            (false, false) => "no units are equal",
        };
        assert_eq!(run["verdict"], verdict, "{run}");
        assert!(!run["loss"].is_null() || run["init"] == "ones", "{run}");
        if !run["loss"].is_null() {
            assert_eq!(run["equal_units"], if is_constant { 72 } else { 0 }, "{run}");
        }
    }
    // They do learn.
    let loss = |init: &str| of(&runs, init, "tanh")["loss"].as_f64().unwrap();
    assert!(loss("he_normal") < 0.5 && loss("zeros") > 0.9, "{runs:#?}");
}

/// Small normal weights make signals vanish, large ones make them explode or saturate.
#[test]
fn plain_normal_weights_vanish_or_explode() {
    let runs = runs("--backend cpu --depth 50 --width 256 --activation tanh,relu --init normal(0,0.01),normal(0,1)");
    let small = of(&runs, "normal(0,0.01)", "tanh");
    let variance = numbers(small, "activation_variance");
    assert!(variance[49] < 1e-20 * variance[0] && variance[49] > 0.0, "{variance:?}");
    // A product of 50 layers is spread as a log-normal law: by this much or more at this width.
    assert!(distance(&variance, &numbers(small, "theory")) < 3.0);
    assert_eq!(small["verdict"], "vanishes by layer 4");
    let large = of(&runs, "normal(0,1)", "relu");
    assert!(numbers(large, "activation_variance")[49] > 1e90);
    assert_eq!(large["verdict"], "explodes by layer 3");
    let large = of(&runs, "normal(0,1)", "tanh");
    assert_eq!(large["verdict"], "saturates by layer 1: most units are flat");
    assert!(numbers(large, "saturated").iter().all(|share| *share > 0.75));
    // What comes back through steep units all the same explodes.
    assert!(numbers(large, "gradient_variance")[0] > 1e30);
}

/// Glorot suits tanh, and He suits ReLU: variances and gradients stay within a factor of 2 around the theory over 50
/// layers of 1024 units.
#[test]
fn glorot_suits_tanh_and_he_suits_relu() {
    for (init, activation) in [("glorot_uniform", "tanh"), ("he_normal", "relu")] {
        let runs = runs(&format!("--backend cpu --depth 50 --width 1024 --activation {activation} --init {init}"));
        let run = &runs[0];
        for (measured, theory) in [("activation_variance", "theory"), ("gradient_variance", "gradient_theory")] {
            let factor = distance(&numbers(run, measured), &numbers(run, theory));
            assert!(factor < 2.0, "{init}, {activation}, {measured}: {factor}");
        }
        // Neither vanishes nor explodes, forward or back.
        let singular_value = run["largest_singular_value"].as_f64().unwrap();
        assert!((0.1..100.0).contains(&singular_value), "{singular_value}");
    }
}

/// Glorot halves variances of ReLU at every layer. Over the mean-field theory: the mean ratio of 20 layers.
#[test]
fn glorot_halves_relu() {
    let runs = runs("--backend cpu --depth 20 --width 512 --activation relu --init glorot_normal");
    let variance = numbers(&runs[0], "activation_variance");
    let ratio = (variance[19] / variance[0]).powf(1.0 / 19.0);
    assert!((ratio - 0.5).abs() < 0.05, "{ratio}");
    let gradient = numbers(&runs[0], "gradient_variance");
    let ratio = (gradient[0] / gradient[19]).powf(1.0 / 19.0);
    assert!((ratio - 0.5).abs() < 0.05, "{ratio}");
    let verdict = runs[0]["verdict"].as_str().unwrap();
    let layer: u32 = verdict.strip_prefix("vanishes by layer ").unwrap().parse().unwrap();
    assert!((14..=17).contains(&layer), "{verdict}");
}

/// He saturates sigmoid layers: all inputs come to give the same outputs, and gradients vanish. It is not that units
/// would be flat: none is.
#[test]
fn he_saturates_sigmoid() {
    let run = &runs("--backend cpu --depth 50 --width 256 --activation sigmoid --init he_normal")[0];
    assert_eq!(run["verdict"], "saturates by layer 7: all inputs give the same outputs");
    assert!(numbers(run, "cosine")[49] > 1.0 - 1e-9);
    assert!(numbers(run, "gradient_variance")[0] < 1e-40);
    assert!(numbers(run, "saturated")[1..].iter().all(|share| *share < 0.001));
    assert!(distance(&numbers(run, "activation_variance"), &numbers(run, "theory")) < 1.5);
}

/// Of 30 layers of ReLU, He's learn and Glorot's stall (He et al. 2015, figure 3).
#[test]
fn he_learns_where_glorot_stalls() {
    let runs = runs(
        "--training --depth 30 --width 24 --batch 16 --steps 250 --seeds 2 --learning-rate 0.02 --activation relu \
         --init he_normal,glorot_normal",
    );
    let end = |run: &Value, which: &str| *numbers(run, which).last().unwrap();
    assert!(end(&runs[0], "median_loss") < 0.9 && end(&runs[0], "greatest_loss") < 0.98, "{}", runs[0]);
    assert!((end(&runs[1], "least_loss") - 1.0).abs() < 0.01, "{}", runs[1]);
}

/// The cosine between two inputs follows the correlation map: to 1 in the ordered phase, to a fixed point below it in
/// the chaotic one (Poole et al. 2016).
#[test]
fn cosines_follow_the_correlation_map() {
    let runs = runs(
        "--backend cpu --depth 20 --width 512 --batch 64 --activation tanh --bias normal(0,0.3) \
         --init normal(0,0.0442),normal(0,0.1768)",
    );
    for run in &runs {
        let pairs = numbers(run, "cosine").into_iter().zip(numbers(run, "cosine_theory"));
        let off = pairs.map(|(found, expected)| (found - expected).abs()).fold(0.0, f64::max);
        assert!(off < 0.05, "{off}: {run}");
    }
    assert!(numbers(&runs[0], "cosine")[19] > 0.9 && numbers(&runs[1], "cosine")[19] < 0.3);
}

/// An orthogonal linear network is an isometry: every number is known.
#[test]
fn orthogonal_linear_networks_are_isometries() {
    let runs = runs("--backend cpu --depth 30 --width 64 --activation linear --init orthogonal,orthogonal(2)");
    for (run, gain) in runs.iter().zip([1.0f64, 2.0]) {
        let singular_value = run["largest_singular_value"].as_f64().unwrap();
        assert!((singular_value / gain.powi(30) - 1.0).abs() < 1e-5, "{singular_value}");
        assert!((numbers(run, "cosine")[29] / numbers(run, "cosine")[0] - 1.0).abs() < 1e-6);
        assert!(distance(&numbers(run, "activation_variance"), &numbers(run, "theory")) < 1.1);
    }
    assert_eq!(runs[0]["verdict"], "keeps its variance within 2 × over 30 layers");
}

/// Delta-orthogonal convolutions are isometries too (Xiao et al. 2018).
#[test]
fn convnets() {
    let runs = runs(
        "--backend cpu --network convnet --depth 8 --width 32 --batch 8 --activation linear \
         --init delta_orthogonal,he_normal",
    );
    let singular_value = runs[0]["largest_singular_value"].as_f64().unwrap();
    assert!((singular_value - 1.0).abs() < 1e-5, "{singular_value}");
    // He doubles the variance of linear layers.
    let variance = numbers(&runs[1], "activation_variance");
    assert!((variance[7] / 256.0).ln().abs() < 0.7, "{variance:?}");
    assert!(distance(&numbers(&runs[1], "gradient_variance"), &numbers(&runs[1], "gradient_theory")) < 2.0);
}

/// The weights of a GPU are the CPU's to the bit; passes are rounded in other ways. Where signals are not chaotic,
/// every number is within 1e-3 of the CPU's.
#[test]
fn gpu_and_cpu_agree() {
    let asked = "--depth 9 --width 72 --batch 10 --activation tanh,relu \
                 --init he_normal,glorot_uniform,normal(0,0.01),constant(0.01) --backend";
    let (cpu, gpu) = (runs(&format!("{asked} cpu")), runs(&format!("{asked} gpu")));
    let conv = "--network convnet --depth 3 --width 5 --batch 4 --activation gelu --init he_uniform --backend";
    let all = cpu.iter().zip(&gpu);
    let (cpu_conv, gpu_conv) = (runs(&format!("{conv} cpu")), runs(&format!("{conv} gpu")));
    for (cpu, gpu) in all.chain(cpu_conv.iter().zip(&gpu_conv)) {
        for key in ["activation_variance", "gradient_variance", "cosine"] {
            for (cpu, gpu) in numbers(cpu, key).iter().zip(numbers(gpu, key)) {
                let off = (gpu - cpu).abs() <= 1e-3 * cpu.abs().max(1e-60);
                // Cosines with an input that a layer makes 0 are none.
                assert!(off || *cpu == gpu, "{key}: {cpu}, {gpu}");
            }
        }
        let value = |run: &Value| run["largest_singular_value"].as_f64().unwrap();
        assert!((value(gpu) / value(cpu) - 1.0).abs() < 1e-2, "{} {}", value(cpu), value(gpu));
        assert_eq!((&cpu["verdict"], &cpu["theory"]), (&gpu["verdict"], &gpu["theory"]));
    }
}

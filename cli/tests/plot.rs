//! `weightinit plot`: pictures of tensors and of whole files, and what it refuses.

mod common;

use common::{Folder, said};

/// A model of three layers, of which one has integers; a folder with two files of it.
fn folder() -> Folder {
    let tensor = |name: &str, shape: &str, dtype: &str| {
        format!("[[tensor]]\nname = \"{name}\"\nshape = {shape}\ndtype = \"{dtype}\"\n")
    };
    let mut spec = "layout = \"torch\"\ndefault = \"zeros\"\n".to_owned();
    for layer in [2, 10] {
        spec += &tensor(&format!("h.{layer}.weight"), "[40, 30]", "float32");
        spec += &tensor(&format!("h.{layer}.bias"), "[40]", "bfloat16");
    }
    spec += &tensor("step", "[]", "int64");
    spec += "[[rule]]\nmatch = \"h.2.weight\"\ninit = \"orthogonal\"\n";
    spec += "[[rule]]\nmatch = \"*.weight\"\ninit = \"he_normal\"\n";
    let folder = Folder::with("m.toml", spec);
    for (seed, file) in [("1", "a.safetensors"), ("2", "b.safetensors")] {
        folder.ok(&["init", "m.toml", "--seed", seed, "-o", file, "--backend", "cpu"]);
    }
    folder
}

fn svg(folder: &Folder, arguments: &[&str]) -> String {
    folder.ok(&[&["plot", "a.safetensors", "-o", "p.svg"], arguments].concat());
    String::from_utf8(folder.read("p.svg")).unwrap()
}

fn has(svg: &str, texts: &[&str]) {
    for text in texts {
        assert!(svg.contains(&format!("\n{text}\n")), "{text}: {svg}");
    }
}

#[test]
fn a_tensor_in_detail() {
    let folder = folder();
    let of_weight = ["--tensor", "h.10.weight"];
    let fitted = svg(&folder, &of_weight);
    has(&fitted, &["histogram", "density", "quantiles, in standard deviations", "matrix", "row", "F32 [40, 30]"]);
    has(&fitted, &["singular values and Marchenko-Pastur", "a.safetensors", "dashed: truncated normal, fitted"]);
    assert!(fitted.contains("<image ") && !fitted.contains("NaN"));
    let known = svg(&folder, &[&of_weight[..], &["--spec", "m.toml"]].concat());
    assert!(known.contains("dashed: truncated normal mean 0 std "), "{known}");
    let both = svg(&folder, &[&of_weight[..], &["--with", "b.safetensors"]].concat());
    has(&both, &["a.safetensors", "b.safetensors"]);
    // Vectors, constants, integers and scalars have less to show.
    let bias = svg(&folder, &["--tensor", "h.2.bias"]);
    has(&bias, &["histogram", "elements", "index", "BF16 [40]"]);
    assert!(!bias.contains("dashed") && !bias.contains("NaN"));
    has(&svg(&folder, &["--tensor", "step"]), &["histogram", "I64 []"]);
    // A file with one tensor needs no name; every number that is not finite is passed over.
    folder.ok(&["fill", "--shape", "4x3", "--init", "uniform", "-o", "one.safetensors", "--backend", "cpu"]);
    folder.ok(&["plot", "one.safetensors", "-o", "one.png"]);
    assert!(folder.read("one.png").starts_with(b"\x89PNG"));
}

#[test]
fn a_file_in_the_order_of_its_model() {
    let folder = folder();
    let alone = svg(&folder, &[]);
    has(&alone, &["standard deviations", "means", "std", "mean", "tensor", "5 tensors", "a.safetensors"]);
    assert!(!alone.contains("rings"));
    let beside = svg(&folder, &["--spec", "m.toml", "--with", "b.safetensors"]);
    has(&beside, &["over what is expected", "std / std of its law", "rings: their laws", "b.safetensors"]);
    // Two weights of two files over their laws, and rings of the laws of weights and biases.
    let plain = svg(&folder, &["--init", "he_normal"]);
    assert!(plain.matches("<circle").count() > alone.matches("<circle").count());
    assert_eq!(alone.matches("<circle").count(), 10);
}

/// The same picture, beside the tests.
#[test]
fn statistics_with_a_picture() {
    let folder = folder();
    let drawn = svg(&folder, &["--spec", "m.toml"]);
    let verify = ["verify", "a.safetensors", "--spec", "m.toml", "--seed", "1", "--statistics", "--plot", "v.svg"];
    let table = String::from_utf8(folder.ok(&verify)).unwrap();
    assert!(table.starts_with("tensor ") && table.contains("h.10.weight"), "{table}");
    assert!(folder.read("v.svg") == drawn.as_bytes());
    let output = folder.run(&["verify", "a.safetensors", "--spec", "m.toml", "--plot", "w.svg"]);
    assert!(output.status.code() == Some(2) && said(&output).contains("--statistics"), "{}", said(&output));
    let output = folder.run(&["verify", "a.safetensors", "--statistics", "--plot", "w.gif"]);
    let expected = "error: cannot write w.gif: expected a name that ends in .svg or .png\n";
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(1), expected));
}

#[test]
fn what_cannot_be_drawn() {
    let folder = folder().and("empty.toml", "default = \"ones\"\n[[tensor]]\nname = \"w\"\nshape = [0, 3]\n");
    let folder = folder.and("broken.safetensors", "abc");
    folder.ok(&["init", "empty.toml", "-o", "empty.safetensors", "--backend", "cpu"]);
    let before = folder.files();
    let refused = |arguments: &str, expected: &str| {
        let arguments: Vec<_> = ["plot"].into_iter().chain(arguments.split(' ')).collect();
        let output = folder.run(&arguments);
        assert_eq!((output.status.code(), said(&output)), (Some(1), format!("error: {expected}\n")));
        assert_eq!(folder.files(), before);
    };
    refused("a.safetensors -o a.gif", "cannot write a.gif: expected a name that ends in .svg or .png");
    refused("none.safetensors -o a.svg", "cannot open none.safetensors: No such file or directory (os error 2)");
    refused(
        "a.safetensors --tensor w -o a.svg",
        "a.safetensors has no tensor 'w'; it has: h.2.bias, h.2.weight, h.10.bias, h.10.weight, step",
    );
    refused("empty.safetensors -o a.svg", "empty.safetensors has no tensors of numbers to plot");
    refused(
        "empty.safetensors --tensor w -o a.svg",
        "tensor 'w' of empty.safetensors has no numbers to plot: it is F32 of shape [0, 3]",
    );
    refused(
        "broken.safetensors -o a.svg",
        "broken.safetensors is not a complete .safetensors file: it has 3 bytes, its header's length alone takes 8",
    );
    let output = folder.run(&["plot", "a.safetensors"]);
    let text = said(&output);
    assert!(output.status.code() == Some(2) && text.contains("--output <FILE>"), "{text}");
}

//! `fill`: one tensor in every format, whole and in pieces.

mod common;

use std::io::Read;
use std::process::Stdio;

use common::Folder;
use safetensors::{Dtype, SafeTensors};
use weightinit::{DType, Fill, Initializer, Law, Layout, Request, cpu};

const GLOROT: [&str; 9] = ["fill", "--shape", "64x48", "--init", "glorot_uniform", "--layout", "torch", "--seed", "7"];

fn with<'a>(base: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    base.iter().chain(more).copied().collect()
}

fn glorot(dtype: DType) -> Request {
    Initializer::glorot_uniform().request(0, &[64, 48], Layout::Torch, dtype).unwrap().with_seed(7)
}

#[test]
fn raw_bytes_go_to_stdout() {
    let folder = Folder::new();
    for backend in ["cpu", "gpu"] {
        let bytes = folder.ok(&with(&GLOROT, &["-o", "-", "--backend", backend]));
        assert!(bytes == cpu::bytes(&glorot(DType::F32)).unwrap());
    }
    let named = folder.ok(&with(&GLOROT, &["-o", "-", "--name", "fc.weight", "--dtype", "f16", "--backend", "cpu"]));
    assert!(named == cpu::bytes(&glorot(DType::F16).with_stream("fc.weight")).unwrap());
    let numbered = folder.ok(&with(&GLOROT, &["-o", "-", "--stream", "12", "--backend", "cpu"]));
    assert!(numbered == cpu::bytes(&glorot(DType::F32).with_stream(12)).unwrap());
}

#[test]
fn ranges_are_pieces_of_the_whole() {
    let folder = Folder::new();
    for dtype in ["f32", "bf16"] {
        let whole = folder.ok(&with(&GLOROT, &["-o", "-", "--dtype", dtype]));
        let size = whole.len() / (64 * 48);
        for (start, end) in [(0, 1), (5, 3072), (1001, 1002), (7, 2000)] {
            let range = format!("{start}..{end}");
            let piece = folder.ok(&with(&GLOROT, &["-o", "-", "--dtype", dtype, "--range", &range]));
            assert!(piece == whole[start * size..end * size], "{dtype} {range}");
        }
    }
    let far = ["fill", "--shape", "1099511627776", "--init", "normal", "--range", "4294967290..4294967310", "-o", "-"];
    let expected = Fill::new(0, Law::normal(0.0, 1.0), DType::F32, 1 << 40).unwrap();
    let expected = expected.range((1 << 32) - 6..(1 << 32) + 14).unwrap();
    assert_eq!(folder.ok(&far), cpu::bytes(&expected).unwrap());
}

#[test]
fn bits_are_the_published_words() {
    let folder = Folder::new();
    let words = folder.ok(&["fill", "--shape", "4", "--init", "bits", "-o", "-"]);
    let expected = [0x6627_e8d5u32, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8].map(u32::to_le_bytes).concat();
    assert_eq!(words, expected);
}

#[test]
fn npy_files_have_numpys_header() {
    let folder = Folder::new();
    folder.ok(&with(&GLOROT, &["-o", "out.npy"]));
    let file = folder.read("out.npy");
    assert_eq!(file[..8], *b"\x93NUMPY\x01\x00");
    let length = usize::from(u16::from_le_bytes([file[8], file[9]]));
    let text = std::str::from_utf8(&file[10..10 + length]).unwrap();
    assert_eq!(text.trim_end(), "{'descr': '<f4', 'fortran_order': False, 'shape': (64,48,), }");
    assert!(file[10 + length..] == cpu::bytes(&glorot(DType::F32)).unwrap());
    assert_eq!((10 + length) % 64, 0);

    folder.ok(&["fill", "--shape", "scalar", "--init", "constant", "--param", "value=2.5", "-o", "scalar.npy"]);
    let file = folder.read("scalar.npy");
    assert!(String::from_utf8_lossy(&file).contains("'shape': (), }"));
    assert_eq!(file[file.len() - 4..], 2.5f32.to_le_bytes());
}

#[test]
fn safetensors_files_name_the_tensor() {
    let folder = Folder::new();
    folder
        .ok(&with(&GLOROT, &["-o", "out.safetensors", "--dtype", "bf16", "--name", "fc.weight", "--range", "8..100"]));
    let file = folder.read("out.safetensors");
    let tensors = SafeTensors::deserialize(&file).unwrap();
    let tensor = tensors.tensor("fc.weight").unwrap();
    assert_eq!((tensor.dtype(), tensor.shape()), (Dtype::BF16, &[92][..]));
    let expected = glorot(DType::BF16).with_stream("fc.weight").range(8..100).unwrap();
    assert!(tensor.data() == cpu::bytes(&expected).unwrap());
}

#[test]
fn parameters_reach_the_law() {
    let folder = Folder::new();
    let fill = |init: &str, parameters: &[&str]| {
        let mut arguments = vec!["fill", "--shape", "1000", "--init", init, "-o", "-", "--backend", "cpu"];
        parameters.iter().for_each(|parameter| arguments.extend(["--param", parameter]));
        folder.ok(&arguments)
    };
    let bytes = |law: Law| cpu::bytes(&Fill::new(0, law, DType::F32, 1000).unwrap()).unwrap();
    assert_eq!(fill("uniform", &["low=-1", "high=3"]), bytes(Law::uniform(-1.0, 3.0)));
    assert_eq!(fill("normal", &["mean=1", "std=0.5"]), bytes(Law::normal(1.0, 0.5)));
    let truncated = |a, b| bytes(Law::truncated_normal(1.0, 0.5, a, b).unwrap());
    assert_eq!(fill("truncated_normal", &["mean=1", "std=0.5"]), truncated(0.0, 2.0));
    assert_eq!(
        fill("truncated_normal", &["mean=1", "std=0.5", "lower=0.75", "upper=inf"]),
        truncated(0.75, f64::INFINITY)
    );
}

/// Where both layouts mean the same, none is asked for.
#[test]
fn layouts_are_needed_only_where_they_matter() {
    let folder = Folder::new();
    let without = folder.ok(&["fill", "--shape", "64x48", "--init", "glorot_uniform", "--seed", "7", "-o", "-"]);
    assert!(without == folder.ok(&with(&GLOROT, &["-o", "-"])));
    assert!(!folder.run(&["fill", "--shape", "3x3x64x48", "--init", "glorot_uniform", "-o", "-"]).status.success());
}

/// Every name is listed with its parameters and defaults.
#[test]
fn initializers_are_listed() {
    let text = String::from_utf8(Folder::new().ok(&["initializers"])).unwrap();
    assert_eq!(text.lines().count(), 1 + weightinit::init::REGISTRY.len());
    let row = text.lines().find(|line| line.starts_with("kaiming_normal ")).unwrap();
    assert!(row.contains("a=0 mode=fan_in nonlinearity=leaky_relu") && row.contains("torch.nn.init.kaiming_normal_"));
}

/// A reader that stops early is no error.
#[test]
fn closed_pipes_end_quietly() {
    let folder = Folder::new();
    let mut command =
        folder.command(&["fill", "--shape", "100000000", "--init", "uniform", "-o", "-", "--backend", "cpu"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 16];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(common::said(&output), "");
}

//! `verify --statistics` of files that are no safetensors, and of one that memory could not hold.

mod common;

use common::{Folder, said};

#[test]
fn hostile_files_are_refused() {
    let refused = |contents: &[u8], message: &str| {
        let folder = Folder::with("a.safetensors", contents);
        let output = folder.run(&["verify", "a.safetensors", "--statistics"]);
        let expected = format!("error: a.safetensors is not a complete .safetensors file: {message}\n");
        assert_eq!((output.status.code(), said(&output)), (Some(1), expected));
        assert!(output.stdout.is_empty());
    };
    let header =
        |text: &str, bytes: usize| [&(text.len() as u64).to_le_bytes()[..], text.as_bytes(), &vec![0; bytes]].concat();
    let whole = header(r#"{"w":{"dtype":"F32","shape":[100],"data_offsets":[0,400]}}"#, 400);
    refused(b"", "it has 0 bytes, its header's length alone takes 8");
    refused(&whole[..7], "it has 7 bytes, its header's length alone takes 8");
    refused(&u64::MAX.to_le_bytes(), "its header should have 18446744073709551615 bytes, 0 are left");
    refused(&whole[..whole.len() - 1], "its header promises 400 bytes of data, it has 399");
    refused(&[&whole[..], &[0]].concat(), "its header promises 400 bytes of data, it has 401");
    let tensor = |dtype: &str, shape: &str| {
        header(&format!(r#"{{"w":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[0,8]}}}}"#), 8)
    };
    refused(&tensor("F64", "[2]"), "invalid shape, data type, or offset for tensor");
    refused(
        &tensor("F32", "[4611686018427387904, 4]"),
        "overflow computing buffer size from shape and/or element type",
    );
    refused(&header("{", 8), "EOF while parsing an object at line 1 column 1");

    let folder = Folder::with("a.safetensors", 100_000_001u64.to_le_bytes());
    std::fs::OpenOptions::new().write(true).open(folder.path("a.safetensors")).unwrap().set_len(1 << 28).unwrap();
    let output = folder.run(&["verify", "a.safetensors", "--statistics"]);
    let message = "its header should have 100000001 bytes, the format has 100000000 at most";
    assert_eq!(said(&output), format!("error: a.safetensors is not a complete .safetensors file: {message}\n"));

    let folder = Folder::new();
    let output = folder.run(&["verify", "none.safetensors", "--statistics"]);
    assert_eq!(said(&output), "error: cannot open none.safetensors: No such file or directory (os error 2)\n");
    let output = folder.run(&["verify", "none.safetensors"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(said(&output).starts_with("error: the following required arguments were not provided:\n  --spec <SPEC>\n"));
}

/// A file of 256 MiB in an address space of 192 MiB, in which it could not be held.
#[cfg(target_os = "linux")]
#[test]
fn memory_is_bounded() {
    const ELEMENTS: u64 = 1 << 26;
    let header = format!(r#"{{"w":{{"dtype":"F32","shape":[{ELEMENTS}],"data_offsets":[0,{}]}}}}"#, 4 * ELEMENTS);
    let folder = Folder::with("a.safetensors", [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat());
    let file = std::fs::OpenOptions::new().append(true).open(folder.path("a.safetensors")).unwrap();
    file.set_len(8 + header.len() as u64 + 4 * ELEMENTS).unwrap();
    let limited = |kib: u64, command: &str| {
        let program = env!("CARGO_BIN_EXE_weightinit");
        let script =
            format!("ulimit -v {kib}; {command} | tail -n 1", command = command.replace("weightinit", program));
        let output =
            std::process::Command::new("bash").args(["-c", &script]).current_dir(folder.folder.path()).output();
        String::from_utf8(output.unwrap().stdout).unwrap()
    };
    let last = limited(192 << 10, "weightinit verify a.safetensors --statistics");
    assert!(last.ends_with("all 0\n"), "{last}");
    // The limit is one: a shell that holds the file in a variable fails.
    assert_eq!(limited(192 << 10, r"x=$(tr '\0' x < a.safetensors); echo held"), "");
    assert_eq!(limited(1 << 22, r"x=$(tr '\0' x < a.safetensors); echo held"), "held\n");
}

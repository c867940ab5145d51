//! What is wrong with ranks, folders and indices: exact messages, and nothing written.

mod common;

use common::{Folder, said};

const SPEC: &str = "seed = 7\ndefault = \"normal\"\n\
    [[tensor]]\nname = \"a\"\nshape = [1000]\n\
    [[tensor]]\nname = \"b\"\nshape = [1000]\n";

fn folder() -> Folder {
    Folder::with("spec.toml", SPEC)
}

fn command<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["init", "spec.toml", "--backend", "cpu"], more].concat()
}

/// Of shards of one tensor each.
const SHARDS: [&str; 4] = ["-o", "m", "--shard-size", "5KB"];

fn refused(folder: &Folder, arguments: &[&str], expected: &str) {
    let before = folder.files();
    let output = folder.run(arguments);
    assert_eq!((output.status.code(), said(&output)), (Some(1), format!("error: {expected}\n")), "{arguments:?}");
    assert_eq!(folder.files(), before);
}

#[test]
fn ranks() {
    let folder = folder();
    let with = |more: &[&'static str]| command(&[&SHARDS[..], more].concat());
    refused(
        &folder,
        &with(&["--rank", "4", "--world-size", "4"]),
        "--rank and --world-size: there is no rank 4 of 4; ranks are 0 to 3",
    );
    for (arguments, expected) in [
        (
            &["--rank", "1"][..],
            "error: the following required arguments were not provided:\n  --world-size <WORLD_SIZE>",
        ),
        (&["--rank", "1", "--world-size", "0"], "error: invalid value '0' for '--world-size <WORLD_SIZE>': "),
        (&["--rank", "-1", "--world-size", "2"], "error: unexpected argument '-1' found"),
        (&["--shard-size", "5PB"], "error: "),
        (&["--partition", "rows"], "error: the argument '--shard-size <SIZE>' cannot be used with '--partition"),
        (&["--verify-existing"], "error: the following required arguments were not provided:\n  --resume"),
    ] {
        let output = folder.run(&with(arguments));
        assert_eq!(output.status.code(), Some(2));
        assert!(said(&output).starts_with(expected), "{}", said(&output));
    }
    refused(
        &folder,
        &command(&["-o", "a.safetensors", "--rank", "1", "--world-size", "4"]),
        "cannot write a.safetensors: this is rank 1 of 4 processes, by --rank and --world-size, and they cannot write \
         one file; give --shard-size 5GB or --partition, or run one process",
    );
    refused(
        &folder,
        &command(&["-o", "a.safetensors", "--partition", "flat", "--rank", "1", "--world-size", "4"]),
        "cannot write a.safetensors: --partition writes a file for each rank; give a folder as -o FOLDER/",
    );
    refused(
        &folder,
        &command(&["-o", "-", "--shard-size", "5KB"]),
        "cannot write -: several files do not go to a pipe; give a folder as -o FOLDER/",
    );
    refused(
        &folder,
        &command(&["--explain", "--partition", "flat"]),
        "there is no output to divide; give a folder as -o FOLDER/",
    );
    refused(
        &folder,
        &["verify", "a.safetensors", "--spec", "spec.toml", "--rank", "1", "--world-size", "4"],
        "--rank and --world-size say which file of a partition it is; give --partition, too",
    );
    // One file, too.
    for arguments in [with(&[]), command(&["-o", "a.safetensors"])] {
        for (rank, world_size, expected) in [
            ("7", "2", "torchrun (RANK, WORLD_SIZE): there is no rank 7 of 2; ranks are 0 to 1"),
            ("x", "2", "RANK is 'x', expected a whole number; give --rank and --world-size"),
            (
                "0",
                "18446744073709551615",
                "torchrun (RANK, WORLD_SIZE): there are 18446744073709551615 processes; there may be 1000000",
            ),
        ] {
            let output = folder.command(&arguments).env("RANK", rank).env("WORLD_SIZE", world_size).output().unwrap();
            assert_eq!((output.status.code(), said(&output)), (Some(1), format!("error: {expected}\n")));
        }
    }
    for option in ["--verify-existing", "--local-folder"] {
        refused(
            &folder,
            &command(&["-o", "a.safetensors", "--resume", option]),
            &format!(
                "cannot write a.safetensors: {option} is for several files; give --shard-size 5GB or --partition, or \
                 leave it out"
            ),
        );
    }
    // Whole tensors of a single rank.
    folder.ok(&command(&["-o", "w", "--partition", "rows", "--rank", "0", "--world-size", "1"]));
    folder.ok(&["init", "w/rank-00000-of-00001.safetensors", "--init", "normal", "--explain"]);
    std::fs::remove_dir_all(folder.path("w")).unwrap();
    folder.ok(&command(&["-o", "p", "--partition", "rows", "--rank", "1", "--world-size", "3"]));
    let file = "p/rank-00001-of-00003.safetensors";
    // Slices have other fans than their tensors.
    refused(
        &folder,
        &["init", file, "--init", "he_normal", "-o", "a.safetensors"],
        "p/rank-00001-of-00003.safetensors is a rank's file, whose tensors are slices (--partition rows); give what \
         all of it was made from",
    );
    let verify = |more: &[&'static str]| [&["verify", file, "--spec", "spec.toml", "--backend", "cpu"], more].concat();
    refused(
        &folder,
        &verify(&[]),
        "p/rank-00001-of-00003.safetensors is a rank's file; give --partition rows, --rank and --world-size",
    );
    refused(
        &folder,
        &verify(&["--partition", "rows"]),
        "nothing says which rank's file it is; give --rank and --world-size",
    );
    let verified = folder.command(&verify(&["--partition", "rows"])).env("RANK", "1").env("WORLD_SIZE", "3").output();
    assert!(verified.unwrap().status.success());
    // Another place in its tensor, of as many elements.
    let bytes = std::fs::read(folder.path(file)).unwrap();
    let place = bytes.windows(4).position(|window| window == b"[334").unwrap();
    let mut moved = bytes.clone();
    moved[place + 3] = b'3';
    std::fs::write(folder.path(file), moved).unwrap();
    let output = folder.run(&verify(&["--partition", "rows", "--rank", "1", "--world-size", "3"]));
    assert_eq!(output.status.code(), Some(1));
    assert!(said(&output).contains("its header's note 'DCP_SHARDING_INFO' is "), "{}", said(&output));
    std::fs::remove_dir_all(folder.path("p")).unwrap();
    let output = folder.command(&with(&[])).env("RANK", "1").env("WORLD_SIZE", "1").output().unwrap();
    assert_eq!(said(&output), "error: torchrun (RANK, WORLD_SIZE): there is no rank 1 of 1; ranks are 0 to 0\n");
    let mut both = folder.command(&with(&[]));
    both.envs([("RANK", "1"), ("WORLD_SIZE", "2"), ("PMI_RANK", "0"), ("PMI_SIZE", "2")]);
    assert_eq!(
        said(&both.output().unwrap()),
        "error: MPICH (PMI_RANK, PMI_SIZE) says that this is rank 0 of 2, and torchrun (RANK, WORLD_SIZE) that it is \
         rank 1 of 2; give --rank and --world-size\n"
    );
    assert_eq!(folder.files(), ["spec.toml"]);
}

#[test]
fn folders_of_other_jobs() {
    let folder = folder();
    folder.ok(&command(&SHARDS));
    let others = |files: &str| {
        format!(
            "cannot write m: another job's files are in it: {files}; give what that job was begun with, or another \
             folder, or remove them"
        )
    };
    let seed = command(&[&SHARDS[..], &["--seed", "8"]].concat());
    refused(&folder, &seed, &others("model.safetensors.index.json"));
    refused(
        &folder,
        &command(&["-o", "m", "--shard-size", "1GB"]),
        &others("model-00001-of-00002.safetensors, model-00002-of-00002.safetensors, model.safetensors.index.json"),
    );
    std::fs::remove_file(folder.path("m/model.safetensors.index.json")).unwrap();
    refused(
        &folder,
        &seed,
        "cannot write m/model-00001-of-00002.safetensors: it is there and of another job; give what that job was \
         begun with, or another folder, or remove it",
    );
    // Neither does whoever is refused leave a mark.
    let rank = ["-o", "p", "--partition", "flat", "--rank", "1", "--world-size", "2", "--local-folder"];
    folder.ok(&command(&rank));
    let list =
        || std::fs::read_dir(folder.path("p")).unwrap().map(|entry| entry.unwrap().file_name()).collect::<Vec<_>>();
    let before = list();
    assert_eq!(folder.run(&command(&[&rank[..], &["--seed", "8"]].concat())).status.code(), Some(1));
    assert_eq!(list(), before);
    folder.ok(&command(&[&rank[..], &["--resume", "--verify-existing"]].concat()));
    // A job that is under way, and a file that libraries would load before the shards.
    let folder = self::folder();
    std::fs::create_dir(folder.path("m")).unwrap();
    std::fs::write(folder.path("m/.model.weightinit-job-0123"), "").unwrap();
    std::fs::write(folder.path("m/model.safetensors"), "").unwrap();
    refused(&folder, &command(&SHARDS), &others(".model.weightinit-job-0123, model.safetensors"));
    // Other names are nobody's business.
    let folder = self::folder();
    std::fs::create_dir(folder.path("m")).unwrap();
    for name in ["other.safetensors", "model-1-of-2.bin", "tokenizer.json", ".other.weightinit-job-1"] {
        std::fs::write(folder.path("m").join(name), "").unwrap();
    }
    folder.ok(&command(&SHARDS));
    std::fs::write(folder.path("file"), "").unwrap();
    refused(
        &folder,
        &command(&["-o", "file", "--shard-size", "5KB"]),
        "cannot write file: it is no folder; give another name",
    );
    refused(
        &folder,
        &command(&["-o", "none/m", "--shard-size", "5KB"]),
        "cannot create the folder none/m: No such file or directory (os error 2)",
    );
}

/// More than any file system has.
#[test]
fn full_folders() {
    let spec = "default = \"normal\"\n[[tensor]]\nname = \"a\"\nshape = [1000000, 1000000]\n\
                [[tensor]]\nname = \"b\"\nshape = [1000000, 1000000]\n";
    let folder = Folder::with("spec.toml", spec);
    let output = folder.run(&command(&["-o", "m", "--shard-size", "5TB", "--rank", "1", "--world-size", "2"]));
    let text = said(&output);
    assert!(text.starts_with("error: cannot write m: 8.00 TB more (8000000000000 bytes) come into it, "), "{text}");
    assert!(
        text.ends_with(
            " bytes) are free there; free some space or give another place, or --local-folder where \
        each process has a disk of its own\n"
        ),
        "{text}"
    );
    assert_eq!(folder.files(), ["spec.toml"]);
}

/// A disk of each process's own holds its part.
#[test]
fn folders_of_one_machine() {
    let spec = "default = \"zeros\"\n[[tensor]]\nname = \"a\"\nshape = [1000000, 10000000]\n\
                [[tensor]]\nname = \"b\"\nshape = [10]\n";
    let folder = Folder::with("spec.toml", spec);
    let local = ["-o", "m", "--shard-size", "5TB", "--rank", "1", "--world-size", "2", "--local-folder"];
    folder.ok(&command(&local));
    let names: Vec<_> = std::fs::read_dir(folder.path("m")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["model-00002-of-00002.safetensors"]);
}

#[test]
fn indices() {
    let folder = folder();
    folder.ok(&command(&SHARDS));
    let index = "m/model.safetensors.index.json";
    let write = |text: &str| std::fs::write(folder.path(index), text).unwrap();
    let init = |source| ["init", source, "--init", "ones", "-o", "out.safetensors", "--backend", "cpu"];
    for (text, expected) in [
        (
            r#"{"weight_map": {"a": "../x.safetensors"}}"#,
            "it puts tensor 'a' into '../x.safetensors', which is no file of its folder; give a plain file name",
        ),
        (
            r#"{"weight_map": {"a": "/etc/passwd"}}"#,
            "it puts tensor 'a' into '/etc/passwd', which is no file of its folder; give a plain file name",
        ),
        (
            r#"{"weight_map": {"a": "x.bin"}}"#,
            "it puts tensor 'a' into 'x.bin'; expected a name that ends in .safetensors",
        ),
        (r#"{"weight_map": {}}"#, "its weight_map is empty; list at least one tensor"),
        (
            r#"{"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}}"#,
            "its weight_map has tensor 'a' twice; remove one",
        ),
        (
            r#"{"weight_map": {"a": 3}}"#,
            "expected an index: {\"metadata\": {…}, \"weight_map\": {\"tensor\": \"file\"}}: invalid type: integer \
             `3`, expected a string at line 1 column 22",
        ),
    ] {
        write(text);
        for source in [index, "m"] {
            refused(&folder, &init(source), &format!("{index}: {expected}"));
        }
        refused(&folder, &["verify", "m", "--statistics"], &format!("{index}: {expected}"));
    }
    write(r#"{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00001-of-00002.safetensors"}}"#);
    refused(
        &folder,
        &init("m"),
        "m/model-00001-of-00002.safetensors has no tensor 'b', which its index puts there; give the files that belong \
         together",
    );
    write(
        r#"{"weight_map": {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors",
            "c": "model-00003-of-00002.safetensors"}}"#,
    );
    let missing = "m/model.safetensors.index.json: 1 of its 3 files are missing: model-00003-of-00002.safetensors; put them \
                   beside it (for names and shapes alone their headers suffice)";
    refused(&folder, &init("m"), missing);
    refused(&folder, &["verify", index, "--statistics"], missing);
    refused(&folder, &["plot", index, "-o", "a.svg"], missing);
}

#[test]
fn folders_without_one_meaning() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("m")).unwrap();
    let verify = ["verify", "m", "--statistics"];
    refused(&folder, &verify, "m has no .safetensors; give a folder with weights");
    std::fs::write(folder.path("m/b.safetensors"), "").unwrap();
    std::fs::write(folder.path("m/a.safetensors"), "").unwrap();
    refused(&folder, &verify, "m has several: a.safetensors, b.safetensors; name the one that is meant");
    std::fs::write(folder.path("m/a.safetensors.index.json"), "").unwrap();
    refused(&folder, &verify, "m has both a.safetensors and a.safetensors.index.json; name the one that is meant");
}

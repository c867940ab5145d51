//! The command line.

pub(crate) mod distributed;
mod place;
mod propagate;

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, Parser, Subcommand, ValueEnum};
use distributed::{DivisionArguments, RankArguments};
pub(crate) use place::{LOCAL, REMOTE};
pub(crate) use propagate::PropagateArguments;
use weightinit::{DType, Layout};

/// Fill a neural network's weights on any GPU (Vulkan, Metal, DX12), or on the CPU with the same bits.
///
/// Every element is a function of the seed, the tensor's name and the element's index: it does not depend on the
/// adapter, on how the work is split, or on the order of the tensors.
#[derive(Debug, Parser)]
#[command(name = "weightinit", version, about, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Initialize all tensors of a model and write them as .safetensors
    Init(InitArguments),
    /// Fill one tensor, or a piece of it
    Fill(FillArguments),
    /// Recompute a file that `init` wrote and compare every bit, or any file's statistics with its laws
    Verify(VerifyArguments),
    /// Draw a tensor, or all of a file, beside their laws
    Plot(PlotArguments),
    /// Send signals forward and back through deep networks, to see what initializers do to them
    Propagate(PropagateArguments),
    /// Print shaders and dispatches as JSON, for other WebGPU implementations
    Plan(PlanArguments),
    /// List the initializers, their parameters and defaults
    Initializers,
    /// List the recipes, or the rules of one
    Recipes(RecipesArguments),
    /// List the adapters and check each against the CPU reference
    Devices(DevicesArguments),
    /// Time every kernel on every backend, beside the write limit of each
    Bench(BenchArguments),
    /// Print a script by which a shell completes commands and options
    Completions(CompletionsArguments),
    /// Print a manual page, for `man -l -`
    Man(ManArguments),
    /// Try adapters for another process
    #[command(hide = true)]
    Probe(ProbeArguments),
}

/// Where fills are computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BackendChoice {
    /// The best adapter that agrees with the CPU reference, else the CPU
    Auto,
    /// An adapter, or an error
    Gpu,
    /// The CPU reference, on all cores
    Cpu,
}

#[derive(Args, Clone, Debug)]
pub(crate) struct BackendArguments {
    /// Where to compute
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) backend: BackendChoice,
    /// Which adapter: its number or a part of its name, as `weightinit devices` lists them; or all, to share the work
    /// out
    #[arg(long, value_name = "N|NAME|all")]
    pub(crate) adapter: Option<String>,
    /// Which of the processes of this machine this is: without --adapter, each takes another of its best adapters
    #[arg(skip)]
    pub(crate) local_rank: Option<u64>,
}

/// What decides the contents of a model's tensors.
#[derive(Args, Debug, Default)]
pub(crate) struct ModelArguments {
    #[arg(
        long,
        value_parser = float_type,
        help = types("Type of all floating-point tensors", "the spec's, else each tensor's own")
    )]
    pub(crate) dtype: Option<DType>,
    /// Seed, 0 to 2^64 - 1 [default: the spec's, else 0]
    #[arg(long, value_parser = number, allow_hyphen_values = true)]
    pub(crate) seed: Option<u64>,
    #[arg(long, help = layouts(" [default: the spec's; for a bare .json or .safetensors, torch]"))]
    pub(crate) layout: Option<Layout>,
    /// Initializer of tensors with two or more dimensions, for a bare .json or .safetensors, vectors being 0 or 1
    #[arg(long, value_name = "NAME", conflicts_with = "recipe")]
    pub(crate) init: Option<String>,
    /// Recipe that chooses by tensors' names, for a bare .json or .safetensors: see `weightinit recipes`; or auto, the
    /// one of the model's configuration [default: that, or what the library's layers do whose names the tensors have]
    #[arg(long, value_name = "NAME|auto")]
    pub(crate) recipe: Option<String>,
    /// The model's configuration, whose fields a recipe reads [default: for recipe auto, the config.json that lies
    /// beside the tensors]
    #[arg(long, value_name = "FILE", value_parser = LOCAL)]
    pub(crate) config: Option<PathBuf>,
    /// A parameter of the recipe, such as initializer_range=0.02; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(crate) parameters: Vec<String>,
    /// Which tensors have a role that the recipe scales, where their names do not tell, such as
    /// 'residual=*.attn.out.weight *.mlp.out.weight'; may be repeated
    #[arg(long = "role", value_name = "ROLE=GLOBS")]
    pub(crate) roles: Vec<String>,
}

#[derive(Args, Debug)]
pub(crate) struct InitArguments {
    /// A spec (.toml), or the tensors themselves: a shapes file (.json) or a checkpoint (.safetensors, header only; its
    /// index or folder), or the configuration (config.json) that they follow from; or - for a spec or a shapes file on
    /// stdin
    #[arg(value_parser = LOCAL)]
    pub(crate) spec: PathBuf,
    /// The .safetensors file to write; it appears when it is complete. For a configuration, and with --shard-size or
    /// --partition, also a folder, into which model.safetensors or its shards, and config.json, are written. Where the
    /// program is built for stores, s3://BUCKET/NAME, gs://… or az://…, too
    #[arg(short, long, value_name = "FILE", required_unless_present = "explain", value_parser = REMOTE)]
    pub(crate) output: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) division: DivisionArguments,
    #[command(flatten)]
    pub(crate) rank: RankArguments,
    /// The folder is on a disk of this machine alone, not on one that all processes write to: room and completeness are
    /// those of this process's files
    #[arg(long)]
    pub(crate) local_folder: bool,
    /// Keep what is written if this run is interrupted, and go on where an earlier one was; the bytes are the same. Of
    /// several files, those that are complete are left as they are
    #[arg(long, requires = "output")]
    pub(crate) resume: bool,
    /// With --resume, compute complete files again and write those anew that differ
    #[arg(long, requires = "resume")]
    pub(crate) verify_existing: bool,
    #[command(flatten)]
    pub(crate) model: ModelArguments,
    #[command(flatten)]
    pub(crate) backend: BackendArguments,
    /// Print a summary as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
    /// Print for each tensor which rule matched, its fans and its law; without --output, do nothing else
    #[arg(long)]
    pub(crate) explain: bool,
}

/// What decides the contents of a single tensor.
#[derive(Args, Debug)]
pub(crate) struct TensorArguments {
    /// Dimensions such as 64x48, or `scalar`
    #[arg(long, value_parser = shape)]
    pub(crate) shape: Option<Shape>,
    /// Initializer by name, such as he_normal
    #[arg(long, value_name = "NAME")]
    pub(crate) init: Option<String>,
    #[arg(long, help = layouts("; needed by initializers that look at fans"))]
    pub(crate) layout: Option<Layout>,
    /// A parameter of the initializer, such as std=0.02; may be repeated
    #[arg(long = "param", value_name = "NAME=VALUE")]
    pub(crate) parameters: Vec<String>,
    /// Groups of a grouped convolution
    #[arg(long)]
    pub(crate) groups: Option<u64>,
    /// Seed, 0 to 2^64 - 1 [default: 0; for a spec, the spec's]
    #[arg(long, value_parser = number, allow_hyphen_values = true)]
    pub(crate) seed: Option<u64>,
    /// Stream by number [default: 0]
    #[arg(long, conflicts_with = "name", value_parser = number, allow_hyphen_values = true)]
    pub(crate) stream: Option<u64>,
    /// Stream by tensor name, as `init` uses it; also the tensor's name in a .safetensors
    #[arg(long)]
    pub(crate) name: Option<String>,
    #[arg(long, help = types("Type of the elements, or u32 for `bits`", "f32, u32 for bits"))]
    pub(crate) dtype: Option<DType>,
    /// Only elements A to B - 1 in flat order
    #[arg(long, value_name = "A..B", value_parser = range)]
    pub(crate) range: Option<Range>,
}

#[derive(Args, Debug)]
pub(crate) struct FillArguments {
    #[command(flatten)]
    pub(crate) tensor: TensorArguments,
    /// A .npy or .safetensors file, or - for raw little-endian bytes on stdout
    #[arg(short, long, value_name = "FILE", value_parser = LOCAL)]
    pub(crate) output: PathBuf,
    #[command(flatten)]
    pub(crate) backend: BackendArguments,
}

#[derive(Args, Debug)]
pub(crate) struct PlanArguments {
    /// A spec, shapes file or checkpoint as for `init`; without it, a single tensor as for `fill`
    #[arg(value_parser = LOCAL)]
    pub(crate) spec: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) tensor: TensorArguments,
    /// Recipe as for `init`; --param is then the recipe's
    #[arg(long, value_name = "NAME|auto", conflicts_with = "init", requires = "spec")]
    pub(crate) recipe: Option<String>,
    /// The model's configuration as for `init`
    #[arg(long, value_name = "FILE", requires = "spec", value_parser = LOCAL)]
    pub(crate) config: Option<PathBuf>,
    /// Instead, print bytes, elements and estimated seconds of each of so many processes, and write nothing
    #[arg(long, requires = "spec", value_parser = distributed::world_size)]
    pub(crate) world_size: Option<u64>,
    #[command(flatten)]
    pub(crate) division: DivisionArguments,
    /// Bytes a second that a process computes and writes, such as 2GB [default: what this machine's CPU computes]
    #[arg(long, value_name = "SIZE", requires = "world_size", value_parser = distributed::size)]
    pub(crate) rate: Option<u64>,
    /// The output is JSON with or without this; with --world-size, only with it
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct VerifyArguments {
    /// The .safetensors file to check, or a checkpoint's index or folder
    #[arg(value_parser = REMOTE)]
    pub(crate) file: PathBuf,
    /// What it was made from, as given to `init`
    #[arg(long, required_unless_present = "statistics", value_parser = LOCAL)]
    pub(crate) spec: Option<PathBuf>,
    /// Instead of bits, compare each tensor's statistics with its law: that of the spec, or by --init or --recipe of
    /// the file's own tensors; without those, list them and say which law fits
    #[arg(long)]
    pub(crate) statistics: bool,
    /// The file is a rank's, as init --partition wrote it, with --rank and --world-size
    #[arg(long, value_enum, conflicts_with = "statistics")]
    pub(crate) partition: Option<distributed::Partition>,
    #[command(flatten)]
    pub(crate) rank: RankArguments,
    /// Draw what --statistics looks at as `weightinit plot` does, to this .svg or .png
    #[arg(long, value_name = "FILE", requires = "statistics", value_parser = LOCAL)]
    pub(crate) plot: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) model: ModelArguments,
    #[command(flatten)]
    pub(crate) backend: BackendArguments,
    /// Print the result as JSON on stdout
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct RecipesArguments {
    /// The recipe whose rules to list
    pub(crate) name: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct DevicesArguments {
    /// Check every kernel, which takes minutes on a software adapter, and not a few that have most shaders between them
    #[arg(long)]
    pub(crate) all: bool,
    /// Print the list as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct BenchArguments {
    /// Elements of each fill
    #[arg(long, default_value = "16777216", value_parser = number)]
    pub(crate) size: u64,
    #[arg(long, default_value = "f32", value_parser = float_type, help = types("Type of the elements", ""))]
    pub(crate) dtype: DType,
    /// How often each kernel is timed, after one round to warm up
    #[arg(long, default_value = "7", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) rounds: u32,
    /// `auto` times all adapters and the CPU, `gpu` and `cpu` one side alone; --adapter chooses one adapter
    #[command(flatten)]
    pub(crate) backend: BackendArguments,
    /// Print the times as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Args, Debug)]
pub(crate) struct PlotArguments {
    /// The .safetensors file to draw, or a checkpoint's index or folder
    #[arg(value_parser = REMOTE)]
    pub(crate) file: PathBuf,
    /// The tensor to draw in detail [default: the only one, or all of them by standard deviation and mean]
    #[arg(long, value_name = "NAME")]
    pub(crate) tensor: Option<String>,
    /// Another file with the same tensors, such as after training
    #[arg(long, value_name = "FILE", value_parser = REMOTE)]
    pub(crate) with: Option<PathBuf>,
    /// What the tensors were made from, as given to `init` [default: --init or --recipe, else the law that fits]
    #[arg(long, value_parser = LOCAL)]
    pub(crate) spec: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) model: ModelArguments,
    /// The picture to write, .svg or .png
    #[arg(short, long, value_name = "FILE", value_parser = LOCAL)]
    pub(crate) output: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct CompletionsArguments {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

#[derive(Args, Debug)]
pub(crate) struct ManArguments {
    /// The command whose page to print [default: that of all commands]
    pub(crate) command: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ProbeArguments {
    pub(crate) first_number: usize,
    pub(crate) last_number: usize,
    /// End with the first that works
    #[arg(long)]
    pub(crate) first: bool,
}

/// Dimensions of a tensor; none for a scalar.
#[derive(Clone, Debug)]
pub(crate) struct Shape(pub(crate) Vec<u64>);

fn shape(text: &str) -> Result<Shape, String> {
    if text == "scalar" {
        return Ok(Shape(Vec::new()));
    }
    let dimensions = text.split('x').map(str::parse).collect::<Result<_, _>>();
    dimensions.map(Shape).map_err(|_| "expected dimensions joined by x, such as 64x48, or `scalar`".to_owned())
}

/// A half-open range of elements.
#[derive(Clone, Debug)]
pub(crate) struct Range(pub(crate) std::ops::Range<u64>);

fn range(text: &str) -> Result<Range, String> {
    let ends = text.split_once("..").and_then(|(a, b)| Some(a.parse().ok()?..b.parse().ok()?));
    ends.map(Range).ok_or_else(|| "expected A..B, such as 0..1000".to_owned())
}

fn number(text: &str) -> Result<u64, String> {
    text.parse().map_err(|_| "expected a whole number from 0 to 18446744073709551615".to_owned())
}

/// A floating-point type by name.
pub(crate) fn float_type(name: &str) -> anyhow::Result<DType> {
    let known = name.parse().ok().filter(|dtype: &DType| dtype.is_float());
    known.with_context(|| format!("unknown dtype '{name}'; expected one of: {}", float_types()))
}

/// The names of all floating-point types.
pub(crate) fn float_types() -> String {
    DType::FLOATS.map(DType::name).join(", ")
}

/// A help text with the names of all types.
fn types(what: &str, default: &str) -> String {
    let default = if default.is_empty() { String::new() } else { format!(" [default: {default}]") };
    format!("{what}: {}{default}", float_types())
}

/// A help text with the names of all layouts.
fn layouts(end: &str) -> String {
    let names = Layout::NAMED.map(Layout::name).join(", ");
    format!("Which axes are inputs and outputs: {names}, or by number such as in=-2,out=-1,batch=0{end}")
}

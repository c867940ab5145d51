//! Whole models: what recipes make of every tensor, against what the libraries themselves draw (tests/data/models,
//! written by scripts/make/golden_models).

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use weightinit::error::RecipeError;
use weightinit::init::{Arguments, Value};
use weightinit::law::Family;
use weightinit::recipe::{self, Applied, Config, Model, Recipe};
use weightinit::request::Structure;
use weightinit::{DType, Error, Initializer, Law, Layout, cpu};

/// A traced tensor: its shape and its law.
struct Traced<'a> {
    name: &'a str,
    shape: Vec<u64>,
    law: &'a [Json],
}

fn traced(row: &Json) -> Traced<'_> {
    Traced {
        name: row[0].as_str().unwrap(),
        shape: row[1].as_array().unwrap().iter().map(|d| d.as_u64().unwrap()).collect(),
        law: row[3].as_array().unwrap(),
    }
}

/// The fields of a configuration by their paths.
fn flatten(path: &str, value: &Json, fields: &mut Vec<(String, Option<Value>)>) {
    let inner = |key: &str| if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") };
    match value {
        Json::Null => fields.push((path.to_owned(), None)),
        Json::Bool(flag) => fields.push((path.to_owned(), Some(Value::Text(flag.to_string())))),
        Json::Number(number) => fields.push((path.to_owned(), number.as_f64().map(Value::Number))),
        Json::String(text) => fields.push((path.to_owned(), Some(Value::Text(text.clone())))),
        Json::Array(list) => {
            list.iter().enumerate().for_each(|(index, value)| flatten(&inner(&index.to_string()), value, fields));
        }
        Json::Object(table) => table.iter().for_each(|(key, value)| flatten(&inner(key), value, fields)),
    }
}

/// The recipe that a file's model asks for, with its configuration.
fn recipe_of(file: &Json, model: &Json) -> (&'static Recipe, Config) {
    let mut fields = Vec::new();
    flatten("", &model["config"], &mut fields);
    let name = model["model"].as_str().unwrap().to_owned();
    let library = file["library"].as_str().unwrap();
    match library {
        "timm" => fields.push(("architecture".to_owned(), Some(Value::Text(name)))),
        "diffusers" => fields.push(("_class_name".to_owned(), Some(Value::Text(name)))),
        _ => {}
    }
    let config: Config = fields.into_iter().collect();
    let known = if library == "transformers" { recipe::of_config(&config) } else { recipe::by_name(library) };
    (known.unwrap_or_else(|error| panic!("{}: {error}", file["family"])), config)
}

fn near(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs().max(1e-30) || found == expected
}

/// What is wrong with an initializer for a tensor, if it is.
fn fault(initializer: &Initializer, layout: Layout, tensor: &Traced<'_>) -> Option<String> {
    let kind = tensor.law[0].as_str().unwrap();
    let number = |place: usize| tensor.law[place].as_f64().unwrap();
    let rows = tensor.law.last().and_then(|last| last.get("rows")).map(|rows| rows[0].as_u64().unwrap());
    if let Initializer::Orthogonal { gain, delta: false } = *initializer {
        let equal = kind == "orthogonal" && near(gain, number(1), 1e-6);
        return (!equal).then(|| format!("orthogonal gain {gain}"));
    }
    if let Initializer::NormsOf(other) = initializer {
        return (kind != "norm_of_other").then(|| format!("the norms of {other}"));
    }
    let (law, structure) = match initializer.parts(&tensor.shape, layout) {
        Ok(parts) => parts,
        Err(error) => return Some(error.to_string()),
    };
    let padding = match structure {
        Structure::OtherRows { row, .. } => Some(row),
        _ => None,
    };
    let alike = |found: &[f64]| found.iter().enumerate().all(|(at, found)| near(*found, number(1 + at), 1e-6));
    let equal = match (&law, kind) {
        (Law::Constant(value), "constant") => near(*value, number(1), 1e-6),
        (Law::Normal { mean, std, .. }, "normal") => alike(&[*mean, *std]),
        (Law::Uniform { low, high }, "uniform") => alike(&[*low, *high]),
        (Law::Tabulated { family, mean, std, low, high, .. }, "truncated_normal") => {
            *family == Family::TRUNCATED_NORMAL && alike(&[*mean, *std, *low, *high])
        }
        (Law::Tabulated { .. }, "log_of_uniform") => law == Law::log_of_uniform(number(1), number(2)).unwrap(),
        (Law::Tabulated { .. }, "inverse_softplus_log_uniform") => {
            let floor = tensor.law.get(3).and_then(Json::as_f64).unwrap_or(number(1));
            let expected = Law::inverse_softplus_log_uniform_above(number(1), number(2), floor).unwrap();
            let bounds = |law: &Law| match *law {
                Law::Tabulated { low, high, .. } => [low, high],
                _ => [f64::NAN; 2],
            };
            // Of the same steps, which a floor hides.
            let moments = [&law, &expected].map(|law| law.moments().mean);
            let [[low, high], expected] = [&law, &expected].map(bounds);
            near(low, expected[0], 1e-6) && near(high, expected[1], 1e-6) && near(moments[0], moments[1], 1e-5)
        }
        (Law::Listed(values), "log_index") => {
            values.iter().zip(1..).all(|(value, n)| near(*value, f64::from(n).ln(), 1e-6))
        }
        // Keras' LSTM: a quarter of ones.
        (Law::Listed(values), "forget bias 1") => {
            let quarter = values.len() / 4;
            values.iter().enumerate().all(|(i, value)| *value == f64::from(u8::from(i / quarter == 1)))
        }
        (Law::Waves(_), "sinusoidal_tensor2tensor") => {
            *initializer == called("sinusoidal", &[("order", Value::Text("tensor2tensor".to_owned()))])
        }
        // Of which the file has no values.
        (law, "deterministic") => !law.is_random(),
        (law, "values") if !law.is_random() => values_differ(initializer, layout, tensor).is_none(),
        _ => false,
    };
    (!equal || padding != rows).then(|| format!("{law:?} {structure:?}").chars().take(160).collect())
}

fn called(name: &str, arguments: &[(&str, Value)]) -> Initializer {
    let arguments = arguments.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    weightinit::init::by_name(name).unwrap().initializer(&arguments).unwrap()
}

/// The first index at which values differ.
fn values_differ(initializer: &Initializer, layout: Layout, tensor: &Traced<'_>) -> Option<usize> {
    let request = initializer.request(tensor.name, &tensor.shape, layout, DType::F64).unwrap();
    let found = cpu::values(&request).unwrap();
    let places = tensor.law[1].as_array().unwrap();
    let mut places = places.iter().map(|place| (place[0].as_u64().unwrap() as usize, &place[1]));
    let number = |value: &Json| value.as_f64().unwrap_or_else(|| f64::from(u8::from(value.as_bool().unwrap())));
    places
        .find(|(at, value)| (found[*at] - number(value)).abs() > 2e-6 * number(value).abs().max(1.0))
        .map(|(at, _)| at)
}

/// Names of tensors that hold the values of others.
fn ties(model: &Json) -> Vec<Vec<&str>> {
    let groups = model["tied"].as_array().unwrap().iter();
    groups.map(|group| group.as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect()).collect()
}

/// Everything that recipes do otherwise than the libraries, in one model, as it stands in memory and as files have it.
fn faults(file: &Json, model: &Json, counts: &mut BTreeMap<String, usize>) -> Vec<String> {
    let (recipe, config) = recipe_of(file, model);
    let label = |what: String| format!("{} {} {what}", file["family"], model["model"]);
    let rows = |key: &str| model[key].as_array().unwrap().iter().map(traced).collect::<Vec<_>>();
    let mut faults = Vec::new();
    for others in ["memory", "file"] {
        let rows: Vec<_> = rows("tensors").into_iter().chain(rows(others)).collect();
        let mut shapes: BTreeMap<&str, &[u64]> = rows.iter().map(|row| (row.name, row.shape.as_slice())).collect();
        if others == "memory" {
            for group in ties(model) {
                let shape = group.iter().find_map(|name| shapes.get(name).copied());
                shapes.extend(group.iter().filter_map(|name| Some((*name, shape?))));
            }
        }
        let names = Model::new(shapes.iter().map(|(name, shape)| (*name, *shape)));
        let mut arguments = Vec::new();
        model.get("arguments").iter().for_each(|given| flatten("", given, &mut arguments));
        let arguments: Arguments = arguments.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
        let mut applied = match recipe.apply(&names, &arguments, &config) {
            Ok(applied) => applied,
            Err(error) => return vec![label(error.to_string())],
        };
        for row in &rows {
            *counts.entry(recipe.name.to_owned()).or_default() += 1;
            faults.extend(fault_of(&mut applied, row).map(&label));
        }
        if others == "memory" {
            faults.extend(untied(&mut applied, model).into_iter().map(&label));
        }
    }
    faults
}

/// What a recipe does otherwise with one tensor.
fn fault_of(applied: &mut Applied<'_>, row: &Traced<'_>) -> Option<String> {
    let what = match applied.choose(row.name) {
        Err(Error::Recipe(RecipeError::Refused { .. })) if is_beyond(row) => return None,
        Err(error) => error.to_string(),
        Ok(None) => "undecided".to_owned(),
        Ok(Some(chosen)) => {
            let what = fault(&chosen.initializer, chosen.layout.unwrap_or(Layout::Torch), row)?;
            format!("by {} = {}: {what}", chosen.pattern, chosen.formula)
        }
    };
    Some(format!("{} {:?} {}: {what}", row.name, row.shape, Json::from(row.law.to_vec())))
}

/// Laws that follow from other tensors, which no recipe can draw: they are refused.
fn is_beyond(row: &Traced<'_>) -> bool {
    row.law[0].as_str() == Some("deterministic")
}

/// Groups that the library ties and the recipe does not.
fn untied(applied: &mut Applied<'_>, model: &Json) -> Vec<String> {
    let mut faults = Vec::new();
    for group in ties(model) {
        let sources: Result<BTreeSet<String>, _> = group
            .iter()
            .map(|name| {
                let chosen = applied.choose(name)?;
                // A constant is the same without being tied.
                let constant = chosen
                    .as_ref()
                    .is_some_and(|chosen| matches!(chosen.initializer, Initializer::Law(Law::Constant(_))));
                Ok(if constant {
                    String::new()
                } else {
                    chosen.and_then(|chosen| chosen.tied_to).unwrap_or((*name).to_owned())
                })
            })
            .collect::<Result<_, weightinit::Error>>();
        match sources {
            Ok(sources) if sources.len() == 1 => {}
            other => faults.push(format!("tied {group:?}: {other:?}")),
        }
    }
    faults
}

#[test]
fn every_tensor_of_every_traced_model_has_its_law() {
    let folder = std::env::var("WEIGHTINIT_MODELS");
    let folder_is_given = folder.is_ok();
    let folder =
        folder.as_ref().map_or(Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/models")), Path::new);
    let (mut all, mut counts, mut files) = (Vec::new(), BTreeMap::new(), 0);
    let mut paths: Vec<_> = json_files(folder).chain(json_files(&folder.join("given"))).collect();
    paths.sort();
    for path in paths {
        let file: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        files += 1;
        for model in file["models"].as_array().unwrap() {
            all.extend(faults(&file, model, &mut counts));
        }
    }
    assert!(files > 0, "no golden models in {}", folder.display());
    let total: usize = counts.values().sum();
    let shown: Vec<_> = all.iter().take(100).map(String::as_str).collect();
    assert!(all.is_empty(), "{} of {total} tensors differ:\n{}", all.len(), shown.join("\n"));
    if folder_is_given {
        return;
    }
    // What is written about models is what was checked here.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/models.md");
    let written = fs::read_to_string(&path).unwrap();
    let (head, _) = written.split_once("| recipe ").unwrap_or((&written, ""));
    let document = head.to_owned() + &table(&counts);
    if std::env::var_os("WEIGHTINIT_WRITE").is_some() {
        fs::write(&path, &document).unwrap();
    }
    assert!(
        document == fs::read_to_string(&path).unwrap(),
        "docs/models.md is old; run this test with WEIGHTINIT_WRITE=1"
    );
}

/// A row for each recipe that tensors of libraries' models were compared with.
fn table(counts: &BTreeMap<String, usize>) -> String {
    let mut table =
        "| recipe | what is its own | parameters | follows | tensors checked |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    for recipe in recipe::recipes().filter(|recipe| counts.contains_key(recipe.name)) {
        let parameter = |parameter: &weightinit::init::Parameter| match parameter.default {
            "" => format!("`{}`", parameter.name),
            default => format!("`{}` {default}", parameter.name),
        };
        let parameters: Vec<_> = recipe.parameters.iter().map(parameter).collect();
        let types = recipe.model_types.iter().filter(|name| **name != recipe.name);
        let types: Vec<_> = types.map(|name| format!("`{name}`")).collect();
        let also = if types.is_empty() { String::new() } else { format!("; also {}", types.join(", ")) };
        table += &format!(
            "| `{}` | {}{also} | {} | {} | {} |\n",
            recipe.name,
            recipe.summary,
            parameters.join(", "),
            recipe.source,
            counts[recipe.name]
        );
    }
    table
}

/// What follows from a configuration alone is what the library's own file has.
#[test]
fn names_and_shapes_follow_from_configurations() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/models"));
    let mut families = BTreeSet::new();
    for path in json_files(folder) {
        let file: Json = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for model in file["models"].as_array().unwrap().iter().filter(|_| file["library"] == "transformers") {
            let (recipe, config) = recipe_of(&file, model);
            if !recipe.has_tensors() {
                continue;
            }
            let found = match recipe.model(&config) {
                Err(Error::Recipe(RecipeError::NoTensors { .. })) => continue,
                found => found.unwrap_or_else(|error| panic!("{}: {error}", file["family"])),
            };
            let rows = ["tensors", "file"].iter().flat_map(|key| model[key].as_array().unwrap()).map(traced);
            let expected: BTreeMap<_, _> = rows.map(|row| (row.name.to_owned(), row.shape)).collect();
            let found: BTreeMap<_, _> =
                found.tensors().map(|(name, shape)| (name.to_owned(), shape.to_vec())).collect();
            let more: Vec<_> =
                found.iter().filter(|(name, shape)| expected.get(*name) != Some(*shape)).take(9).collect();
            let less: Vec<_> =
                expected.iter().filter(|(name, shape)| found.get(*name) != Some(*shape)).take(9).collect();
            assert!(
                more.is_empty() && less.is_empty(),
                "{} {}: {more:?} and not {less:?}",
                file["family"],
                model["model"]
            );
            families.insert(recipe.name);
        }
    }
    let known: BTreeSet<_> =
        recipe::recipes().filter(|recipe| recipe.has_tensors()).map(|recipe| recipe.name).collect();
    assert_eq!(families, known);
}

fn json_files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let paths = fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "json"))
}

//! Random requests with a place in a buffer, each a function of two numbers: the run's seed and its own.

use std::fmt;
use std::ops::Range;

use weightinit::init::{Entry, REGISTRY};
use weightinit::law::{Law, Math};
use weightinit::plan::{StructureKind, UpdateKind};
use weightinit::request::{Update, View};
use weightinit::{DType, Error, Fill, Request, Stream, cpu};

use super::arguments::{LAWS, arguments};
use super::choices::Choices;
use super::shapes::{layout, range, shape, structure};

/// Cases of a round, which have few kernels between them: software adapters take up to seconds to compile one.
pub(crate) const ROUND: u64 = 300;
/// Themes of the first round, which is an ordinary run, and of each other: with these, 5000 cases have all pairs.
const THEMES: [u64; 2] = [7, 19];
/// Refusals of one case, after which it is given up.
const PATIENCE: u64 = 300;

/// What decides the kernel, but for its form: the same in some cases of a round.
#[derive(Clone, Debug)]
struct Theme {
    entry: &'static Entry,
    dtype: DType,
    /// What the initializer takes that is made of another.
    of: Option<&'static Entry>,
    /// A structure that a dense tensor is given.
    structure: StructureKind,
    update: UpdateKind,
    /// Whether samples are around something else than 0.
    centred: bool,
}

/// A request, and the bytes of which some are its destination.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Case {
    pub(crate) number: u64,
    pub(crate) request: Request,
    /// What was drawn, in words.
    words: String,
    /// What the buffer holds before, from a multiple of 256 bytes on: random bytes around the destination, too.
    pub(crate) before: Vec<u8>,
    /// The destination's first byte.
    pub(crate) offset: usize,
    /// How often something was refused on the way.
    pub(crate) refused: u64,
}

/// Every initializer with every type that it is for. The rounds of a run go through all of them in an order of its own.
pub(crate) fn pairs() -> Vec<(&'static Entry, DType)> {
    let all = REGISTRY.iter().flat_map(|entry| DType::ALL.into_iter().map(move |dtype| (entry, dtype)));
    all.filter(|(entry, dtype)| {
        let made_of_another = entry.parameters.iter().any(|parameter| parameter.name == "of");
        let has_words = entry.name == "bits" || made_of_another;
        // On the CPU they take a feature, which scripts/test has.
        let is_orthogonal = entry.name.contains("orthogonal");
        (!is_orthogonal || cfg!(feature = "faer")) && if dtype.is_float() { entry.name != "bits" } else { has_words }
    })
    .collect()
}

/// The initializer and the type of case `number` of the run with this seed.
pub(crate) fn pair(seed: u64, number: u64) -> (&'static str, DType) {
    let Theme { entry, dtype, .. } = Theme::of_case(seed, number);
    (entry.name, dtype)
}

impl Theme {
    fn of_case(seed: u64, number: u64) -> Self {
        let place = match number / ROUND {
            0 => number % THEMES[0],
            round => THEMES[0] + (round - 1) * THEMES[1] + number % THEMES[1],
        };
        let mut pairs = pairs();
        Choices::of(&[seed]).shuffle(&mut pairs);
        let (entry, dtype) = pairs[(place % pairs.len() as u64) as usize];

        let mut choices = Choices::of(&[seed, place, 0]);
        let made_of_another = entry.parameters.iter().any(|parameter| parameter.name == "of");
        let inside: Vec<_> = LAWS.iter().copied().filter(|law| dtype.is_float() != (law.name == "bits")).collect();
        let of = made_of_another.then(|| choices.pick(&inside));
        let dense = LAWS.iter().any(|law| law.name == entry.name);
        // Of 8-bit types these kernels take seconds to compile, which an ordinary run seldom has.
        let plain = dtype.size() == 1 && place < THEMES[0] && choices.chance(90);
        let structures = &StructureKind::ALL;
        let structured = dense && !plain && choices.chance(25);
        let structure = if structured { choices.pick(structures) } else { StructureKind::Dense };
        let computes = !matches!(dtype, DType::F64 | DType::U32);
        let update = match choices.below(5) {
            0 if !plain => UpdateKind::Replace,
            1 if !plain => {
                if computes {
                    UpdateKind::Blend
                } else {
                    UpdateKind::Replace
                }
            }
            _ => UpdateKind::Fill,
        };
        Self { entry, dtype, of, structure, update, centred: choices.chance(50) }
    }

    /// A request, and what it is in words.
    fn draw(&self, choices: &mut Choices) -> (Result<Request, Error>, String) {
        let far = choices.chance(30);
        let shape = shape(choices, self.entry.name, far);
        let layout = layout(choices, self.entry.name, &shape);
        let arguments = arguments(choices, self.entry, self.of, self.centred, &shape, self.dtype);
        let groups = if choices.chance(10) { choices.within(1..=3) } else { 1 };
        let mut words = format!(
            "{} {:?} of shape {shape:?}, layout {layout}, {groups} groups, {}",
            self.entry.name, arguments, self.dtype
        );
        let seed = number(choices);
        let stream = if choices.chance(50) { Stream::from(number(choices)) } else { Stream::from("fc.weight") };
        words += &format!(", seed {seed}, stream {}", stream.0);
        let drawn = self.entry.initializer(&arguments).and_then(|initializer| {
            let whole = initializer.with_groups(groups).request(stream, &shape, layout, self.dtype)?.with_seed(seed);
            let Request::Fill(fill) = whole else { return Ok(whole) };
            let fill = if self.structure == StructureKind::Dense {
                fill
            } else {
                let structure = structure(choices, self.structure, &shape);
                words += &format!(", {structure:?}");
                fill.with_structure(structure)?
            };
            let len = fill.tensor_len();
            let request = self.update(choices, fill, &shape, &mut words)?;
            request.range(range(choices, len))
        });
        if let Ok(request) = &drawn {
            words += &format!(", elements {:?}", request.elements());
        }
        (drawn, words)
    }

    /// The fill, or the update that it is a part of.
    fn update(&self, choices: &mut Choices, fill: Fill, shape: &[u64], words: &mut String) -> Result<Request, Error> {
        // What becomes of native normals in an update is nowhere promised.
        if self.update == UpdateKind::Fill || matches!(fill.law(), Law::Normal { math: Math::Native, .. }) {
            return Ok(fill.into());
        }
        let update = if self.update == UpdateKind::Blend {
            let exponents = if choices.chance(90) { [-2.0, 0.5] } else { [-39.0, 38.5] };
            let drawn = choices.power_of_ten(exponents[0], exponents[1]);
            let keep = choices.pick(&[0.0, 1.0, drawn, drawn, -drawn]);
            *words += &format!(", keep {keep}");
            Update::blend(keep, fill)?
        } else {
            *words += ", replaced";
            Update::replace(fill)
        };
        if shape.is_empty() || self.update == UpdateKind::Blend && choices.chance(30) {
            return Ok(update.into());
        }
        let axis = choices.below(shape.len() as u64) as usize;
        let length = shape[axis];
        let start = choices.below(length);
        let places = start..start + choices.size(length - start);
        let step = if choices.chance(50) { 1 } else { choices.size(places.end - start) };
        *words += &format!(", places {places:?} of axis {axis} by {step}");
        Ok(update.with_view(View::new(shape, axis, places)?.with_step(step)?)?.into())
    }
}

impl Case {
    /// Case `number` of the run with this seed.
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        let theme = Theme::of_case(seed, number);
        let mut choices = Choices::of(&[seed, number]);
        let mut refused = 0;
        let (request, words) = loop {
            match theme.draw(&mut choices) {
                (Ok(request), words) => break (request, words),
                (Err(error), words) => {
                    refused += 1;
                    assert!(refused < PATIENCE, "nothing of {theme:?} is served; the last was {words}: {error}");
                }
            }
        };

        let size = request.dtype().size() as usize;
        // At least 16 bytes before, and nothing after where the destination may be the end of the buffer.
        let slot = choices.within(16..=300) as usize;
        let aligned = request.elements().start.is_multiple_of(16) && choices.chance(70);
        let offset = size * if aligned { slot / 16 * 16 } else { slot };
        let bytes = request.byte_count() as usize;
        let after = choices.pick(&[0, 1, 16, 64]);
        let mut before = choices.bytes((offset + bytes + after).next_multiple_of(4));
        // Of all bits, infinities among them, or of those that tensors have.
        if choices.chance(70) && request.dtype().is_float() {
            let count = request.element_count();
            let weights = Fill::new(number, Law::normal(0.0, 0.5), request.dtype(), count).expect("a plain law");
            cpu::write(&weights, &mut before[offset..]).expect("room for them");
        }
        Self { number, request, words, before, offset, refused }
    }

    /// The destination's bytes.
    pub(crate) fn place(&self) -> Range<usize> {
        self.offset..self.offset + self.request.byte_count() as usize
    }

    /// What the bytes should be afterwards.
    pub(crate) fn expected(&self) -> Result<Vec<u8>, Error> {
        let mut expected = self.before.clone();
        cpu::write(&self.request, &mut expected[self.offset..])?;
        Ok(expected)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "case {}: {}, at byte {}", self.number, self.words, self.offset)
    }
}

/// A seed or a stream.
fn number(choices: &mut Choices) -> u64 {
    let word = choices.word();
    choices.pick(&[word, word, word >> 32, word << 32, 0, u64::MAX])
}

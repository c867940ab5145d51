//! Names: what every enum of names has in common.

/// A name of something that does not exist.
///
/// ```
/// let error = "f23".parse::<weightinit::DType>().unwrap_err();
/// assert_eq!((error.kind, error.name.as_str()), ("dtype", "f23"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown {kind} '{name}'; expected one of: {expected}")]
#[non_exhaustive]
pub struct UnknownName {
    /// What kind of thing: dtype, layout, initializer, nonlinearity…
    pub kind: &'static str,
    /// The name as given.
    pub name: String,
    /// All names that exist.
    pub expected: String,
}

impl UnknownName {
    /// The error for `name`, where one of `expected` was meant.
    pub(crate) fn new(kind: &'static str, name: &str, expected: impl IntoIterator<Item = &'static str>) -> Self {
        let expected: Vec<_> = expected.into_iter().collect();
        Self { kind, name: name.to_owned(), expected: expected.join(", ") }
    }
}

/// Gives an enum without fields `ALL`, `name`, `Display` and `FromStr`, from one list of its variants and their names.
/// Further names of a variant, which are read and not shown, stand behind `|`.
macro_rules! names {
    ($type:ident, $kind:literal, { $($variant:ident => $name:literal $(| $other:literal)*),+ $(,)? }) => {
        impl $type {
            /// Every one, in the order in which errors list them.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$variant),+];

            /// The name that [`FromStr`](std::str::FromStr) reads.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::name::UnknownName;

            fn from_str(name: &str) -> std::result::Result<Self, Self::Err> {
                match name {
                    $($name $(| $other)* => Ok(Self::$variant),)+
                    _ => Err($crate::name::UnknownName::new($kind, name, Self::ALL.map(Self::name))),
                }
            }
        }
    };
}

pub(crate) use names;

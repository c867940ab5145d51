//! Requests: what is asked for, with everything that decides the bits.

pub(crate) mod fill;
pub(crate) mod mesh;
pub(crate) mod orthogonal;
#[expect(clippy::module_inception, reason = "the room's main idea")]
pub(crate) mod request;
pub(crate) mod runs;
pub(crate) mod slice;
pub(crate) mod sliced;
pub(crate) mod stream;
pub(crate) mod structure;
pub(crate) mod update;
pub(crate) mod view;

pub use fill::{Fill, element_count};
pub use mesh::{Mesh, Shard, chunk};
pub use orthogonal::Orthogonal;
pub use request::Request;
pub use slice::Slice;
pub use sliced::{Sliced, Whole};
pub use stream::Stream;
pub use structure::Structure;
pub use update::Update;
pub use view::View;

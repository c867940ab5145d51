//! Which vector instructions a computation is compiled for: several versions of it, of which the processor's best is
//! taken when it runs. Neither fuses nor reorders arithmetic, so that the bits are the same.

#[cfg(feature = "simd")]
pub(super) use pulp::NullaryFnOnce as Computation;

/// What is compiled once for each level.
#[cfg(not(feature = "simd"))]
pub(super) trait Computation {
    type Output;

    fn call(self) -> Self::Output;
}

/// Does it with the widest vectors that the processor has.
#[cfg(feature = "simd")]
pub(super) fn widest<C: Computation>(computation: C) -> C::Output {
    pulp::Arch::new().dispatch(computation)
}

/// Does it with the vectors that every processor of this target has.
#[cfg(not(feature = "simd"))]
pub(super) fn widest<C: Computation>(computation: C) -> C::Output {
    computation.call()
}

//! Sine waves over a matrix as laws.

use std::sync::Arc;

use crate::error::{LawError, Result};
use crate::law::law::Law;
use crate::law::wave::{Wave, Waves};

impl Law {
    /// A wave for each column of a matrix; its rows are the positions.
    ///
    /// Each value is within 1.5e-7 of the amplitude times the exact sine.
    ///
    /// # Errors
    /// [`LawError::NotFinite`], [`LawError::EmptyList`].
    pub fn waves_by_column(waves: impl IntoIterator<Item = Wave>) -> Result<Self> {
        let waves: Arc<[Wave]> = waves.into_iter().collect();
        Self::waves(Waves { columns: waves.len() as u64, waves, by_row: false })
    }

    /// A wave for each row of a matrix of `columns` columns, which are the positions.
    ///
    /// # Errors
    /// [`LawError::NotFinite`], [`LawError::EmptyList`].
    pub fn waves_by_row(waves: impl IntoIterator<Item = Wave>, columns: u64) -> Result<Self> {
        Self::waves(Waves { waves: waves.into_iter().collect(), columns, by_row: true })
    }

    fn waves(waves: Waves) -> Result<Self> {
        if waves.waves.is_empty() || waves.columns == 0 {
            return Err(LawError::EmptyList.into());
        }
        match waves.waves.iter().find(|wave| !wave.amplitude.is_finite()) {
            Some(wave) => Err(LawError::NotFinite { name: "amplitude", value: wave.amplitude }.into()),
            None => Ok(Law::Waves(waves)),
        }
    }
}

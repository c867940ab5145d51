//! Lists: elements by their index alone.

use std::sync::Arc;

use crate::error::{LawError, Result};
use crate::law::law::Law;

impl Law {
    /// The values of a list, over and over.
    ///
    /// # Errors
    /// [`LawError::EmptyList`].
    ///
    /// ```
    /// use weightinit::{DType, Fill, Law, cpu};
    ///
    /// let fill = Fill::new("w", Law::listed([0.0, 1.5])?, DType::F16, 5)?;
    /// assert_eq!(cpu::values(&fill)?, [0.0, 1.5, 0.0, 1.5, 0.0]);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn listed(values: impl IntoIterator<Item = f64>) -> Result<Self> {
        let values: Arc<[f64]> = values.into_iter().collect();
        if values.is_empty() { Err(LawError::EmptyList.into()) } else { Ok(Law::Listed(values)) }
    }
}

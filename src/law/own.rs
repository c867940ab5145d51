//! Laws of your own, by their quantile functions.

use crate::error::{LawError, Result};
use crate::law::law::{Family, Law};
use crate::law::table::quantile::QuantileTable;
use crate::law::table::tail::Tail;

impl Law {
    /// A law of your own by its quantile function of u in (0, 1), monotone and smooth.
    ///
    /// It is tabulated in units of its interquartile range. Where the upper tail needs more precision than 1 − u
    /// leaves, or `name` matters, build a [`QuantileTable`] and use [`Law::Tabulated`].
    ///
    /// # Errors
    /// [`LawError::NotTabulable`] if the table cannot hold it.
    ///
    /// ```
    /// use weightinit::Law;
    ///
    /// // Kumaraswamy's law with a = 2, b = 3.
    /// let law = Law::from_quantile(|u| (1.0 - (1.0 - u).powf(1.0 / 3.0)).sqrt())?;
    /// assert!((law.moments().mean - 0.457_142_857).abs() < 1e-5);
    /// # Ok::<(), weightinit::Error>(())
    /// ```
    pub fn from_quantile(quantile: impl Fn(f64) -> f64) -> Result<Self> {
        let spread = quantile(0.75) - quantile(0.25);
        if !(spread.is_finite() && spread > 0.0) {
            let reason = format!("its interquartile range is {spread}; it must grow with u");
            return Err(LawError::NotTabulable { law: "of your own".to_owned(), reason }.into());
        }
        let standard = |p: f64, tail: Tail| match tail {
            Tail::Lower => quantile(p) / spread,
            Tail::Upper => quantile(1.0 - p) / spread,
        };
        let table = QuantileTable::new("of your own", standard)?;
        let scale = spread * table.unit();
        Ok(Self::of_table(Family::OWN, table.into(), 0.0, scale))
    }
}

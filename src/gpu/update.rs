//! Updates of buffers in place, in the order in which they are given.

use super::filler::{Filler, check_size, need_storage};
use super::recording::{Planned, Recording};
use crate::error::Result;
use crate::plan::Plan;
use crate::request::update::Update;

impl Filler {
    /// Records `update` of the elements that `target` holds from its beginning on into `encoder`. Nothing is submitted.
    ///
    /// # Errors
    /// Those of [`Filler::encode`]; nothing is recorded then.
    ///
    /// ```no_run
    /// # fn example(
    /// #     filler: &weightinit::gpu::Filler, weights: &weightinit::wgpu::Buffer, encoder: &mut weightinit::wgpu::CommandEncoder,
    /// # ) -> Result<(), weightinit::Error> {
    /// use weightinit::{DType, Fill, Law, Update, View};
    ///
    /// // New incoming weights for units 5 and 9 of a layer of 3072 units with 768 inputs each.
    /// let fresh = Fill::new(Law::normal(0.0, 0.02), DType::BF16, 3072 * 768)?.seed(2).stream("fc.weight");
    /// let shape = [3072, 768];
    /// let reset = |unit| Update::replace(fresh.clone()).view(View::new(&shape, 0, unit..unit + 1)?);
    /// filler.encode_updates(encoder, &[(&reset(5)?, weights.slice(..)), (&reset(9)?, weights.slice(..))])?;
    /// # Ok(()) }
    /// ```
    pub fn encode_update(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        update: &Update,
        target: wgpu::BufferSlice<'_>,
    ) -> Result<()> {
        self.encode_updates(encoder, &[(update, target)])
    }

    /// Records updates as one compute pass, each after the ones before it: their targets may overlap.
    ///
    /// # Errors
    /// Those of [`Filler::encode`], for the first update that is refused; nothing is recorded then.
    pub fn encode_updates(
        &self,
        encoder: &mut wgpu::CommandEncoder,
        updates: &[(&Update, wgpu::BufferSlice<'_>)],
    ) -> Result<()> {
        self.prepare_updates(updates)?.record_alone(encoder);
        Ok(())
    }

    /// Updates that can be recorded again and again, without any work that is left for then.
    ///
    /// # Errors
    /// Those of [`Filler::encode`].
    pub fn prepare_updates(&self, updates: &[(&Update, wgpu::BufferSlice<'_>)]) -> Result<Recording> {
        let mut plans = Vec::with_capacity(updates.len());
        for &(update, target) in updates {
            need_storage(target)?;
            let plan = Plan::of_update(update, target.offset(), self.capabilities())?;
            check_size(update.fill(), &plan, target)?;
            plans.push(Planned::new(self, update.fill(), plan, target.buffer()));
        }
        Ok(Recording::of_plans(self, plans))
    }

    /// Updates `target` and submits.
    ///
    /// # Errors
    /// Those of [`Filler::encode`].
    pub fn update(&self, queue: &wgpu::Queue, update: &Update, target: wgpu::BufferSlice<'_>) -> Result<()> {
        let mut encoder = self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        self.encode_update(&mut encoder, update, target)?;
        queue.submit([encoder.finish()]);
        Ok(())
    }
}

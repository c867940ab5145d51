//! Layer-sequential unit variance: weights scaled until a batch of data leaves each layer with variance 1.

use crate::cpu;
use crate::dtype::DType;
use crate::error::{Error, LawError, Result};
use crate::gpu::failure::drive;
use crate::gpu::filler::Filler;
use crate::request::Update;
use crate::verify::SampleMoments;

/// Bytes of outputs that are on the host at a time.
const MEASURED: u64 = 4 << 20;

/// When [`Filler::lsuv`] is content with a layer. The default is that of the authors' code
/// (github.com/ducha-aiki/LSUVinit).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Lsuv {
    /// How far the variance may be from 1.
    pub tolerance: f64,
    /// How often a layer is scaled at most.
    pub iterations: u32,
}

impl Default for Lsuv {
    /// A tolerance of 0.1, ten iterations.
    fn default() -> Self {
        Self { tolerance: 0.1, iterations: 10 }
    }
}

/// Elements of one type in a buffer, from the beginning to the end of a slice.
#[derive(Clone, Copy, Debug)]
pub struct Elements<'a> {
    /// Where they are.
    pub slice: wgpu::BufferSlice<'a>,
    /// Their type.
    pub dtype: DType,
}

impl Elements<'_> {
    fn count(&self) -> u64 {
        self.slice.size() / self.dtype.size()
    }
}

/// A layer of a network: weights that may be scaled, and the outputs that they lead to.
#[derive(Clone, Copy, Debug)]
pub struct LsuvLayer<'a> {
    /// The layer's weights, initialized: orthogonal, as the paper has it, or by any other initializer.
    pub weights: Elements<'a>,
    /// What the layer makes of the batch, before any nonlinearity.
    pub outputs: Elements<'a>,
}

/// What became of a layer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LsuvResult {
    /// Variance of the outputs before anything was scaled.
    pub before: f64,
    /// Variance of the outputs when they were measured last.
    pub after: f64,
    /// What the weights were multiplied by, in all.
    pub factor: f64,
    /// How often they were scaled.
    pub iterations: u32,
}

impl Filler {
    /// Scales the weights of `layers`, one layer after another, until the variance of its outputs is 1 within the
    /// tolerance or the iterations are used up (Mishkin and Matas, "All you need is a good init", 2016, algorithm 1).
    ///
    /// `forward` is called before each measurement, with the number of a layer. It records (or submits) the forward
    /// pass of one batch, the same each time, at least up to that layer's outputs. Submits, and blocks until they are
    /// measured. Where a layer fails, those before it stay scaled.
    ///
    /// # Errors
    /// [`Error::OutputVariance`] for outputs that are all alike, or not finite; [`Error::NoArithmetic`] for weights of
    /// f64; [`LawError::NotPositive`] for the tolerance; and those of [`Filler::read_back`] and [`Filler::submit`].
    ///
    /// ```no_run
    /// # fn example(
    /// #     filler: &weightinit::gpu::Filler, queue: &weightinit::wgpu::Queue, [weights, outputs]: [&weightinit::wgpu::Buffer; 2],
    /// #     record: impl Fn(&mut weightinit::wgpu::CommandEncoder),
    /// # ) -> Result<(), weightinit::Error> {
    /// use weightinit::DType;
    /// use weightinit::gpu::{Elements, Lsuv, LsuvLayer};
    ///
    /// let layers = [LsuvLayer {
    ///     weights: Elements { slice: weights.slice(..), dtype: DType::BF16 },
    ///     outputs: Elements { slice: outputs.slice(..), dtype: DType::F32 },
    /// }];
    /// let results = filler.lsuv(queue, &layers, Lsuv::default(), |_layer, encoder| record(encoder))?;
    /// println!("variance {} → {}", results[0].before, results[0].after);
    /// # Ok(()) }
    /// ```
    pub fn lsuv(
        &self,
        queue: &wgpu::Queue,
        layers: &[LsuvLayer<'_>],
        lsuv: Lsuv,
        forward: impl FnMut(usize, &mut wgpu::CommandEncoder),
    ) -> Result<Vec<LsuvResult>> {
        drive(&self.context.device, self.lsuv_async(queue, layers, lsuv, forward))
    }

    /// The same without blocking. On native backends somebody must poll the device meanwhile.
    ///
    /// # Errors
    /// Those of [`Filler::lsuv`].
    pub async fn lsuv_async(
        &self,
        queue: &wgpu::Queue,
        layers: &[LsuvLayer<'_>],
        lsuv: Lsuv,
        mut forward: impl FnMut(usize, &mut wgpu::CommandEncoder),
    ) -> Result<Vec<LsuvResult>> {
        if !(lsuv.tolerance > 0.0 && lsuv.tolerance.is_finite()) {
            return Err(LawError::NotPositive { name: "tolerance", value: lsuv.tolerance }.into());
        }
        let mut results = Vec::with_capacity(layers.len());
        for (number, layer) in layers.iter().enumerate() {
            let mut measure = async || {
                let mut encoder = self.context.create_encoder();
                forward(number, &mut encoder);
                self.context.submit(queue, encoder)?;
                let variance = self.variance(queue, layer.outputs).await?;
                if variance > 0.0 && variance.is_finite() {
                    return Ok(variance);
                }
                Err(Error::OutputVariance { layer: number, variance })
            };
            let before = measure().await?;
            let mut result = LsuvResult { before, after: before, factor: 1.0, iterations: 0 };
            while (result.after - 1.0).abs() > lsuv.tolerance && result.iterations < lsuv.iterations {
                let factor = 1.0 / result.after.sqrt();
                let Elements { slice, dtype } = layer.weights;
                self.submit(queue, &Update::scale(factor, dtype, layer.weights.count())?, slice)?;
                let after = measure().await?;
                result =
                    LsuvResult { after, factor: result.factor * factor, iterations: result.iterations + 1, ..result };
            }
            results.push(result);
        }
        Ok(results)
    }

    /// The variance of all elements, in f64 on the host: parts by themselves, then together.
    async fn variance(&self, queue: &wgpu::Queue, elements: Elements<'_>) -> Result<f64> {
        let Elements { slice, dtype } = elements;
        let mut moments = SampleMoments::default();
        let end = elements.count() * dtype.size();
        for start in (0..end).step_by(MEASURED as usize) {
            let bytes = self.read_back_async(queue, slice.slice(start..end.min(start + MEASURED))).await?;
            let values: Vec<_> = cpu::elements(dtype, &bytes).map(|bits| dtype.value(bits)).collect();
            moments = moments.and(SampleMoments::of(&values));
        }
        Ok(moments.variance())
    }
}

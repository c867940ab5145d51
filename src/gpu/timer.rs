//! How long commands take on a device.

use std::time::{Duration, Instant};

use crate::error::Result;
use crate::gpu::failure::{drive, wait};
use crate::gpu::filler::Filler;
use crate::gpu::signal::signal;

/// What a [`Timer`] reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clock {
    /// Timestamps that the device writes before and after the commands.
    TimestampQuery,
    /// The host's clock, from submission to completion: for devices without such timestamps.
    Wall,
}

impl Clock {
    /// The name in words.
    pub const fn name(self) -> &'static str {
        match self {
            Clock::TimestampQuery => "timestamp query",
            Clock::Wall => "wall clock",
        }
    }
}

/// Measures recorded commands, one recording at a time.
///
/// ```no_run
/// # fn example(
/// #     filler: &weightinit::gpu::Filler, queue: &weightinit::wgpu::Queue, buffer: &weightinit::wgpu::Buffer,
/// # ) -> Result<(), weightinit::Error> {
/// use weightinit::gpu::Timer;
/// use weightinit::{DType, Fill, Law};
///
/// let fill = Fill::new("w", Law::normal(0.0, 0.02), DType::F32, 1 << 24)?;
/// let timer = Timer::new(filler, queue);
/// let time = timer.time(|encoder| filler.encode(encoder, &fill, buffer.slice(..)))?;
/// println!("{} elements in {time:?} by {}", fill.element_count(), timer.clock().name());
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Timer<'a> {
    filler: &'a Filler,
    queue: &'a wgpu::Queue,
    queries: Option<Queries>,
}

/// Two timestamps and the buffer that brings them to the host.
#[derive(Debug)]
struct Queries {
    set: wgpu::QuerySet,
    resolved: wgpu::Buffer,
    /// Nanoseconds a tick.
    period: f64,
}

impl<'a> Timer<'a> {
    /// A timer for the device of `filler`, whose queue is `queue`.
    pub fn new(filler: &'a Filler, queue: &'a wgpu::Queue) -> Self {
        let device = &filler.context.device;
        let needed = wgpu::Features::TIMESTAMP_QUERY | wgpu::Features::TIMESTAMP_QUERY_INSIDE_ENCODERS;
        let queries = device.features().contains(needed).then(|| Queries {
            set: device.create_query_set(&wgpu::QuerySetDescriptor {
                label: Some("weightinit timer"),
                ty: wgpu::QueryType::Timestamp,
                count: 2,
            }),
            resolved: device.create_buffer(&wgpu::BufferDescriptor {
                label: Some("weightinit timer"),
                size: 16,
                usage: wgpu::BufferUsages::QUERY_RESOLVE | wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            }),
            period: f64::from(queue.get_timestamp_period()),
        });
        Self { filler, queue, queries }
    }

    /// What it reads.
    pub fn clock(&self) -> Clock {
        if self.queries.is_some() { Clock::TimestampQuery } else { Clock::Wall }
    }

    /// The time that the commands take which `record` records. Submits, and blocks until they are done.
    ///
    /// # Errors
    /// Those of [`wait`](super::wait), and of `record`, which then was not submitted.
    pub fn time(&self, record: impl FnOnce(&mut wgpu::CommandEncoder) -> Result<()>) -> Result<Duration> {
        let commands = self.commands(record)?;
        let start = Instant::now();
        self.queue.submit([commands]);
        wait(&self.filler.context.device, wgpu::PollType::wait_indefinitely())?;
        let wall = start.elapsed();
        let between = drive(&self.filler.context.device, self.between_stamps())?;
        Ok(between.unwrap_or(wall))
    }

    /// The same without blocking. On native backends somebody must poll the device meanwhile, and where there are no
    /// timestamps the time is that until the host learned that the commands are done.
    ///
    /// # Errors
    /// Those of [`Timer::time`].
    pub async fn time_async(&self, record: impl FnOnce(&mut wgpu::CommandEncoder) -> Result<()>) -> Result<Duration> {
        let commands = self.commands(record)?;
        let (sender, done) = signal();
        let start = Instant::now();
        self.queue.submit([commands]);
        self.queue.on_submitted_work_done(|| sender.send(()));
        done.await;
        let wall = start.elapsed();
        Ok(self.between_stamps().await?.unwrap_or(wall))
    }

    /// What is recorded, between timestamps where there are any.
    fn commands(&self, record: impl FnOnce(&mut wgpu::CommandEncoder) -> Result<()>) -> Result<wgpu::CommandBuffer> {
        let mut encoder = self.filler.context.create_encoder();
        if let Some(queries) = &self.queries {
            encoder.write_timestamp(&queries.set, 0);
        }
        record(&mut encoder)?;
        if let Some(queries) = &self.queries {
            encoder.write_timestamp(&queries.set, 1);
            encoder.resolve_query_set(&queries.set, 0..2, &queries.resolved, 0);
        }
        Ok(encoder.finish())
    }

    async fn between_stamps(&self) -> Result<Option<Duration>> {
        let Some(queries) = &self.queries else { return Ok(None) };
        let bytes = self.filler.read_back_async(self.queue, queries.resolved.slice(..)).await?;
        let stamps = bytemuck::pod_collect_to_vec::<u8, u64>(&bytes);
        let ticks = stamps[1].saturating_sub(stamps[0]) as f64;
        Ok(Some(Duration::from_nanos((ticks * queries.period) as u64)))
    }
}

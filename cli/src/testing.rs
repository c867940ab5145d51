//! What unit tests share.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use weightinit::{DType, Fill, Law, cpu};

/// Longer than anything takes here, on however busy a machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs `work` on a thread of its own, and fails if it does not come to an end.
pub(crate) fn ends<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    ends_within(PATIENCE, work)
}

fn ends_within<T: Send + 'static>(patience: Duration, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (done, end) = channel();
    let worker = std::thread::spawn(move || {
        let result = work();
        // Nobody listens after the patience has run out.
        let _ = done.send(());
        result
    });
    assert_ne!(end.recv_timeout(patience), Err(RecvTimeoutError::Timeout), "stuck");
    worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The first adapter.
pub(crate) fn adapter() -> weightinit::wgpu::Adapter {
    let adapter = pollster::block_on(weightinit::gpu::adapters()).into_iter().next();
    adapter.expect("an adapter: install mesa-vulkan-drivers and libvulkan1 (scripts/test does it)")
}

/// `count` random numbers below `end`, the same for each seed.
pub(crate) fn random(seed: u64, count: usize, end: usize) -> Vec<usize> {
    let words = Fill::new(0, Law::Bits, DType::U32, count as u64).unwrap().with_seed(seed);
    let bytes = cpu::bytes(&words).unwrap();
    let words = bytes.chunks_exact(4).map(|word| u32::from_le_bytes([word[0], word[1], word[2], word[3]]));
    words.map(|word| word as usize % end).collect()
}

#[test]
#[should_panic(expected = "stuck")]
fn what_does_not_end_is_noticed() {
    let (_held, never) = channel::<()>();
    // The receiver waits for a sender that is held here.
    ends_within(Duration::from_millis(50), move || never.recv().is_ok());
}

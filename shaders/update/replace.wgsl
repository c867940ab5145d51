// Elements become their samples.

fn updated(old: u32, sample: u32) -> u32 {
    return sample;
}

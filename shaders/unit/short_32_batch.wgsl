// Four runs of RUN elements of 32 bits.

// The run of the first element that is written.
fn first_run() -> u32 {
    return quotient(params.block.y, RUN);
}

fn write_runs(run: u32, e: Word4, last: Word) {
    // From run to run in the destination.
    let pitch = select(params.view.y, RUN, NESTED);
    let slot = params.head - (params.block.y - first_run() * RUN) + (run - first_run()) * pitch;
    // Counted from the first element that is written, modulo 2^32: those before it have large numbers.
    let number = run * RUN - params.block.y;
    write_run(slot, number, vec4<u32>(e.x.x, e.y.x, e.z.x, e.w.x), last.x);
    write_run(slot + pitch, number + RUN, vec4<u32>(e.x.y, e.y.y, e.z.y, e.w.y), last.y);
    write_run(slot + 2u * pitch, number + 2u * RUN, vec4<u32>(e.x.z, e.y.z, e.z.z, e.w.z), last.z);
    write_run(slot + 3u * pitch, number + 3u * RUN, vec4<u32>(e.x.w, e.y.w, e.z.w, e.w.w), last.w);
}

// As write_block of block_32.wgsl, with no more stores than a run can need.
fn write_run(slot: u32, number: u32, e: vec4<u32>, last: u32) {
    let count = params.tail - params.head;
    write_slot(slot, number < count, e.x);
    if RUN > 1u {
        write_slot(slot + 1u, number + 1u < count, e.y);
    }
    if RUN > 2u {
        write_slot(slot + 2u, number + 2u < count, e.z);
    }
    if RUN > 3u {
        write_slot(slot + 3u, number + 3u < count, e.w);
    }
    if RUN > 4u {
        write_slot(slot + 4u, number + 4u < count, last);
    }
}

// Elements of a slice of any runs. A workgroup makes each block that its runs touch once, shares the elements, and
// then writes its units. `write_unit` and SLOTS come from unit_*.wgsl.

const SHARED = SLOTS * WORKGROUP_SIZE;

// Elements of the workgroup's slots.
var<workgroup> shared_elements: array<u32, SHARED>;
// The first of these slots.
var<private> first_slot: u32;

// Elements of the four slots from 4 `index` on.
fn elements(index: u32) -> vec4<u32> {
    let slot = 4u * index - first_slot;
    return vec4<u32>(
        shared_elements[slot],
        shared_elements[slot + 1u],
        shared_elements[slot + 2u],
        shared_elements[slot + 3u],
    );
}

// How many blocks so many elements of a run touch at most: all runs begin at the same lane if the distances between
// them are whole blocks.
fn most_blocks(count: u32) -> u32 {
    if given.view.x <= count && ((given.view.z | given.view_count | given.block.x) & 3u) == 0u {
        return ((given.origin.x & 3u) + given.view.x + 3u) / 4u;
    }
    return (min(given.view.x, count) + 6u) / 4u;
}

// Shares what one block of a run has of the elements with the numbers `start` to `end`, of which the first goes to
// place `place`.
fn share(run: u32, block: u32, start: u32, end: u32, place: u32) {
    let first = max(run * given.view.x, start);
    let count = min((run + 1u) * given.view.x, end) - first;
    let index = add_64(source(run), first - run * given.view.x);
    // Of the block's first element; it may lie before the run's, and is then a large number.
    let offset = 4u * block - (index.x & 3u);
    if block > 0u && offset >= count {
        return;
    }
    let e = block_of(add_64(vec2<u32>((index.x >> 2u) | (index.y << 30u), index.y >> 2u), block));
    let slot = place + (first - start) + offset;
    if offset < count {
        shared_elements[slot] = e.x;
    }
    if offset + 1u < count {
        shared_elements[slot + 1u] = e.y;
    }
    if offset + 2u < count {
        shared_elements[slot + 2u] = e.z;
    }
    if offset + 3u < count {
        shared_elements[slot + 3u] = e.w;
    }
}

@compute @workgroup_size(WORKGROUP_SIZE)
fn fill(@builtin(local_invocation_index) local: u32, @builtin(workgroup_id) id: vec3<u32>) {
    params = given;
    let unit = id.x * WORKGROUP_SIZE + (id.y * params.row + params.head / SLOTS);
    first_slot = unit * SLOTS;
    let head = max(first_slot, params.head);
    let tail = min(first_slot + SHARED, params.tail);
    if head < tail {
        let start = head - params.head + params.block.y;
        let end = start + (tail - head);
        let run = start / params.view.x;
        let runs = (end - 1u) / params.view.x - run + 1u;
        let blocks = most_blocks(end - start);
        for (var item = local; item < runs * blocks; item += WORKGROUP_SIZE) {
            share(run + item / blocks, item % blocks, start, end, head - first_slot);
        }
    }
    // What nobody makes in the first and the last unit is 0: bytes of one word are put together.
    if local < SLOTS {
        if first_slot + local < head {
            shared_elements[local] = 0u;
        }
        if tail - first_slot + local < SHARED {
            shared_elements[tail - first_slot + local] = 0u;
        }
    }
    workgroupBarrier();
    if unit + local < (params.tail + SLOTS - 1u) / SLOTS {
        write_unit(unit + local);
    }
}

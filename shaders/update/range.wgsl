// Which slots are written: all of the range.

fn writes(slot: u32) -> bool {
    return slot >= params.head && slot < params.tail;
}

// Which slots are written: those of the range whose element lies in a view. An element's place on the view's axis, of
// length view.y, is its index / view.x modulo that length; the view has every view.w-th place from view.z on.

fn writes(slot: u32) -> bool {
    if slot < params.head || slot >= params.tail {
        return false;
    }
    let index = add_64(params.origin, slot);
    let row = vec2<u32>(divide(index, params.view.x).x, index.y / params.view.x);
    let place = divide(row, params.view.y).y;
    let offset = place - params.view.z;
    return place >= params.view.z && offset % params.view.w == 0u && offset / params.view.w < params.view_count;
}

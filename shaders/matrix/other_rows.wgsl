// Every row but row structure.x, which an embedding has for padding.

fn keeps(place: vec2<u32>) -> bool {
    return place.x != params.structure.x;
}

// Blocks of structure.x rows and structure.y columns along the diagonal.

fn keeps(place: vec2<u32>) -> bool {
    return place.x / params.structure.x == place.y / params.structure.y;
}

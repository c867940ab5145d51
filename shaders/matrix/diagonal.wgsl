// A diagonal that begins anew every structure.x rows, with steps of structure.y columns from structure.z on: the
// identity, and Dirac kernels of convolutions.

fn keeps(place: vec2<u32>) -> bool {
    return place.y == (place.x % params.structure.x) * params.structure.y + params.structure.z;
}

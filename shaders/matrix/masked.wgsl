// Elements that the structure does not keep are 0. `keeps` comes from the structure's file.

fn structured(index: u32) -> vec4<u32> {
    let a = place_of(index);
    let b = next_place(a);
    let c = next_place(b);
    let d = next_place(c);
    return select(vec4<u32>(), quad(index), vec4<bool>(keeps(a), keeps(b), keeps(c), keeps(d)));
}

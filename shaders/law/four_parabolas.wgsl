// Rows of the table of parabolas, a component of each number for each of the four.

fn parabolas(row: Word) -> Parabola {
    let a = table[row.x];
    let b = table[row.y];
    let c = table[row.z];
    let d = table[row.w];
    return Parabola(vec4<u32>(a.x, b.x, c.x, d.x), vec4<u32>(a.y, b.y, c.y, d.y));
}

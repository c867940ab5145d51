// Rows of the quantile table, a component of each number for each of the four.

fn rows(row: Word) -> Real4 {
    let a = table[row.x];
    let b = table[row.y];
    let c = table[row.z];
    let d = table[row.w];
    return Real4(
        vec4<f32>(a.x, b.x, c.x, d.x),
        vec4<f32>(a.y, b.y, c.y, d.y),
        vec4<f32>(a.z, b.z, c.z, d.z),
        vec4<f32>(a.w, b.w, c.w, d.w),
    );
}

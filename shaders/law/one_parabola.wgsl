// A row of the table of parabolas.

fn parabolas(row: Word) -> Parabola {
    let a = table[row];
    return Parabola(a.x, a.y);
}

// A row of the quantile table.

fn rows(row: Word) -> Real4 {
    return table[row];
}

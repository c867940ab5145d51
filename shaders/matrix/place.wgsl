// Where an element lies in a matrix of params.columns columns.

fn add_64(a: vec2<u32>, b: u32) -> vec2<u32> {
    let low = a.x + b;
    return vec2<u32>(low, a.y + select(0u, 1u, low < b));
}

// (quotient, remainder) of a 64-bit number by a divisor that is not 0; the quotient modulo 2^32.
fn divide(number: vec2<u32>, divisor: u32) -> vec2<u32> {
    var remainder = number.y % divisor;
    if remainder == 0u {
        return vec2<u32>(number.x / divisor, number.x % divisor);
    }
    // Long division, bit by bit.
    var quotient = 0u;
    for (var bit = 32u; bit > 0u; bit--) {
        let carry = remainder >> 31u;
        remainder = (remainder << 1u) | ((number.x >> (bit - 1u)) & 1u);
        let fits = carry != 0u || remainder >= divisor;
        remainder -= select(0u, divisor, fits);
        quotient = (quotient << 1u) | select(0u, 1u, fits);
    }
    return vec2<u32>(quotient, remainder);
}

// (row, column) of the element in slot 4 `index`. Units may begin before element 0, at indices just below 2^64: they
// lie in rows before row 0, so that from place to place one comes to (0, 0).
fn place_of(index: u32) -> vec2<u32> {
    let element = add_64(params.origin, 4u * index);
    if element.y == 0xffffffffu {
        let before = 0u - element.x;
        let rows = (before - 1u) / params.columns + 1u;
        return vec2<u32>(0u - rows, rows * params.columns - before);
    }
    return divide(element, params.columns);
}

// (row, column) of the element after the one at `place`.
fn next_place(place: vec2<u32>) -> vec2<u32> {
    let column = place.y + 1u;
    if column == params.columns {
        return vec2<u32>(place.x + 1u, 0u);
    }
    return vec2<u32>(place.x, column);
}

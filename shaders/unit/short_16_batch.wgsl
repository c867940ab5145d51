// Four runs of RUN elements of 16 bits that lie together in the destination, from the beginning of a word on.

@group(0) @binding(1) var<storage, read_write> destination: array<u32>;

// The run of the first element that is written, or the one before it, if that begins a word: four runs are whole words
// then.
fn first_run() -> u32 {
    let run = quotient(params.block.y, RUN);
    let slot = params.head - (params.block.y - run * RUN);
    return run - (slot & RUN & 1u);
}

fn write_runs(run: u32, e: Word4, last: Word) {
    let runs = array<Word, 5>(e.x, e.y, e.z, e.w, last);
    // Counted from the first element that is written, modulo 2^32: those before it have large numbers.
    let number = run * RUN - params.block.y;
    write_words(number, runs, 0u);
    if RUN > 1u {
        write_words(number, runs, 4u);
    }
    if RUN > 2u {
        write_words(number, runs, 8u);
    }
    if RUN > 3u {
        write_words(number, runs, 12u);
    }
    if RUN > 4u {
        write_words(number, runs, 16u);
    }
}

// Two words, from the element on that has this place in the four runs.
fn write_words(number: u32, runs: array<Word, 5>, place: u32) {
    write_word(number + place, element(runs, place), element(runs, place + 1u));
    write_word(number + place + 2u, element(runs, place + 2u), element(runs, place + 3u));
}

fn write_word(number: u32, low: u32, high: u32) {
    let count = params.tail - params.head;
    let word = (params.head + number) / 2u;
    if number < count {
        var upper = high << 16u;
        if number + 1u == count {
            upper = destination[word] & 0xffff0000u;
        }
        destination[word] = low | upper;
    }
}

fn element(runs: array<Word, 5>, place: u32) -> u32 {
    var elements = runs;
    return elements[place % RUN][place / RUN];
}

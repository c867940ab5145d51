// Pictures: histograms, matrices, and lines by layer, in the colours of style.css.

const HEIGHT = 260;
const MARGIN = { left: 58, right: 10, top: 10, bottom: 40 };
const BINS = 64;

/** A histogram of numbers beside the law's own: `probabilities` gives how much of it is at or below each of some. */
export function histogram(element, values, probabilities) {
    const [low, high] = extent(values);
    if (!(low < high)) {
        note(element, values.length === 0 ? "There are no elements." : `All elements are ${short(low)}.`);
        return;
    }
    const edges = Array.from({ length: BINS + 1 }, (_, i) => low + ((high - low) * i) / BINS);
    const counts = new Float64Array(BINS);
    for (const value of values) {
        const bin = Math.floor(((value - low) / (high - low)) * BINS);
        if (bin >= 0) counts[Math.min(bin, BINS - 1)] += 1;
    }
    const width = (high - low) / BINS;
    const densities = Array.from(counts, (count) => count / values.length / width);
    const cdf = probabilities(Float64Array.from(edges));
    const law = cdf ? edges.slice(1).map((edge, i) => [edge - width / 2, (cdf[i + 1] - cdf[i]) / width]) : [];
    const top = 1.05 * Math.max(...densities, ...law.map(([, y]) => y));
    const frame = new Frame(element, { x: [low, high], y: [0, top], labels: ["value", "density"] });
    const bars = densities.map((y, i) => {
        const [left, right] = [frame.x(edges[i]), frame.x(edges[i + 1])];
        const size = `width="${right - left}" height="${frame.y(0) - frame.y(y)}"`;
        return `<rect class="bar" x="${left}" y="${frame.y(y)}" ${size}/>`;
    });
    const line = law.length ? `<polyline class="law" points="${frame.points(law)}"/>` : "";
    const range = `${values.length} elements from ${short(low)} to ${short(high)}`;
    frame.show(bars.join("") + line, `Histogram of ${range}${law.length ? ", with the law’s density" : ""}`);
}

/** Lines by layer on a logarithmic axis: `{measured, theory, run}` each. */
export function lines(element, series, label, depth) {
    const all = series.flatMap(({ measured, theory }) => [...measured, ...(theory ?? [])]).filter((y) => y > 0);
    if (all.length === 0) {
        note(element, series.length === 0 ? "Nothing has been sent yet." : "All of them are 0.");
        return;
    }
    const decades = [Math.floor(Math.log10(Math.min(...all))), Math.ceil(Math.log10(Math.max(...all)))];
    if (decades[0] === decades[1]) decades[1] += 1;
    const y = decades.map((decade) => Math.min(Math.max(decade, -60), 60));
    const frame = new Frame(element, { x: [1, Math.max(2, depth)], y, labels: ["layer", label], decades: true });
    const path = (values, kind, run) => {
        const points = values.map((value, i) => [i + 1, Math.min(Math.max(Math.log10(value), y[0]), y[1])]);
        const shown = points.filter((_, i) => values[i] > 0);
        return `<polyline class="${kind} run-${run}" points="${frame.points(shown)}"/>`;
    };
    const both = ({ measured, theory, run }) =>
        path(measured, "measured", run) + (theory ? path(theory, "theory", run) : "");
    const runs = series.length === 1 ? "1 run" : `${series.length} runs`;
    frame.show(series.map(both).join(""), `${label} by layer, of ${runs}; the numbers of the last are below`);
}

/** A matrix as an image: blue below its mean, orange above it. */
export function matrix(canvas, values, shape) {
    const rows = shape.length > 1 ? shape[0] : 1;
    const columns = rows > 0 ? values.length / rows : 0;
    const size = { rows: Math.max(1, Math.min(rows, 512)), columns: Math.max(1, Math.min(columns, 512)) };
    [canvas.width, canvas.height] = [size.columns, size.rows];
    if (values.length === 0) {
        canvas.setAttribute("aria-label", "There are no elements");
        return;
    }
    let [sum, squares] = [0, 0];
    for (const value of values) [sum, squares] = [sum + value, squares + value * value];
    const mean = sum / values.length;
    const reach = 2.5 * Math.sqrt(Math.max(0, squares / values.length - mean * mean)) || 1;
    const image = new ImageData(size.columns, size.rows);
    for (let y = 0; y < size.rows; y++) {
        const row = Math.floor((y * rows) / size.rows);
        for (let x = 0; x < size.columns; x++) {
            const value = values[row * columns + Math.floor((x * columns) / size.columns)];
            const part = Math.max(-1, Math.min(1, (value - mean) / reach));
            const end = part < 0 ? [11, 87, 164] : [205, 92, 0];
            const pixel = [...end.map((c) => 245 + (c - 245) * Math.abs(part)), 255];
            image.data.set(pixel, 4 * (y * size.columns + x));
        }
    }
    canvas.getContext("2d").putImageData(image, 0, 0);
    const part = rows * columns > size.rows * size.columns ? ", of which some are shown" : "";
    canvas.setAttribute("aria-label", `The elements as ${rows} rows of ${columns}${part}`);
}

/** Axes with their labels, and what is drawn between them. */
class Frame {
    constructor(element, { x, y, labels, decades = false }) {
        Object.assign(this, { element, range: { x, y }, labels, decades });
        this.width = Math.max(240, element.clientWidth || 480);
    }

    x(value) {
        const [low, high] = this.range.x;
        return round(MARGIN.left + ((value - low) / (high - low)) * (this.width - MARGIN.left - MARGIN.right));
    }

    y(value) {
        const [low, high] = this.range.y;
        return round(HEIGHT - MARGIN.bottom - ((value - low) / (high - low)) * (HEIGHT - MARGIN.top - MARGIN.bottom));
    }

    points(pairs) {
        return pairs.map(([x, y]) => `${this.x(x)},${this.y(y)}`).join(" ");
    }

    show(inside, label) {
        const bottom = HEIGHT - MARGIN.bottom;
        const across = ticks(...this.range.x, Math.max(4, Math.floor(this.width / 80))).map((value) => {
            const x = this.x(value);
            const line = `<line class="grid" x1="${x}" x2="${x}" y1="${MARGIN.top}" y2="${bottom}"/>`;
            return `${line}<text x="${x}" y="${bottom + 16}" text-anchor="middle">${short(value)}</text>`;
        });
        const up = ticks(...this.range.y, 5, this.decades).map((value) => {
            const y = this.y(value);
            const text = this.decades ? `1e${value}` : short(value);
            const ends = `x1="${MARGIN.left}" x2="${this.width - MARGIN.right}"`;
            const line = `<line class="grid" ${ends} y1="${y}" y2="${y}"/>`;
            return `${line}<text x="${MARGIN.left - 6}" y="${y + 4}" text-anchor="end">${text}</text>`;
        });
        const middle = (HEIGHT - MARGIN.bottom) / 2;
        const [below, beside] = this.labels;
        const names = `<text x="${this.width / 2}" y="${HEIGHT - 6}" text-anchor="middle">${below}</text>
            <text transform="rotate(-90)" x="${-middle}" y="12" text-anchor="middle">${beside}</text>`;
        this.element.innerHTML = `<svg viewBox="0 0 ${this.width} ${HEIGHT}" role="img" aria-label="${label}">
            ${across.join("")}${up.join("")}${inside}${names}</svg>`;
    }
}

function note(element, text) {
    element.innerHTML = "<p class=hint></p>";
    element.firstChild.textContent = text;
}

/** Round numbers between two, at most so many. */
function ticks(low, high, most, whole = false) {
    const rough = (high - low) / most;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = Math.max([1, 2, 5, 10].find((factor) => factor * power >= rough) * power, whole ? 1 : 0);
    const count = Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9);
    return Array.from({ length: count + 1 }, (_, i) => (Math.ceil(low / step - 1e-9) + i) * step);
}

function extent(values) {
    let [low, high] = [Infinity, -Infinity];
    for (const value of values) {
        if (value < low) low = value;
        if (value > high) high = value;
    }
    return [low, high];
}

/** A number in few digits. */
export function short(value) {
    if (value === null || value === undefined || Number.isNaN(value)) return "–";
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e5)) return value.toExponential(2).replace("e+", "e");
    return String(Number(value.toPrecision(4)));
}

function round(pixels) {
    return Math.round(pixels * 100) / 100;
}

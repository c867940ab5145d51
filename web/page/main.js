// The page: chooses, computes by the library's plans, and shows.

import start, { Tensor, choices } from "./weightinit.js";
import { histogram, matrix, short } from "./draw.js";
import { Form, copy, element } from "./form.js";
import { Gpu } from "./gpu.js";
import { Signals } from "./propagation.js";
import { prepareRates } from "./rate.js";

const FIELDS = ["init", "shape", "layout", "dtype", "seed", "name"];
/** Elements up to which the CPU reference computes them as well, to compare. */
const COMPARED = 1 << 20;

let form, gpu, shown;
/** Counts changes, so that an old one does not show itself over a new one. */
let latest = 0;

async function main() {
    try {
        await start({ module_or_path: new URL("weightinit_bg.wasm", import.meta.url) });
    } catch (error) {
        element("notice").textContent =
            `The library cannot be loaded (${error.message}). Serve the folder over http; see docs/web.md.`;
        return;
    }
    try {
        gpu = await Gpu.open();
        element("notice").textContent = `Computed by WebGPU on ${gpu.name}.`;
        gpu.lost.then(({ message }) => {
            element("notice").textContent =
                `The GPU is gone (${message}). Load the page again, or compute by the CPU reference.`;
        });
    } catch (error) {
        element("notice").textContent =
            `${error.message} So everything here is computed by the CPU reference in WebAssembly: ` +
            "the same bits, at a lower speed.";
    }
    const backends = [...(gpu ? [new Option("WebGPU", "gpu")] : []), new Option("CPU reference", "cpu")];
    element("backend").replaceChildren(...backends);
    let waiting;
    const changed = () => {
        element("tensor").setAttribute("aria-busy", "true");
        clearTimeout(waiting);
        waiting = setTimeout(update, 150);
    };
    form = new Form(JSON.parse(choices()), changed);
    new Signals(form, gpu);
    prepareRates(gpu);
    element("copy").addEventListener("click", () => copy("command", "done"));
    for (const format of ["npy", "safetensors"]) element(format).addEventListener("click", () => download(format));
    addEventListener("resize", () => shown && draw());
    await update();
}

/** Computes what the form asks for, and shows it. */
async function update() {
    const number = ++latest;
    let tensor;
    try {
        const [init, shape, layout, dtype, seed, name] = FIELDS.map((id) => form.value(id));
        tensor = new Tensor(init, form.parameters, shape, layout, dtype, seed, name);
        Form.refuse(FIELDS, null);
    } catch (error) {
        Form.refuse(FIELDS, error);
        element("status").textContent =
            "What is shown below is the last tensor that could be computed: see what is marked above.";
        settled();
        return;
    }
    const about = JSON.parse(tensor.about());
    try {
        element("status").textContent = "Computing…";
        const start = performance.now();
        const { bytes, by } = await compute(tensor, about);
        if (number !== latest) return tensor.free();
        const took = performance.now() - start;
        const digest = await sha256(bytes);
        const compared = by === "gpu" ? await compare(tensor, bytes) : "";
        if (number !== latest) return tensor.free();
        shown?.tensor.free();
        shown = { tensor, about, bytes, values: tensor.values(bytes) };
        const where = by === "gpu" ? "WebGPU" : "the CPU reference";
        element("status").textContent =
            `${about.elements} elements by ${where} in ${took.toFixed(0)} ms, compiling and reading back included.`;
        element("digest").textContent = digest;
        element("compared").textContent = compared;
        element("command").textContent = about.command;
        element("done").textContent = "";
        facts(about);
        draw();
    } catch (error) {
        element("status").textContent = error.message;
        tensor.free();
    }
    settled();
}

function settled() {
    element("tensor").removeAttribute("aria-busy");
}

async function compute(tensor, about) {
    if (form.value("backend") !== "gpu" || !about.is_elementwise) return { bytes: tensor.bytes(), by: "cpu" };
    const buffers = await gpu.fill(JSON.parse(tensor.plan(...gpu.limits())));
    const [buffer] = buffers.values();
    const bytes = await gpu.read(buffer, about.bytes);
    buffer.destroy();
    return { bytes, by: "gpu" };
}

async function compare(tensor, bytes) {
    if (bytes.length > 4 * COMPARED) return "Too many to compute by the CPU reference as well.";
    const reference = tensor.bytes();
    const other = reference.findIndex((byte, place) => byte !== bytes[place]);
    if (other < 0) return "Equal to the CPU reference, bit for bit.";
    return `NOT equal to the CPU reference, from byte ${other} on: this browser or its driver computes wrong numbers.`;
}

async function sha256(bytes) {
    if (!crypto.subtle) return "The browser computes digests for https and localhost alone.";
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function facts({ law, fans, bytes }) {
    const pairs = [];
    if (law) {
        pairs.push(["Law", law.name], ["Mean", short(law.mean)], ["Standard deviation", short(law.std)]);
        if (Number.isFinite(law.low) || Number.isFinite(law.high)) {
            pairs.push([
                "Bounds",
                `${law.low === null ? "−∞" : short(law.low)} to ${law.high === null ? "∞" : short(law.high)}`,
            ]);
        }
    }
    if (fans) pairs.push(["Fans", `${fans.in} in, ${fans.out} out`]);
    pairs.push(["Bytes", String(bytes)]);
    element("facts").replaceChildren(
        ...pairs.map(([term, text]) => {
            const pair = document.createElement("div");
            pair.append(
                Object.assign(document.createElement("dt"), { textContent: term }),
                Object.assign(document.createElement("dd"), { textContent: text }),
            );
            return pair;
        }),
    );
}

function draw() {
    const { tensor, about, values } = shown;
    histogram(element("histogram"), values, (numbers) =>
        about.law?.has_density ? tensor.probabilities(numbers) : undefined,
    );
    matrix(element("matrix"), values, about.shape);
}

function download(format) {
    if (!shown) return;
    try {
        const file = new Blob([shown.tensor.header(format), shown.bytes]);
        const link = document.createElement("a");
        link.href = URL.createObjectURL(file);
        link.download = `${shown.about.name.replaceAll("/", "_")}.${format}`;
        link.click();
        setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
        element("done").textContent = `${link.download}: ${file.size} bytes.`;
    } catch (error) {
        element("done").textContent = error.message;
    }
}

main();

// Elements a second: the same law by the GPU, by the CPU reference, and by plain JavaScript.

import { Tensor } from "./weightinit.js";
import { element } from "./form.js";

const SIDE = 2048;
const ELEMENTS = SIDE * SIDE;
/** How long each is measured, in milliseconds. */
const TIME = 600;

export function prepareRates(gpu) {
    element("measure").addEventListener("click", async () => {
        element("measure").disabled = true;
        try {
            await measure(gpu);
        } catch (error) {
            element("measuring").textContent = error.message;
        }
        element("measure").disabled = false;
    });
}

async function measure(gpu) {
    const tensor = new Tensor("normal", "{}", `${SIDE}x${SIDE}`, "torch", "f32", "0", "");
    const rows = [];
    if (gpu) rows.push([`WebGPU: ${gpu.name}`, () => onGpu(gpu, JSON.parse(tensor.plan(...gpu.limits())))]);
    rows.push(["The CPU reference in WebAssembly, one thread", () => repeated(() => tensor.bytes())]);
    rows.push(["Math.random and Box–Muller in JavaScript, one thread", () => repeated(boxMuller)]);
    const body = element("rates").tBodies[0];
    body.replaceChildren();
    for (const [name, rate] of rows) {
        element("measuring").textContent = `Measuring: ${name}`;
        await new Promise((resolve) => setTimeout(resolve, 30));
        const millions = (await rate()) / 1e6;
        const row = body.insertRow();
        row.insertCell().textContent = name;
        row.insertCell().textContent = millions.toFixed(millions < 100 ? 1 : 0);
        element("rates").hidden = false;
    }
    element("measuring").textContent = "Done. The numbers of the first two are the same, bit for bit.";
    tensor.free();
}

/** Elements a second, after a first time that is not counted. */
function repeated(work) {
    work();
    const start = performance.now();
    let times = 0;
    while (performance.now() - start < TIME) {
        work();
        times += 1;
    }
    return (times * ELEMENTS) / ((performance.now() - start) / 1000);
}

async function onGpu(gpu, plan) {
    const prepared = await gpu.prepare(plan);
    const passed = async (times) => {
        const start = performance.now();
        gpu.dispatch(prepared, times);
        await gpu.device.queue.onSubmittedWorkDone();
        return performance.now() - start;
    };
    await passed(1);
    let times = 1;
    let took = await passed(times);
    // Until they take long enough that the way there and back does not count.
    while (took < TIME / 2 && times < 1 << 14) {
        times = Math.min(1 << 14, Math.ceil((times * TIME) / Math.max(took, TIME / 16)));
        took = await passed(times);
    }
    prepared.buffers.forEach((buffer) => buffer.destroy());
    prepared.temporary.forEach((buffer) => buffer.destroy());
    return (times * ELEMENTS) / (took / 1000);
}

const normals = new Float32Array(ELEMENTS);

function boxMuller() {
    for (let i = 0; i < normals.length; i += 2) {
        const radius = Math.sqrt(-2 * Math.log(1 - Math.random()));
        const angle = 2 * Math.PI * Math.random();
        normals[i] = radius * Math.cos(angle);
        normals[i + 1] = radius * Math.sin(angle);
    }
}

// Signals through depth: every product by the GPU's kernel, or by the library without one, and lines as they come.

import { Propagation, matmul } from "./weightinit.js";
import { lines, short } from "./draw.js";
import { Form, copy, element } from "./form.js";

const FIELDS = ["init", "activation", "seed", "depth", "width", "batch"];
const MOST_RUNS = 6;

export class Signals {
    constructor(form, gpu) {
        Object.assign(this, { form, gpu, runs: [], current: null });
        element("propagation-form").addEventListener("submit", (event) => {
            event.preventDefault();
            this.start();
        });
        element("stop").addEventListener("click", () => (this.current = null));
        element("clear").addEventListener("click", () => {
            this.current = null;
            this.runs = [];
            element("numbers").hidden = true;
            element("progress").textContent = "";
            this.draw();
        });
        element("copy-run").addEventListener("click", () => copy("run-command", "progress"));
        this.draw();
    }

    async start() {
        const number = (id) => Math.max(0, Math.min(Number(this.form.value(id)) || 0, 0xffffffff));
        let propagation;
        try {
            const [init, activation, seed] = ["init", "activation", "seed"].map((id) => this.form.value(id));
            propagation = new Propagation(
                init,
                this.form.parameters,
                activation,
                number("depth"),
                number("width"),
                number("batch"),
                seed,
            );
            Form.refuse(FIELDS, null);
        } catch (error) {
            Form.refuse(FIELDS, error);
            element("progress").textContent = "Nothing is sent: see what is marked.";
            document.querySelector('[aria-invalid="true"]')?.focus();
            return;
        }
        const token = (this.current = {});
        this.#busy(true);
        const run = { report: JSON.parse(propagation.report()), verdict: "" };
        this.runs = [...this.runs.slice(1 - MOST_RUNS), run];
        try {
            await this.#send(propagation, run, token);
        } catch (error) {
            element("progress").textContent = error.message;
        }
        propagation.free();
        // Another run may have begun meanwhile.
        if (this.current === token || this.current === null) {
            this.current = null;
            this.#busy(false);
        }
    }

    async #send(propagation, run, token) {
        const gpu = this.form.value("backend") === "gpu" ? this.gpu : null;
        const step = gpu ? await this.#onGpu(gpu, propagation) : async () => propagation.step_here();
        const depth = run.report.depth;
        let [done, drawn] = [0, 0];
        try {
            while (this.current === token && (await step())) {
                done += 1;
                // As often as one sees it.
                if (performance.now() - drawn > 60) {
                    run.report = JSON.parse(propagation.report());
                    element("progress").textContent =
                        done < depth
                            ? `Forward: layer ${done} of ${depth}`
                            : `Back: layer ${2 * depth - done} of ${depth}`;
                    this.draw();
                    await new Promise((resolve) => setTimeout(resolve));
                    drawn = performance.now();
                }
            }
        } finally {
            step.free?.();
        }
        run.report = JSON.parse(propagation.report());
        const where = gpu ? gpu.name : "the CPU reference";
        const whole = done === 2 * depth - 1;
        run.verdict = whole ? run.report.verdict : "stopped";
        element("progress").textContent = whole ? `By ${where}: ${run.verdict}.` : "Stopped.";
        element("run-command").textContent = propagation.command();
        this.#tell(run.report);
        this.draw();
    }

    /** Fills the weights on the device; gives the function that takes one step. */
    async #onGpu(gpu, propagation) {
        const depth = JSON.parse(propagation.report()).depth;
        const kernel = matmul();
        let weights;
        if (propagation.is_elementwise()) {
            weights = await gpu.fill(JSON.parse(propagation.plan(...gpu.limits())));
        } else {
            weights = new Map(
                Array.from({ length: depth }, (_, layer) => [
                    String(layer),
                    gpu.buffer(GPUBufferUsage.STORAGE, propagation.weights(layer)),
                ]),
            );
        }
        const step = async () => {
            const product = propagation.wanted();
            if (!product) return false;
            propagation.give(await gpu.product(kernel, weights.get(String(product.layer)), product));
            product.free();
            return true;
        };
        step.free = () => weights.forEach((buffer) => buffer.destroy());
        return step;
    }

    draw() {
        const series = (measured, theory) =>
            this.runs.map(({ report }, run) => ({ measured: report[measured], theory: report[theory], run }));
        const depth = Math.max(2, ...this.runs.map(({ report }) => report.depth));
        lines(element("activations"), series("activation_variance", "theory"), "variance of activations", depth);
        lines(element("gradients"), series("gradient_variance", "gradient_theory"), "variance of gradients", depth);
        element("legend").replaceChildren(
            ...this.runs.map(({ report, verdict }, run) => {
                const item = document.createElement("li");
                const key = document.createElement("span");
                key.className = `key run-${run}`;
                key.setAttribute("aria-hidden", "true");
                key.textContent = "━";
                const { init, activation, depth: layers, width } = report;
                item.append(
                    key,
                    `${run + 1}: ${init}, ${activation}, ${layers} × ${width}${verdict ? `: ${verdict}` : ""}`,
                );
                return item;
            }),
        );
    }

    #tell(report) {
        element("numbers").hidden = false;
        element("json").textContent = JSON.stringify(report);
        const columns = ["activation_variance", "theory", "gradient_variance", "gradient_theory"];
        element("layers").replaceChildren(
            ...report.activation_variance.map((_, layer) => {
                const row = document.createElement("tr");
                for (const text of [layer + 1, ...columns.map((name) => short(report[name]?.[layer]))]) {
                    row.append(Object.assign(document.createElement("td"), { textContent: text }));
                }
                return row;
            }),
        );
    }

    #busy(is) {
        element("propagate").disabled = is;
        element("stop").disabled = !is;
    }
}

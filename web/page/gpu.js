// WebGPU: runs plans (docs/plan.schema.json) and products. It knows nothing of laws: all numbers come from the library.

/** A device, or the reason that there is none is thrown. */
export class Gpu {
    static async open() {
        if (!navigator.gpu) {
            throw new Error(isSecureContext ? "This browser has no WebGPU." : "WebGPU needs https, or localhost.");
        }
        const adapter = await navigator.gpu.requestAdapter();
        if (!adapter) throw new Error("This browser has WebGPU, but no adapter for it.");
        return new Gpu(await adapter.requestDevice(), adapter.info);
    }

    constructor(device, { vendor, architecture, device: model, description }) {
        this.device = device;
        this.name = description || [vendor, architecture, model].filter(Boolean).join(" ") || "unnamed adapter";
        this.pipelines = new Map();
        this.lost = device.lost;
        this.last = Promise.resolve();
    }

    /** What a plan must know of the device. */
    limits() {
        const limits = this.device.limits;
        return [
            limits.maxStorageBufferBindingSize,
            limits.minStorageBufferOffsetAlignment,
            limits.maxComputeWorkgroupsPerDimension,
        ];
    }

    /** Fills every buffer of a plan, and gives them by their tensors' names. */
    async fill(plan) {
        return this.#checked(async () => {
            const prepared = await this.prepare(plan);
            this.dispatch(prepared, 1);
            await this.device.queue.onSubmittedWorkDone();
            prepared.temporary.forEach((buffer) => buffer.destroy());
            return prepared.buffers;
        });
    }

    /** Pipelines, bind groups and buffers of a plan, to be dispatched as often as one likes. */
    async prepare(plan) {
        const temporary = [];
        const made = (usage, contents) => {
            const buffer = this.buffer(usage, contents);
            temporary.push(buffer);
            return buffer;
        };
        const table = ([name, digits]) => [name, made(GPUBufferUsage.STORAGE, unhex(digits))];
        const tables = new Map(Object.entries(plan.tables).map(table));
        const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
        const destination = ({ tensor, bytes }) => [tensor, this.device.createBuffer({ size: padded(bytes), usage })];
        const buffers = new Map(plan.buffers.map(destination));
        const steps = [];
        for (const { tensor, shader, entry_point, workgroups, uniform, bindings } of plan.dispatches) {
            const pipeline = await this.pipeline(plan.shaders[shader], entry_point);
            const bound = {
                uniform: () => made(GPUBufferUsage.UNIFORM, unhex(uniform)),
                storage: () => buffers.get(tensor),
                "read-only-storage": (table) => tables.get(table),
            };
            const entries = bindings.map(({ binding, kind, offset, size, table }) => ({
                binding,
                resource: { buffer: bound[kind](table), offset, size },
            }));
            steps.push({ pipeline, group: this.#group(pipeline, entries), workgroups });
        }
        return { buffers, steps, temporary };
    }

    /** Submits all dispatches of a plan, over and over. */
    dispatch({ steps }, times) {
        const encoder = this.device.createCommandEncoder();
        const pass = encoder.beginComputePass();
        for (let time = 0; time < times; time++) {
            for (const { pipeline, group, workgroups } of steps) {
                pass.setPipeline(pipeline);
                pass.setBindGroup(0, group);
                pass.dispatchWorkgroups(...workgroups);
            }
        }
        pass.end();
        this.device.queue.submit([encoder.finish()]);
    }

    /** A layer's matrix times signals: `product` says what to dispatch. */
    async product([code, entryPoint], weights, product) {
        return this.#checked(async () => {
            const pipeline = await this.pipeline(code, entryPoint);
            const shape = this.buffer(GPUBufferUsage.UNIFORM, product.shape);
            const input = this.buffer(GPUBufferUsage.STORAGE, product.input);
            const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
            const output = this.device.createBuffer({ size: product.output_size, usage });
            const entries = [shape, weights, input, output].map((buffer, binding) => ({
                binding,
                resource: { buffer },
            }));
            const step = { pipeline, group: this.#group(pipeline, entries), workgroups: product.workgroups };
            this.dispatch({ steps: [step] }, 1);
            const bytes = await this.read(output, product.output_size);
            [shape, input, output].forEach((buffer) => buffer.destroy());
            return bytes;
        });
    }

    /** The first bytes of a buffer. */
    async read(source, bytes) {
        if (bytes === 0) return new Uint8Array();
        const size = padded(bytes);
        const staging = this.device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
        const encoder = this.device.createCommandEncoder();
        encoder.copyBufferToBuffer(source, 0, staging, 0, size);
        this.device.queue.submit([encoder.finish()]);
        await staging.mapAsync(GPUMapMode.READ);
        const contents = new Uint8Array(staging.getMappedRange(), 0, bytes).slice();
        staging.destroy();
        return contents;
    }

    /** A buffer with these bytes. */
    buffer(usage, contents) {
        const buffer = this.device.createBuffer({ size: padded(contents.length), usage, mappedAtCreation: true });
        new Uint8Array(buffer.getMappedRange()).set(contents);
        buffer.unmap();
        return buffer;
    }

    /** The pipeline of a shader, compiled once. */
    pipeline(code, entryPoint) {
        if (!this.pipelines.has(code)) this.pipelines.set(code, this.#compile(code, entryPoint));
        return this.pipelines.get(code);
    }

    async #compile(code, entryPoint) {
        const module = this.device.createShaderModule({ code });
        const { messages } = await module.getCompilationInfo();
        const errors = messages.filter(({ type }) => type === "error");
        const said = errors.map(({ lineNum, message }) => `line ${lineNum}: ${message}`).join("; ");
        if (said) throw new Error(`The browser refuses a shader: ${said}`);
        return this.device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint } });
    }

    #group(pipeline, entries) {
        return this.device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries });
    }

    /** Runs `work` after all that was asked for before; what the device refuses meanwhile is thrown. */
    #checked(work) {
        const result = this.last.then(() => this.#alone(work));
        this.last = result.catch(() => {});
        return result;
    }

    async #alone(work) {
        for (const filter of ["internal", "out-of-memory", "validation"]) this.device.pushErrorScope(filter);
        let result, failure;
        try {
            result = await work();
        } catch (error) {
            failure = error;
        }
        for (let scope = 0; scope < 3; scope++) {
            const error = await this.device.popErrorScope();
            if (error) failure ??= new Error(`The GPU refuses: ${error.message}`);
        }
        if (failure) throw failure;
        return result;
    }
}

/** Buffers hold whole words, and at least one. */
function padded(bytes) {
    return Math.max(4, Math.ceil(bytes / 4) * 4);
}

function unhex(digits) {
    return Uint8Array.from({ length: digits.length / 2 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

// Runs the JSON of `weightinit plan` on any WebGPU that JavaScript has, in Node and in browsers.

/** The adapter, and the SHA-256 of every buffer after all dispatches; or what was wrong with its shader. */
export async function found(gpu, plan) {
    const adapter = await gpu.requestAdapter();
    if (!adapter) throw new Error("there is no adapter");
    const device = await adapter.requestDevice();
    const digests = {};
    const pipelines = new Map();
    const pipeline = (shader, entryPoint) => {
        if (!pipelines.has(shader)) pipelines.set(shader, compile(device, plan.shaders[shader], entryPoint));
        return pipelines.get(shader);
    };
    const dispatches = groupByTensor(plan.dispatches);
    for (const { tensor, bytes, initial } of plan.buffers) {
        device.pushErrorScope("validation");
        const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
        const destination = buffer(device, usage, initial ? unhex(plan.tables[initial]) : new Uint8Array(bytes));
        const encoder = device.createCommandEncoder();
        try {
            for (const dispatch of dispatches.get(tensor)) {
                record(device, encoder, await pipeline(dispatch.shader, dispatch.entry_point), dispatch, destination, plan);
            }
            const contents = await submitAndRead(device, encoder, destination);
            digests[tensor] = await sha256(contents.subarray(0, bytes));
        } catch (error) {
            digests[tensor] = `failed: ${error.message}`;
        }
        const error = await device.popErrorScope();
        if (error) digests[tensor] = `failed: ${error.message}`;
        destination.destroy();
    }
    const { vendor, architecture, device: name, description } = adapter.info;
    return { adapter: [vendor, architecture, name, description].filter(Boolean).join(" "), digests };
}

function groupByTensor(dispatches) {
    const groups = new Map();
    for (const dispatch of dispatches) groups.set(dispatch.tensor, [...(groups.get(dispatch.tensor) ?? []), dispatch]);
    return groups;
}

async function compile(device, code, entryPoint) {
    const module = device.createShaderModule({ code });
    const { messages } = await module.getCompilationInfo();
    const errors = messages.filter(({ type }) => type === "error");
    if (errors.length > 0) throw new Error(errors.map(({ lineNum, message }) => `line ${lineNum}: ${message}`).join("; "));
    return device.createComputePipelineAsync({ layout: "auto", compute: { module, entryPoint } });
}

function record(device, encoder, pipeline, dispatch, destination, plan) {
    const entries = dispatch.bindings.map(({ binding, kind, offset, size, table }) => {
        const bound = {
            uniform: () => buffer(device, GPUBufferUsage.UNIFORM, unhex(dispatch.uniform)),
            storage: () => destination,
            "read-only-storage": () => buffer(device, GPUBufferUsage.STORAGE, unhex(plan.tables[table])),
        }[kind]();
        return { binding, resource: { buffer: bound, offset, size } };
    });
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(...dispatch.workgroups);
    pass.end();
}

async function submitAndRead(device, encoder, source) {
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const staging = device.createBuffer({ size: source.size, usage });
    encoder.copyBufferToBuffer(source, 0, staging, 0, source.size);
    device.queue.submit([encoder.finish()]);
    await staging.mapAsync(GPUMapMode.READ);
    const contents = new Uint8Array(staging.getMappedRange()).slice();
    staging.destroy();
    return contents;
}

function buffer(device, usage, contents) {
    const size = Math.ceil(contents.length / 4) * 4;
    const made = device.createBuffer({ size, usage: usage | GPUBufferUsage.COPY_DST });
    const padded = new Uint8Array(size);
    padded.set(contents);
    device.queue.writeBuffer(made, 0, padded);
    return made;
}

async function sha256(bytes) {
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unhex(digits) {
    return Uint8Array.from({ length: digits.length / 2 }, (_, i) => parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

"""wgpu-native, as PyPI's package `wgpu` has it: wgpu_native.py BACKEND KERNELS.json, the backend Vulkan or OpenGL."""

import hashlib
import json
import sys

import wgpu


def buffer(device, usage, contents):
    padded = contents + bytes(-len(contents) % 4)
    return device.create_buffer_with_data(data=padded, usage=usage | wgpu.BufferUsage.COPY_DST)


def bind_group(device, pipeline, dispatch, destination, tables):
    def bound(binding):
        match binding["kind"]:
            case "uniform":
                return buffer(device, wgpu.BufferUsage.UNIFORM, bytes.fromhex(dispatch["uniform"]))
            case "storage":
                return destination
            case "read-only-storage":
                return buffer(device, wgpu.BufferUsage.STORAGE, bytes.fromhex(tables[binding["table"]]))

    entries = [
        {
            "binding": binding["binding"],
            "resource": {"buffer": bound(binding), "offset": binding["offset"], "size": binding["size"]},
        }
        for binding in dispatch["bindings"]
    ]
    return device.create_bind_group(layout=pipeline.get_bind_group_layout(0), entries=entries)


def run(device, plan):
    pipelines, digests = {}, {}

    def pipeline(shader, entry_point):
        if shader not in pipelines:
            module = device.create_shader_module(code=plan["shaders"][shader])
            compute = {"module": module, "entry_point": entry_point}
            pipelines[shader] = device.create_compute_pipeline(layout="auto", compute=compute)
        return pipelines[shader]

    dispatches = {}
    for dispatch in plan["dispatches"]:
        dispatches.setdefault(dispatch["tensor"], []).append(dispatch)
    for destination in plan["buffers"]:
        tensor, size = destination["tensor"], destination["bytes"]
        contents = bytes.fromhex(plan["tables"][destination["initial"]]) if "initial" in destination else bytes(size)
        target = buffer(device, wgpu.BufferUsage.STORAGE | wgpu.BufferUsage.COPY_SRC, contents)
        try:
            encoder = device.create_command_encoder()
            for dispatch in dispatches[tensor]:
                compute = pipeline(dispatch["shader"], dispatch["entry_point"])
                compute_pass = encoder.begin_compute_pass()
                compute_pass.set_pipeline(compute)
                compute_pass.set_bind_group(0, bind_group(device, compute, dispatch, target, plan["tables"]))
                compute_pass.dispatch_workgroups(*dispatch["workgroups"])
                compute_pass.end()
            device.queue.submit([encoder.finish()])
            digests[tensor] = hashlib.sha256(bytes(device.queue.read_buffer(target))[:size]).hexdigest()
        except wgpu.GPUError as error:
            digests[tensor] = f"failed: {error}"
    return digests


def main():
    backend, path = sys.argv[1:]
    adapters = [a for a in wgpu.gpu.enumerate_adapters_sync() if a.info["backend_type"] == backend]
    if not adapters:
        sys.exit(f"there is no adapter of {backend}")
    device = adapters[0].request_device_sync()
    with open(path, encoding="utf-8") as file:
        digests = run(device, json.load(file))
    json.dump({"adapter": adapters[0].summary, "digests": digests}, sys.stdout)


main()

"""Times what Python has on a GPU: PyTorch's own fills, cuRAND's host functions and a Triton kernel, in turns.

gpu.py [--device DEVICE] [--rounds N] ELEMENTS…: prints JSON for scripts/gpu, with what is left out and why. DEVICE is
PyTorch's name of it; without one, the first of cuda, xpu and mps that is there. All fill f32 with mean 0 and deviation
0.02, or what is as near to that as they offer. Only the call's own work counts, between two events of the device, or by
the wall clock until it is idle where there are none.
"""

import argparse
import ctypes
import json
import statistics
import sys
import time

LEFT_OUT = []


def load(name):
    try:
        return __import__(name)
    except Exception as error:  # A package that is there and does not load is left out too.
        LEFT_OUT.append(f"{name} is left out: {type(error).__name__}: {error}")
        return None


def device_of(torch, wanted):
    known = {"cuda": torch.cuda.is_available, "xpu": getattr(torch, "xpu", torch.cuda).is_available,
             "mps": torch.backends.mps.is_available}
    if wanted:
        return wanted
    return next((name for name, is_there in known.items() if is_there()), None)


def contenders_of_torch(torch, out):
    yield "torch zero_", out.zero_
    yield "torch uniform_", lambda: out.uniform_(-0.02, 0.02)
    yield "torch normal_", lambda: out.normal_(0.0, 0.02)
    yield "torch trunc_normal_", lambda: torch.nn.init.trunc_normal_(out, 0.0, 0.02, -0.04, 0.04)


def contenders_of_curand(torch, out):
    """By the library that PyTorch brings with it: its Philox generator, whose functions fill device memory."""
    if out.device.type != "cuda":
        return
    library = None
    for name in ["libcurand.so.10", "libcurand.so", "curand64_10.dll"]:
        try:
            library = ctypes.CDLL(name)
            break
        except OSError:
            continue
    if library is None:
        LEFT_OUT.append("cuRAND is left out: its library is not found")
        return
    philox4_32_10, generator = 161, ctypes.c_void_p()
    if library.curandCreateGenerator(ctypes.byref(generator), philox4_32_10):
        LEFT_OUT.append("cuRAND is left out: it makes no generator")
        return
    library.curandSetStream(generator, ctypes.c_void_p(torch.cuda.current_stream().cuda_stream))
    place, count = ctypes.c_void_p(out.data_ptr()), ctypes.c_size_t(out.numel())

    def checked(call, *more):
        status = call(generator, place, count, *more)
        if status:
            raise RuntimeError(f"cuRAND ends with status {status}")

    yield "cuRAND Philox uniform", lambda: checked(library.curandGenerateUniform)
    yield "cuRAND Philox normal", lambda: checked(library.curandGenerateNormal, ctypes.c_float(0.0), ctypes.c_float(0.02))


def contenders_of_triton(torch, out):
    if out.device.type not in ("cuda", "xpu") or not load("triton"):
        return
    import triton_fills

    for name, fill in [("uniform", triton_fills.uniform), ("normal", triton_fills.normal)]:
        yield f"Triton {name}", lambda fill=fill: fill(out)


class Clock:
    """Times a call on a device."""

    def __init__(self, torch, device):
        self.torch, self.type = torch, torch.device(device).type
        self.module = getattr(torch, self.type, None)
        self.has_events = self.type in ("cuda", "xpu") and hasattr(self.module, "Event")

    def wait(self):
        if self.type != "cpu":
            self.module.synchronize()

    def seconds(self, call):
        self.wait()
        if self.has_events:
            begin, end = (self.module.Event(enable_timing=True) for _ in range(2))
            begin.record()
            call()
            end.record()
            self.wait()
            return begin.elapsed_time(end) * 1e-3
        start = time.perf_counter()
        call()
        self.wait()
        return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("elements", type=int, nargs="*")
    arguments = parser.parse_args()
    torch, rows, about = load("torch"), [], "Nothing to compare with."
    device = torch and device_of(torch, arguments.device)
    if torch and not device:
        LEFT_OUT.append(f"PyTorch {torch.__version__} sees no GPU")
    for elements in arguments.elements if device else []:
        clock, out = Clock(torch, device), torch.empty(elements, device=device)
        name = torch.cuda.get_device_name() if device.startswith("cuda") else device
        about = f"PyTorch {torch.__version__} on {name}, {'events' if clock.has_events else 'wall clock'}."
        calls = {}
        for source in contenders_of_torch, contenders_of_curand, contenders_of_triton:
            calls |= dict(source(torch, out))
        taken = {what: [] for what in calls}
        for turn in range(arguments.rounds + 1):
            for what, call in list(calls.items()):
                try:
                    seconds = clock.seconds(call)
                except Exception as error:
                    LEFT_OUT.append(f"{what} is left out: {type(error).__name__}: {error}")
                    del calls[what], taken[what]
                    continue
                # The first is to warm up.
                taken[what] += [seconds] if turn else []
        rows += [{"elements": elements, "what": what, "minimum": min(all), "median": statistics.median(all)}
                 for what, all in taken.items()]
    print(json.dumps({"about": about, "times": rows, "left_out": list(dict.fromkeys(LEFT_OUT))}))


if __name__ == "__main__":
    sys.exit(main())

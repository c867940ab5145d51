"""Which law each tensor of a model was drawn from: the last in-place operation on each storage while it was built."""

import math

import torch
from torch.utils._python_dispatch import TorchDispatchMode

RANDOM = {
    "normal", "uniform", "truncated_normal", "orthogonal", "log_of_uniform", "inverse_softplus_log_uniform",
}


class Tracer(TorchDispatchMode):
    """Follows every operation on tensors, and keeps the storages alive so that no address is met twice."""

    def __init__(self):
        super().__init__()
        self.known = {}

    def law(self, tensor):
        entry = self.known.get(tensor.untyped_storage().data_ptr())
        return entry["law"] if entry else None

    def note(self, tensor, law):
        storage = tensor.untyped_storage()
        entry = self.known.setdefault(storage.data_ptr(), {"storage": storage, "law": None, "parts": []})
        if tensor.numel() * tensor.element_size() == storage.nbytes():
            entry.update(law=law, parts=[])
        else:
            entry["parts"].append((tensor.storage_offset(), tuple(tensor.shape), tuple(tensor.stride()), law))

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        kwargs = kwargs or {}
        before = [self.law(a) if isinstance(a, torch.Tensor) else None for a in args]
        out = func(*args, **kwargs)
        law = self.of(func._schema.name.removeprefix("aten::"), args, kwargs, before)
        target = args[0] if args and isinstance(args[0], torch.Tensor) and func._schema.name.endswith("_") else out
        if isinstance(target, torch.Tensor) and law is not KEEP:
            is_new = target is not (args[0] if args else None)
            shares = any(
                isinstance(a, torch.Tensor) and a.untyped_storage().data_ptr() == target.untyped_storage().data_ptr()
                for a in args
            )
            # A view is no operation on what it views.
            if not (is_new and shares):
                self.note(target, law)
        return out

    def of(self, op, args, kwargs, before):
        def argument(place, name, default):
            return args[place] if len(args) > place else kwargs.get(name, default)

        number = args[1] if len(args) > 1 and isinstance(args[1], (int, float)) else None
        if len(args) > 1 and isinstance(args[1], torch.Tensor) and args[1].ndim == 0:
            number = args[1].item()
        own = before[0] if before else None
        match op:
            case "normal_":
                return ("normal", argument(1, "mean", 0.0), argument(2, "std", 1.0))
            case "uniform_":
                return ("uniform", argument(1, "from", 0.0), argument(2, "to", 1.0))
            case "randn" | "randn_like":
                return ("normal", 0.0, 1.0)
            case "rand" | "rand_like":
                return ("uniform", 0.0, 1.0)
            case "normal" if number is not None and isinstance(args[0], (int, float)):
                return ("normal", args[0], number)
            case "zero_" | "zeros" | "zeros_like" | "new_zeros":
                return ("constant", 0.0)
            case "ones" | "ones_like" | "new_ones":
                return ("constant", 1.0)
            case "full" | "new_full" | "full_like":
                return ("constant", float(args[1]))
            case "fill_":
                return ("constant", float(number)) if number is not None else ("computed",)
            case "clone" | "detach" | "_to_copy" | "contiguous" | "lift_fresh" | "alias" | "set_" | "_unsafe_view":
                return own or ("computed",)
            case "copy_":
                return before[1] or ("computed",)
            case "empty" | "empty_like" | "new_empty" | "empty_strided":
                return ("empty",)
            case "erfinv_" if own and own[0] == "uniform":
                return ("erfinv", own[1], own[2], 0.0, 1.0)
            case "mul_" | "mul" | "div_" | "div" if own and number is not None:
                return scaled(own, number if op.startswith("mul") else 1 / number)
            case "add_" | "add" if own and number is not None and len(args) == 2:
                return moved(own, number)
            case "neg" | "neg_" if own:
                return scaled(own, -1.0)
            case "log" | "log_" if own and own[0] == "uniform":
                return ("log_of_uniform", own[1], own[2])
            case "exp" if own and own[0] == "uniform":
                return ("log_uniform", math.exp(own[1]), math.exp(own[2]))
            case "clamp" if own and own[0] == "log_uniform":
                return own if argument(1, "min", 0) <= own[1] else (*own, argument(1, "min", 0))
            case "add" if own and own[0] == "log_uniform" and isinstance(args[1], torch.Tensor):
                # x + log(-expm1(-x)): where what is added is not of x, no check of the sample would hold.
                return ("inverse_softplus_log_uniform", *own[1:])
            case "clamp_" if own and own[0] == "erfinv":
                low, high = argument(1, "min", -math.inf), argument(2, "max", math.inf)
                return ("truncated_normal", own[3], own[4] / math.sqrt(2), low, high)
            case "requires_grad_" | "resize_" | "detach_" | "_has_compatible_shallow_copy_type" | "transpose_" | "t_":
                return KEEP
        return ("computed",)


KEEP = object()


def scaled(law, by):
    match law:
        case ("normal", mean, std):
            return ("normal", mean * by, std * abs(by))
        case ("uniform", low, high):
            return ("uniform", *sorted((low * by, high * by)))
        case ("constant", value):
            return ("constant", value * by)
        case ("erfinv", low, high, mean, scale):
            return ("erfinv", low, high, mean * by, scale * by)
        case ("truncated_normal", mean, std, low, high):
            return ("truncated_normal", mean * by, std * by, low * by, high * by)
        case ("orthogonal", gain):
            return ("orthogonal", gain * abs(by))
    return ("computed",)


def moved(law, by):
    match law:
        case ("normal", mean, std):
            return ("normal", mean + by, std)
        case ("uniform", low, high):
            return ("uniform", low + by, high + by)
        case ("constant", value):
            return ("constant", value + by)
        case ("erfinv", low, high, mean, scale):
            return ("erfinv", low, high, mean + by, scale)
        case ("truncated_normal", mean, std, low, high):
            return ("truncated_normal", mean + by, std, low + by, high + by)
    return ("computed",)


TRACER = Tracer()


def wrap_init():
    """No single operation tells of decompositions and of samples that are drawn again; called before libraries import
    torch.nn.init."""
    original, truncated = torch.nn.init.orthogonal_, torch.nn.init.trunc_normal_

    def trunc_normal_(tensor, mean=0.0, std=1.0, a=-2.0, b=2.0, generator=None):
        out = truncated(tensor, mean, std, a, b, generator=generator)
        TRACER.note(tensor, ("truncated_normal", float(mean), float(std), float(a), float(b)))
        return out

    def orthogonal_(tensor, gain=1, generator=None):
        out = original(tensor, gain, generator=generator)
        TRACER.note(tensor, ("orthogonal", float(gain)))
        return out

    torch.nn.init.orthogonal_, torch.nn.init.trunc_normal_ = orthogonal_, trunc_normal_


def describe(tensor):
    """The law of a whole tensor, with rows of zeros, or values where nothing random is in it."""
    tensor = tensor.detach()
    storage = tensor.untyped_storage()
    entry = TRACER.known.get(storage.data_ptr(), {"law": ("computed",), "parts": []})
    law, parts = entry["law"] or ("computed",), entry["parts"]
    rows = []
    for offset, shape, stride, part in parts:
        is_row = tensor.ndim == 2 and part == ("constant", 0.0) and shape == (tensor.shape[1],)
        if law[0] in RANDOM and is_row:
            rows.append(offset // tensor.shape[1])
        elif law[0] in RANDOM or part[0] in RANDOM:
            pieces = [list(part) + [list(shape), offset] for offset, shape, stride, part in parts]
            return ["pieces", list(law), pieces]
        else:
            return ["values", values(tensor)]
    if law[0] in ("computed", "empty", "erfinv", "log_uniform"):
        return ["values", values(tensor)]
    if law[0] == "constant" and tensor.is_floating_point() and not bool((tensor == law[1]).all()):
        return ["values", values(tensor)]
    check(tensor, law, rows)
    return list(law) + ([{"rows": rows}] if rows else [])


def values(tensor):
    """All of a short tensor, of a longer one at some places: [index, value]."""
    flat = tensor.reshape(-1).to(torch.float64) if tensor.dtype != torch.int64 else tensor.reshape(-1)
    if flat.numel() <= 64:
        places = range(flat.numel())
    else:
        places = sorted({i * (flat.numel() - 1) // 63 for i in range(64)})
    return [[i, flat[i].item()] for i in places]


def check(tensor, law, rows):
    """The sample itself has the traced law's mean and standard deviation."""
    data = tensor.double()
    if rows:
        assert bool((data[rows] == 0).all())
        keep = torch.ones(len(data), dtype=torch.bool)
        keep[rows] = False
        data = data[keep]
    count = data.numel()
    match law:
        case ("normal", mean, std):
            pass
        case ("uniform", low, high):
            mean, std = (low + high) / 2, (high - low) / math.sqrt(12)
        case ("truncated_normal", mean, std, low, high) if high - low > 30 * std:
            pass
        case _:
            return
    if count < 2 or std == 0:
        return
    error = std / math.sqrt(count)
    assert abs(data.mean().item() - mean) < 6 * error, (law, data.mean())
    assert abs(data.std().item() - std) < 6 * std / math.sqrt(2 * count) + 1e-3 * std, (law, data.std())

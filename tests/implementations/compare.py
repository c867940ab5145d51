"""One table of what every implementation found: compare.py KERNELS.json NAME=FOUND.json ...

Ends with 1 if a portable digest differs anywhere, if a mutant's is the right one, or if lavapipe and SwiftShader agree
about native normals, which would mean that this comparison cannot tell implementations apart.
"""

import json
import sys

# Of these, rounding to fewer bits hides nothing.
NATIVE = "normal_native_f32"
SHOWN = 5


def read(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def expected(plan, kind):
    return {buffer["tensor"]: buffer["sha256"] for buffer in plan["buffers"] if buffer["kind"] == kind}


def different(portable, result):
    return [tensor for tensor, digest in portable.items() if result["digests"].get(tensor) != digest]


def overlooked(mutants, result):
    """Mutants that gave the right digest, or did not run at all."""
    found = {tensor: result["digests"].get(tensor, "failed") for tensor in mutants}
    return [t for t, digest in found.items() if digest == mutants[t] or digest.startswith("failed")]


def native_twins(results):
    """Native normals on which implementations by different drivers agree."""

    def of(driver):
        return [result["digests"] for result in results.values() if driver in result["adapter"].lower()]

    pairs = [(one, other) for one in of("llvmpipe") for other in of("swiftshader")]
    return sorted({t for one, other in pairs for t in one if t.startswith(NATIVE) and one[t] == other.get(t)})


def check_control(portable, results):
    """One wrong expected digest must be reported by every implementation, and nothing else."""
    tensor, digest = next(iter(portable.items()))
    wrong = {**portable, tensor: digest[::-1]}
    return [name for name, result in results.items() if different(wrong, result) != [tensor]]


def main():
    plan, results = read(sys.argv[1]), {}
    for argument in sys.argv[2:]:
        name, path = argument.split("=", 1)
        results[name] = read(path)
    portable, mutants = expected(plan, "portable"), expected(plan, "mutant")
    shaders = {dispatch["tensor"]: dispatch["shader"] for dispatch in plan["dispatches"]}
    kernels = len({shaders[tensor] for tensor in portable})
    complaints = [] if portable and mutants and results else ["there is nothing to compare"]
    print("| implementation | adapter | kernels | fills | equal | different | mutants found |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, result in results.items():
        wrong, missed = different(portable, result), overlooked(mutants, result)
        counts = [kernels, len(portable), len(portable) - len(wrong), len(wrong)]
        caught = f"{len(mutants) - len(missed)} of {len(mutants)}"
        print("|", " | ".join(map(str, [name, result["adapter"], *counts, caught])), "|")
        complaints += [f"{name}: {tensor} is {result['digests'].get(tensor)}" for tensor in wrong[:SHOWN]]
        complaints += [f"{name}: {tensor} was not found out: {result['digests'].get(tensor)}" for tensor in missed]
    complaints += [f"{tensor} is the same on lavapipe and SwiftShader" for tensor in native_twins(results)]
    if not complaints:
        complaints += [f"{name} does not report a wrong digest" for name in check_control(portable, results)]
    for complaint in complaints:
        print(complaint, file=sys.stderr)
    sys.exit(1 if complaints else 0)


main()

"""Times weightinit and its peers in turns, and prints a table.

compare.py PROGRAM [--rounds N] [--no-adapter] [--python PYTHON] [--json FILE] [--into FILE]: PROGRAM is the Rust
program of this folder.

Every contender runs once to warm up, then N times, all of them one after the other in each round, so that what else
the machine does meets them all alike. Programs whose turn it is not are stopped, with every thread that waits busily.
Libraries that are not installed are left out, and said to be.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ELEMENTS = 1 << 25
LAWS = ("constant", "uniform", "normal", "truncated normal")


class Program:
    """A program that times what it is told to, and is stopped while others do."""

    def __init__(self, command, stderr=None):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=stderr, text=True)
        line = self.process.stdout.readline()
        self.about = json.loads(line) if line else None
        if self.about is not None:
            self.process.send_signal(signal.SIGSTOP)

    def seconds(self, name):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.write(name + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"compare.py: the program ended in {name}")
        self.process.send_signal(signal.SIGSTOP)
        return float(line)

    def end(self):
        self.process.stdin.close()
        self.process.send_signal(signal.SIGCONT)
        self.process.wait()


def start(program, python, with_adapter):
    def rust(*arguments):
        started = Program([program, *arguments])
        if started.about is None:
            sys.exit(f"compare.py: {program} {' '.join(arguments)} does not start")
        return started

    programs, versions = [], []
    if with_adapter:
        burn = rust("burn")
        programs = [burn, rust("adapter", burn.about["adapter"])]
    programs.append(rust("cpu"))
    for name in ("mkl", "randompack", "numpy", "torch", "tensorflow", "jax", "weightinit") if python else ():
        framework = Program([python, str(HERE / "framework.py"), name], stderr=subprocess.DEVNULL)
        if framework.about is None:
            print(f"compare.py: {name} is not installed, and left out", file=sys.stderr)
            continue
        versions.append(f"{name} {framework.about['version']}")
        programs.append(framework)
    return programs, versions


def law(name):
    return name.rsplit(", ", 1)[1].removeprefix("native ")


def ours(place, of_law):
    return f"{place}: weightinit, {of_law}"


def table(times):
    """Rows of Markdown: a contender's times, and how many times as long it takes as weightinit for the same law."""
    rows = []
    for place in ("one core in its cache", "CPU", "adapter"):
        names = [name for name in times if name.startswith(place + ": ")]
        for of_law in LAWS:
            of_this = sorted((name for name in names if law(name) == of_law), key=lambda name: min(times[name]))
            reference = times.get(ours(place, of_law))
            for name in of_this:
                least, median = min(times[name]), statistics.median(times[name])
                ratio = "" if reference is None else f"{median / statistics.median(reference):.2f}"
                contender = name.removeprefix(place + ": ").rsplit(", ", 1)
                label = contender[0] + (", native" if contender[1].startswith("native") else "")
                rows.append((place, of_law, label, f"{least * 1e3:.1f}", f"{median * 1e3:.1f}", ratio))
    titles = ("on", "law", "", "minimum, ms", "median, ms", "× weightinit's median")
    lines = [titles, ("---",) * len(titles), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def processor():
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return "an unknown processor"


def put(document, path):
    """Between its two lines in a Markdown file."""
    text = path.read_text()
    begin, end = "<!-- compare -->\n", "<!-- /compare -->\n"
    if text.count(begin) != 1 or text.count(end) != 1:
        sys.exit(f"compare.py: {path} has no lines <!-- compare --> and <!-- /compare -->")
    before, rest = text.split(begin)
    path.write_text(before + begin + "\n" + document + "\n\n" + end + rest.split(end)[1])


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("program")
    arguments.add_argument("--rounds", type=int, default=9)
    arguments.add_argument("--no-adapter", action="store_true")
    arguments.add_argument("--python")
    arguments.add_argument("--json", type=Path)
    arguments.add_argument("--into", type=Path)
    options = arguments.parse_args()

    load = os.getloadavg()[0]
    programs, versions = start(options.program, options.python, not options.no_adapter)
    contenders = [(program, name) for program in programs for name in program.about["names"]]
    times = {name: [] for _, name in contenders}
    for turn in range(options.rounds + 1):
        for program, name in contenders:
            seconds = program.seconds(name)
            if turn > 0:
                times[name].append(seconds)
    for program in programs:
        program.end()

    about = {
        "elements": ELEMENTS,
        "rounds": options.rounds,
        "processor": processor(),
        "cores": cores(),
        "load": load,
        "adapter": programs[0].about["adapter"],
        "versions": versions,
    }
    lines = [
        f"2^25 f32 elements, {options.rounds} rounds of all contenders in turns.",
        f"CPU: {about['processor']}, {about['cores']} cores, load {load:.2f} before."
        + (f" Adapter: {about['adapter']}." if about["adapter"] else ""),
    ]
    if versions:
        lines.append(f"From PyPI: {', '.join(versions)}.")
    document = "\n".join([*lines, "", table(times)])
    print(document)
    if options.into:
        put(document, options.into)
    if options.json:
        options.json.write_text(json.dumps(about | {"times": times}, indent=1) + "\n")


main()

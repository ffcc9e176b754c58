#!/usr/bin/env python3
"""What the kernels' machine code asks of a GPU, without one.

  scripts/gpu-instructions.py                    all kernels, compiled for sm_90
  scripts/gpu-instructions.py --arch sm_80 FILE  ... of a .cu file, a cubin, an object, a library, a program
  scripts/gpu-instructions.py --doc docs/gpu.md  puts the tables into the page, between its markers
  scripts/gpu-instructions.py --measured FILE    ... beside the times in a result of graveler-bench speed

For every kernel: registers, spills, shared memory, and the instructions of its main loop by the pipe that
takes them, per session. Wants nvcc (for .cu files), cuobjdump and nvdisasm (CUDA toolkit; as Python packages:
nvidia-cuda-cuobjdump, nvidia-cuda-nvdisasm) on the PATH or in CUDA_HOME/bin, and c++filt.

The main loop is the one that sessions are played in where all of them count: of the innermost loops that multiply,
the one that votes least often. (What may not count is asked of the warp.) Its common path is every block of it, except
- what runs only where a warp's vote says that some lane needs it: those votes ask about rare things,
- what stands behind the loop's end, where the compiler moves what it takes to be unlikely,
- loops within it, as nobody can tell from here how often they turn.
How many sessions a turn plays cannot be seen in machine code: SESSIONS_PER_TURN tells it, and of the founding
job's the number of POPC, 7 a session. Look at them when a kernel changes.
What is left out is listed below the tables. What calls and divergence cost is not counted.
"""

import argparse
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# Sessions that a turn of the main loop plays in each thread, by kernel; elsewhere 1.
SESSIONS_PER_TURN = {"yardstick_kernel": 2, "scores_kernel": 4}
FOUNDING_POPC = 7  # of a founding session

# Lanes per multiprocessor and clock. A wide multiplication takes the multiply pipe twice.
LANES = {"sm_90": {"multiply": 64, "ALU": 64, "POPC": 16, "issue": 128}}
# What the milliseconds are worked out for.
CARD = {"sm_90": ("H100 SXM", 132, 1.98e9)}

# How template arguments are told; others stand as `name value`.
WORDS = {("rounds", "10"): "philox", ("rounds", "7"): "philox7",
         ("founding", "true"): "founding", ("founding", "false"): "any chance",
         ("game", "(grav_game)0"): "sum", ("game", "(grav_game)1"): "any die", ("game", "(grav_game)2"): "streaks",
         ("ofhalf", "true"): "chances a/2^k", ("ofhalf", "false"): "any chance"}
# Kernels whose work depends on the plan: most of it is in loops, or behind votes that often say yes.
UNBOUNDED = {"game_kernel", "gen3_kernel"}
UNBOUNDED_CHANCE = "any chance"
# How graveler-bench tells what a kernel counts.
KEEPS = {"counts none": "max", "counts shared": "histogram"}


class Failure(Exception):
    pass


def tool(name):
    home = os.environ.get("CUDA_HOME", "/usr/local/cuda")
    found = shutil.which(name) or shutil.which(name, path=os.path.join(home, "bin"))
    if not found:
        raise Failure(f"no {name}: on the PATH or in CUDA_HOME/bin (it comes with the CUDA toolkit)")
    return found


def output_of(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)
    if done.returncode:
        raise Failure(f"{' '.join(command)}\n{done.stderr}{done.stdout}")
    return done.stdout


# ---- Machine code --------------------------------------------------------------------------------


class Instruction:
    """One line of disassembly: guard (`P0`, `!P0` or None), opcode, operands."""

    def __init__(self, text):
        match = re.match(r"(?:@(!?U?P[T0-9]+)\s+)?(\S+)\s*(.*)$", text)
        self.guard, self.opcode, self.operands = match.groups()
        self.base = self.opcode.split(".")[0]

    def target(self):
        match = re.search(r"`\((\.L\w+)\)", self.operands)
        return match[1] if match and self.base in ("BRA", "BRX", "JMP") else None

    def condition(self):
        """The predicate a branch asks, with its sense; None where it is always taken."""
        if self.guard and not self.guard.lstrip("!").endswith("PT"):
            return self.guard
        match = re.match(r"(!?U?P[0-9]+),", self.operands)
        return match[1] if match else None


class Block:
    def __init__(self, place):
        self.place, self.labels, self.code, self.next, self.jump = place, [], [], None, None

    def successors(self):
        return [block for block in (self.next, self.jump) if block is not None]


def blocks_of(text):
    """The basic blocks of one function's disassembly, in order, linked."""
    blocks, by_label, open_block = [], {}, None
    for line in text.splitlines():
        label = re.match(r"(\.L\w+):", line)
        code = re.match(r"\s+/\*[0-9a-f]{4,}\*/\s+(.*?)\s*;", line)
        if not label and not code:
            continue
        if open_block is None or (label and open_block.code):
            open_block = Block(len(blocks))
            blocks.append(open_block)
        if label:
            open_block.labels.append(label[1])
            by_label[label[1]] = open_block
        else:
            open_block.code.append(Instruction(code[1]))
            if open_block.code[-1].base in ("BRA", "BRX", "JMP", "EXIT", "RET"):
                open_block = None
    for block, following in zip(blocks, blocks[1:] + [None]):
        last = block.code[-1] if block.code else None
        if last and last.target():
            block.jump = by_label.get(last.target())
        ends = last and last.base in ("BRA", "BRX", "JMP", "EXIT", "RET") and not last.condition()
        block.next = None if ends else following
    return blocks


def reachable(start, inside, without=None):
    """Blocks reached from start within the set `inside`, not going through `without`."""
    seen, todo = set(), [start]
    while todo:
        block = todo.pop()
        if block in seen or block is without or block not in inside:
            continue
        seen.add(block)
        todo += block.successors()
    return seen


def loops_of(blocks):
    """(header, set of blocks) of every natural loop; those with one header are one."""
    everything = reachable(blocks[0], set(blocks))
    before = {block: [] for block in blocks}
    for block in everything:
        for successor in block.successors():
            before[successor].append(block)
    loops = {}
    for source in everything:
        for header in source.successors():
            if source in reachable(blocks[0], everything, without=header):
                continue  # the header does not dominate the source: no back edge
            body, todo = loops.setdefault(header, {header}), [source]
            while todo:
                block = todo.pop()
                if block not in body:
                    body.add(block)
                    todo += before[block]
    return list(loops.items())


def size(blocks):
    return sum(len(block.code) for block in blocks)


def count_of(blocks, wanted):
    return sum(wanted(instruction) for block in blocks for instruction in block.code)


def products(blocks):
    return count_of(blocks, lambda instruction: pipe_of(instruction) == "wide")


def votes(blocks):
    return count_of(blocks, lambda instruction: instruction.base in ("VOTE", "VOTEU"))


def rare_edge(block, blocks):
    """The successor that a block goes to where a warp's vote said that some lane needs it, or None."""
    branch = block.code[-1] if block.code else None
    condition = branch.condition() if branch and branch.target() else None
    if not condition:
        return None
    name = condition.lstrip("!")
    for instruction in reversed(block.code[:-1]):
        vote = instruction.base in ("VOTE", "VOTEU")
        # What an instruction writes are its first operands.
        written = instruction.operands.split(",")[:1 if vote else 2]
        if name in [operand.strip() for operand in written]:
            if not vote:
                return None
            wanted = "ALL" not in instruction.opcode.split(".")  # the vote's answer that is the rare one
            taken = not condition.startswith("!")
            return block.jump if wanted == taken else block.next
    return None


class Loop:
    """A kernel's main loop, split into the common path and what is aside of it."""

    def __init__(self, blocks):
        loops = loops_of(blocks)
        if not loops:
            raise Failure("no loop")
        # Those with enough products to make words from, and no other such loop within.
        playing = [loop for loop in loops if products(loop[1]) >= max(products(body) for _, body in loops) / 4]
        playing = [loop for loop in playing if not any(other < loop[1] for _, other in playing)]
        header, body = min(playing, key=lambda loop: (votes(loop[1]) / max(1, products(loop[1])), -size(loop[1])))
        inner = [other for _, other in loops if other < body]
        latches = [block for block in body if header in block.successors()]
        # What the compiler puts behind the loop goes back to its header by a plain jump.
        first = min(block.place for block in latches)
        last = max(block.place for block in latches if block.place == first or block.next is not None)
        self.aside = []  # (why, first block, blocks), disjoint
        taken = set()

        def put_aside(why, region):
            region = set(region) - taken
            if region:
                taken.update(region)
                self.aside.append((why, min(region, key=lambda block: block.place), region))

        # What is reached through the rare edge alone, within a turn.
        turn = body - {header}
        for block in sorted(body, key=lambda block: block.place):
            rare = rare_edge(block, blocks)
            if rare is None or rare not in turn:
                continue
            other = block.next if rare is block.jump else block.jump
            put_aside("after a vote", reachable(rare, turn) - reachable(other, turn))
        put_aside("behind the loop's end", [block for block in body if block.place > last])
        for loop in sorted(inner, key=size, reverse=True):
            put_aside("a loop", loop)
        self.common = sorted(body - taken, key=lambda block: block.place)
        self.has_inner_loops = any(why == "a loop" for why, _, _ in self.aside)
        self.optional = [block for block in self.common if block is not header
                         and any(latch in reachable(header, body, without=block) for latch in latches)
                         and block not in latches]


def pipe_of(instruction):
    base, parts = instruction.base, instruction.opcode.split(".")
    if base == "IMAD":
        return "wide" if "WIDE" in parts or "HI" in parts else "multiply"
    if base in ("POPC", "FLO", "BREV", "MUFU", "I2F", "F2I"):
        return "POPC"
    if base in ("ATOMS",):
        return "shared atomics"
    if base in ("ATOM", "ATOMG", "RED", "REDG"):
        return "global atomics"
    if base in ("BRA", "BRX", "JMP", "BSSY", "BSYNC", "BREAK", "CALL", "RET", "EXIT", "WARPSYNC", "NOP", "YIELD"):
        return "branches"
    if base in ("LOP3", "SHF", "IADD3", "ISETP", "SEL", "VIADD", "VIMNMX", "VIADDMNMX", "VIMNMX3", "LEA", "PRMT", "MOV",
                "IMNMX", "PLOP3", "IABS", "SHL", "SHR", "BMSK", "SGXT", "P2R", "R2P", "VABSDIFF", "IADD", "LOP"):
        return "ALU"
    return "other"  # uniform pipe, constants, special registers, votes, memory


class Kernel:
    def __init__(self, mangled, text, resources, names):
        self.mangled, self.resources = mangled, resources
        self.function, self.name = names(mangled)
        blocks = blocks_of(text)
        code = [instruction for block in blocks for instruction in block.code]
        self.spills = sum(instruction.base in ("LDL", "STL") for instruction in code)
        self.loop = Loop(blocks)
        self.mix = Counter(pipe_of(instruction) for block in self.loop.common for instruction in block.code)
        self.issued = sum(self.mix.values())
        self.sessions = SESSIONS_PER_TURN.get(self.function, 1)
        if self.function == "rolls_kernel" and "founding" in self.name:
            self.sessions = self.mix["POPC"] // FOUNDING_POPC or 1

    def bounded(self):
        return not (self.loop.has_inner_loops or self.function in UNBOUNDED or UNBOUNDED_CHANCE in self.name)

    def measured_as(self, subject):
        """Whether a row of graveler-bench speed is this kernel's."""
        if self.function == "yardstick_kernel":
            return subject["what"] == "yardstick xorwow"
        words = re.split(r"[:,] ", self.name)
        method = {"rolls_kernel": "rolls", "scores_kernel": "scores"}.get(self.function)
        engine = [word.removeprefix("engine ") for word in words]
        keep = [KEEPS[word] for word in words if word in KEEPS]
        return (subject.get("backend") == "cuda" and subject["what"] == "run" and subject.get("method") == method
                and subject.get("engine") in engine and subject.get("keep") in keep)

    def per_session(self, pipe):
        return (self.issued if pipe == "issue" else self.mix[pipe]) / self.sessions

    def cycles(self, arch):
        """Cycles of a multiprocessor per session that each pipe needs."""
        lanes = LANES[arch]
        return {"multiply": (self.per_session("multiply") + 2 * self.per_session("wide")) / lanes["multiply"],
                "ALU": self.per_session("ALU") / lanes["ALU"],
                "POPC": self.per_session("POPC") / lanes["POPC"],
                "issue": self.per_session("issue") / lanes["issue"]}


# ---- Names ---------------------------------------------------------------------------------------


class Names:
    """Short names, with the words that the sources use for template parameters and enumerators."""

    def __init__(self, sources):
        self.parameters, self.enumerators = {}, {}
        for path in sources:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            for kind, members in re.findall(r"enum class (\w+)[^{;]*\{([^}]*)\}", text):
                self.enumerators[kind] = [word.split("=")[0].strip() for word in members.split(",") if word.strip()]
            text = re.sub(r"__launch_bounds__\s*\([^)]*\)", "", text)
            for parameters, function in re.findall(r"template\s*<([^<>]*)>\s*__global__\s+void\s+(\w+)\s*\(", text):
                self.parameters[function] = [word.split("=")[0].split()[-1] for word in parameters.split(",")]

    @staticmethod
    def plain(word):
        """kFounding: founding"""
        return re.sub(r"^k(?=[A-Z])", "", word).lower()

    def argument(self, name, value):
        enumerator = re.match(r"\((?:.*::)?(\w+)\)(\d+)$", value)
        if enumerator and enumerator[1] in self.enumerators:
            value = self.plain(self.enumerators[enumerator[1]][int(enumerator[2])])
        value = re.sub(r"^(\d+)u?l*$", r"\1", value)
        if value in ("true", "false") and (name, value) not in WORDS:
            return name if value == "true" else f"no {name}"
        return WORDS.get((name, value), f"{name} {value}")

    def __call__(self, mangled):
        full = output_of(tool("c++filt"), mangled).strip().replace("(anonymous namespace)::", "")
        match = re.match(r"(?:void )?([\w:]+)(?:<(.*?)>)?\(", full)
        function, arguments = (match[1].split("::")[-1], match[2]) if match else (full, None)
        if not arguments:
            return function, function
        values = [re.sub(r"^\(\(?([\w:]+)\)?\)", r"(\1)", value.strip()) for value in arguments.split(",")]
        names = [self.plain(name) for name in self.parameters.get(function, [])]
        if len(names) != len(values):
            return function, f"{function}<{', '.join(values)}>"
        return function, f"{function}: " + ", ".join(map(self.argument, names, values))


# ---- Files ---------------------------------------------------------------------------------------


def cubins_of(path, arch, folder):
    """Cubins for arch of a file, in folder."""
    if path.endswith(".cubin"):
        return [path]
    if path.endswith(".cu"):
        out = os.path.join(folder, os.path.basename(path) + ".cubin")
        include = [f"-I{os.path.join(ROOT, name)}" for name in ("include", "host", "kernels", "bench")]
        output_of(tool("nvcc"), "-cubin", f"-arch={arch}", "-O3", "-std=c++17", *include, path, "-o", out)
        return [out]
    inner = tempfile.mkdtemp(dir=folder)
    output_of(tool("cuobjdump"), "-xelf", arch + ".", os.path.abspath(path), cwd=inner)
    found = glob.glob(os.path.join(inner, "*.cubin"))
    if not found:
        raise Failure(f"{path}: no code for {arch}")
    return found


def kernels_of(cubin, names):
    environment = dict(os.environ, PATH=os.path.dirname(tool("nvdisasm")) + ":" + os.environ["PATH"])
    resources = {}
    for function, line in re.findall(r"Function (\S+):\s*\n\s*(.*)",
                                     output_of(tool("cuobjdump"), "-res-usage", cubin, env=environment)):
        resources[function] = {key: int(value) for key, value in re.findall(r"(\w+)(?:\[\d+\])?:(\d+)", line)}
    parts = re.split(r"(?m)^\.text\.(\S+):$", output_of(tool("nvdisasm"), "-c", cubin))
    for mangled, text in zip(parts[1::2], parts[2::2]):
        if mangled in resources:
            # Functions the kernel calls (`$name`) stand behind it in its section.
            yield Kernel(mangled, re.split(r"(?m)^\s*\.type\s+\$", text)[0], resources[mangled], names)


# ---- Tables --------------------------------------------------------------------------------------


def table(heads, rows):
    lines = ["| " + " | ".join(heads) + " |", "|---|" + "---:|" * (len(heads) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n"


def number(value):
    return f"{value:.1f}".removesuffix(".0")


def mix_table(kernels):
    kernels = [kernel for kernel in kernels if kernel.bounded()]
    heads = ["kernel", "registers", "spills", "shared bytes", "sessions a turn", "IMAD", "IMAD.WIDE", "ALU", "POPC",
             "shared atomics", "global atomics", "branches", "other", "all"]
    pipes = ["multiply", "wide", "ALU", "POPC", "shared atomics", "global atomics", "branches", "other", "issue"]
    rows = [[kernel.name, str(kernel.resources["REG"]), str(kernel.spills), str(kernel.resources["SHARED"]),
             str(kernel.sessions)] + [number(kernel.per_session(pipe)) for pipe in pipes] for kernel in kernels]
    return table(heads, rows)


def limit_table(kernels, arch, subjects):
    card, multiprocessors, hertz = CARD[arch]
    heads = ["kernel", "multiply", "ALU", "POPC", "issue", "limited by", f"ms for 1e9 sessions, {card}, at best", "measured ms"]
    rows = []
    for kernel in kernels:
        if not kernel.bounded():
            continue
        cycles = kernel.cycles(arch)
        limit = max(cycles, key=cycles.get)
        milliseconds = 1e9 * cycles[limit] / (multiprocessors * hertz) * 1e3
        found = [subject for subject in subjects if kernel.measured_as(subject)]
        # Nanoseconds a session: microseconds of a thousand.
        measured = f"{1e3 * found[0]['kernel_ns']['median']:.2f}" if found else "not measured"
        rows.append([kernel.name] + [f"{cycles[pipe]:.2f}" for pipe in ("multiply", "ALU", "POPC", "issue")]
                    + [limit, f"{milliseconds:.1f}", measured])
    return table(heads, rows)


def rest_table(kernels):
    return table(["kernel", "registers", "spills", "shared bytes"],
                 [[kernel.name, str(kernel.resources["REG"]), str(kernel.spills), str(kernel.resources["SHARED"])]
                  for kernel in kernels if not kernel.bounded()])


def aside_list(kernels):
    lines = []
    for kernel in kernels:
        if not kernel.bounded():
            continue
        parts = [f"{why}: {size(region)} ({'+'.join(str(count) for count in pipes_of(region))})"
                 for why, _, region in kernel.loop.aside]
        if kernel.loop.optional:
            parts.append(f"counted, though a branch may skip it: {size(kernel.loop.optional)}")
        if parts:
            lines.append(f"- {kernel.name}: " + "; ".join(parts))
    return "\n".join(lines) + "\n"


def pipes_of(region):
    mix = Counter(pipe_of(instruction) for block in region for instruction in block.code)
    return mix["multiply"] + mix["wide"], mix["ALU"], mix["POPC"], size(region) - sum(
        mix[pipe] for pipe in ("multiply", "wide", "ALU", "POPC"))


def report(kernels, arch, subjects):
    parts = ["Instructions of the common path, per session:\n", mix_table(kernels)]
    if arch in LANES:
        parts += ["Cycles of a multiprocessor per session that each pipe needs for that:\n",
                  limit_table(kernels, arch, subjects)]
    parts += ["Instructions of the main loop beside the common path (multiply + ALU + POPC + rest):\n", aside_list(kernels),
              "Kernels whose sessions have loops of their own, as long as the plan wants:\n", rest_table(kernels)]
    return "\n".join(parts)


MARKS = "<!-- tables: begin -->\n", "<!-- tables: end -->\n"


def put_into(path, text):
    with open(path, encoding="utf-8") as file:
        page = file.read()
    before, begin, rest = page.partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    if not begin or not end:
        raise Failure(f"{path}: no lines {MARKS[0].strip()} and {MARKS[1].strip()} to put the tables between")
    with open(path, "w", encoding="utf-8") as file:
        file.write(before + begin + "\n" + text + "\n" + end + after)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*", metavar="FILE", help="kernels/*.cu and bench/*.cu, if none is given")
    parser.add_argument("--arch", default="sm_90", help="sm_90, unless told otherwise")
    parser.add_argument("--measured", metavar="FILE", help="a result of graveler-bench speed, from such a GPU")
    parser.add_argument("--doc", metavar="PAGE", help="puts the tables into this page, not to stdout")
    options = parser.parse_args()
    subjects = []
    if options.measured:
        with open(options.measured, encoding="utf-8") as file:
            subjects = json.load(file)["measured"]
    sources = sorted(glob.glob(os.path.join(ROOT, "kernels", "*.cu")) + glob.glob(os.path.join(ROOT, "bench", "*.cu")))
    headers = sorted(glob.glob(os.path.join(ROOT, "kernels", "*.h")))
    names = Names(headers + sources + [path for path in options.files if path.endswith(".cu")])
    with tempfile.TemporaryDirectory() as folder:
        kernels = [kernel for path in options.files or sources for cubin in cubins_of(path, options.arch, folder)
                   for kernel in kernels_of(cubin, names)]
    if not kernels:
        raise Failure("no kernels in these files")
    kernels.sort(key=lambda kernel: kernel.name)
    text = report(kernels, options.arch, subjects)
    if options.doc:
        put_into(options.doc, text)
    else:
        print(text, end="")


if __name__ == "__main__":
    try:
        main()
    except (Failure, OSError) as failure:
        sys.exit(f"gpu-instructions: {failure}")

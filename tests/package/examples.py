#!/usr/bin/env python3
"""examples.py FOLDER readme FILE | help PROGRAM: runs the examples as a reader would.

FOLDER has the programs. `readme` runs every `$ command` of a Markdown file's code blocks, in order and in one new
folder, and holds what it prints against what stands below it, but for what differs between machines and runs: times,
rates and who played. Files that a block shows by `cat` are made of what it shows. `help` runs the example that each
command's --help, and so its man page, starts with.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

# Not run, by what they hold. None of them is shown by --help.
SKIPPED = {
    "mpiexec": "test_mpi runs it",
    "scripts/run.sh": "it installs and builds",
    "--sessions 1e12": "hours without a GPU",
    "--sessions all": "minutes without a GPU",
    "cc examples/": "package.installed compiles it",
}
# What they print is this machine's, or this moment's.
OF_THE_MACHINE = ("selftest", "stress", "--max-time", "devices")
# Exit codes other than 0.
CODES = {"--max-time": 3, "batch jobs.jsonl --backend cpu -o answers.jsonl\n": 1}

VARIES = [
    (re.compile(r"[\d.,e+]+ (million |billion |trillion )?sessions/s"), "RATE"),
    (re.compile(r" in [\d.,]+ (ms|s|us)\b"), " in TIME"),
    (re.compile(r"\bTime .*"), "Time"),
    (re.compile(r"^Speed .*"), "Speed"),
]


def normal(line):
    for pattern, instead in VARIES:
        line = pattern.sub(instead, line)
    return line.rstrip()


def told(text):
    """The lines that a reader of the example sees on any machine."""
    return [normal(line) for line in text.splitlines() if "no usable GPU" not in line]


def matches(wanted, found):
    """Whether found is wanted, where a line `...` stands for any number of lines."""
    if not wanted:
        return not found
    if wanted[0] == "...":
        return any(matches(wanted[1:], found[i:]) for i in range(len(found) + 1))
    return bool(found) and wanted[0] == found[0] and matches(wanted[1:], found[1:])


def blocks(text):
    """The commands of each code block, with what stands below them."""
    for block in re.findall(r"^```\w*\n(.*?)^```$", text, re.M | re.S):
        if block.startswith("$ "):
            for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
                command, _, below = part.partition("\n")
                yield command, below


def run(command, limit=300):
    done = subprocess.run(
        ["bash", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit,
        check=False,
    )
    return done.returncode, done.stdout


class Examples:
    def __init__(self):
        self.run = self.failed = 0

    def skip(self, command, why):
        print(f"NOT RUN ({why}): {command}")

    def expect(self, command, code, wanted=None, wanted_code=0):
        exit_code, output = code
        self.run += 1
        found = told(output)
        if exit_code == wanted_code and (wanted is None or matches(wanted, found)):
            return
        self.failed += 1
        print(f"FAILED: {command}\nexit code {exit_code}, where {wanted_code} is right\n" + output)
        if wanted is not None:
            print("where the example shows\n" + "\n".join(wanted))


def readme(examples, file):
    with open(file, encoding="utf-8") as text:
        text = text.read()
    for command, below in blocks(text):
        why = next((why for part, why in SKIPPED.items() if part in command), None)
        if why:
            examples.skip(command, why)
        elif command.startswith("cat "):
            with open(command.split()[1], "w", encoding="utf-8") as made:
                made.write(below)
        elif shutil.which(command.split()[0]) is None:
            examples.skip(command, "it is not here")
        else:
            code = next((code for part, code in CODES.items() if part in command + "\n"), 0)
            own = any(part in command for part in OF_THE_MACHINE)
            examples.expect(command, run(command), None if own else told(below), code)


# What stands beside each example: files that it reads, and where its like is run instead.
BEFORE = {
    "merge": "for i in 0 1; do graveler run --seed 1 --first ${i}000 --sessions 1000 --json part-$i.json --quiet; done",
    "verify": "graveler run --seed 1 --sessions 1000 --json result.json --quiet",
}
BEFORE["plot"] = "rm -f result.json; " + BEFORE["verify"]
# What takes long takes less here.
INSTEAD = [
    (r"--time 10m", "--time 1s"),
    (r"\| dieharder .*", "| head -c 1000000 | wc -c"),
    (r"--seconds \d+", "--seconds 1"),
    (r"(-bench (?:speed|process) .*)", r"\1 --seconds 1"),
    (r"--json bench/results/.*", "--json all.json --seconds 1"),
    (r"bench/results/\*.json", "all.json"),
    (r"--max-sessions 1e8", "--max-sessions 1e5"),
]
WANTS_A_GPU = ("graveler-bench context",)


def help_of(examples, program):
    listing = run(f"{program} --help")[1]
    for command in re.findall(r"^  ([a-z]+) +\S", listing, re.M):
        first = run(f"{program} {command} --help")[1].splitlines()[0]
        example = first.partition("Example: ")[2]
        if example.startswith(WANTS_A_GPU):
            examples.skip(example, "it wants a GPU")
            continue
        for pattern, instead in INSTEAD:
            example = re.sub(pattern, instead, example)
        if command in BEFORE:
            examples.expect(BEFORE[command], (run(BEFORE[command])[0], ""))
        examples.expect(example, run(example) if example else (1, "no example"))


def main():
    programs, what, which = sys.argv[1:]
    os.environ["PATH"] = f"{programs}:{os.environ['PATH']}"
    os.environ["LC_ALL"] = "C.UTF-8"
    examples = Examples()
    which = os.path.abspath(which) if what == "readme" else which
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        {"readme": readme, "help": help_of}[what](examples, which)
        os.chdir("/")
    print(f"{examples.run} run, {examples.failed} failed")
    return 1 if examples.failed or not examples.run else 0


if __name__ == "__main__":
    sys.exit(main())

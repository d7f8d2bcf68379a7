"""gdb and perf see compiled LC-3 code: what they themselves print is read here.

    test_debuggers.py LC3RUN LC3AS PROGRAM.asm

77 (skipped) when neither of them can be used.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

lc3run, lc3as, source = sys.argv[1:]
failures = 0
LABEL = "x3000"


def expect(fine, claim, shown=""):
    global failures
    print("ok    " if fine else "FAILED", claim)
    if not fine:
        failures += 1
        print(shown[-3000:])


def run(arguments, **more):
    return subprocess.run(arguments, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120, **more)


def try_gdb(folder, program):
    """Stops a running program and asks gdb where it is."""
    if not shutil.which("gdb"):
        print("skipped: no gdb")
        return False
    commands = os.path.join(folder, "commands")
    with open(commands, "w") as out:
        out.write("set debuginfod enabled off\nset pagination off\nset confirm off\n"
                  "handle SIGALRM stop nopass\nrun\nthread apply all backtrace 3\nmaint info jit\nkill\n")
    for seconds in (1, 5, 25): # the alarm of --timeout comes while the loop runs, once it is compiled
        shown = run(["gdb", "-batch", "-nx", "-x", commands, "--args", lc3run, "-q", "--engine=jit", "--no-cache",
                     f"--timeout={seconds}", program]).stdout
        if re.search("lc3_ed3_" + LABEL, shown):
            break
    if "ptrace" in shown and "not permitted" in shown:
        print("skipped: gdb may not trace here")
        return False
    expect(re.search("lc3_ed3_" + LABEL, shown), "gdb names the function that the program is in", shown)
    expect(re.search(r"(?m)^0x[0-9a-f]+ +0x[0-9a-f]+", shown), "and lists the object in its JIT interface", shown)
    return True


def try_perf(folder, program):
    """Samples a run, and reads the report: by perf's map, then by the jitdump."""
    perf = shutil.which("perf")
    data = os.path.join(folder, "perf.data")
    environment = dict(os.environ, LC3_JIT_PERF="1", JITDUMPDIR=folder)
    record = perf and run([perf, "record", "-q", "-k", "mono", "-e", "cpu-clock", "-F", "2000", "-o", data, lc3run, "-q",
                           "--engine=jit", "--no-cache", "--max-instructions=8000000000", program], env=environment)
    if not record or not os.path.exists(data) or os.path.getsize(data) == 0:
        print("skipped: no perf, or it may not sample here")
        return False
    report = [perf, "report", "--stdio", "-F", "overhead,sym", "-i"]
    shown = run(report + [data]).stdout
    share = re.search(r"([0-9.]+)%.*lc3:" + LABEL, shown)
    expect(share and float(share.group(1)) > 30, "perf names the region by its map", shown)
    dumps = [name for name in os.listdir(folder) if re.fullmatch(r"jit-\d+\.dump", name)]
    expect(len(dumps) == 1, "one jitdump is written", str(os.listdir(folder)))
    injected = os.path.join(folder, "injected.data")
    shown = run([perf, "inject", "--jit", "-i", data, "-o", injected], cwd=folder).stdout
    images = [name for name in os.listdir(folder) if name.startswith("jitted-") and name.endswith(".so")]
    expect(images, "perf inject makes an image of every region of the jitdump", shown + str(os.listdir(folder)))
    for pid in re.findall(r"jit-(\d+)\.dump", " ".join(dumps)):
        os.unlink("/tmp/perf-%s.map" % pid)  # the names must come from the images now
    shown = run(report + [injected]).stdout
    share = re.search(r"([0-9.]+)%.*lc3:" + LABEL, shown)
    expect(share and float(share.group(1)) > 30, "and names it by that image", shown)
    return True


with tempfile.TemporaryDirectory() as folder:
    program = os.path.join(folder, "loop.obj")
    run([lc3as, "-o", program, source]).check_returncode()
    tried = [try_gdb(folder, program), try_perf(folder, program)]
sys.exit(1 if failures else 0 if any(tried) else 77)

"""The engines that an svm has, as the options that choose them."""
import subprocess


def listed(svm, option):
    p = subprocess.run([svm, option, "x"], capture_output=True, text=True, timeout=60)
    return p.stderr.split("there are: ")[1].split("\n")[0].split(", ")


def engines(svm):
    """Every interpreter, and the JIT where it is built in."""
    chosen = [["--engine=interp", f"--dispatch={d}"] for d in listed(svm, "--dispatch=none")]
    return chosen + [["--engine=jit"]] * ("jit" in listed(svm, "--engine=none"))

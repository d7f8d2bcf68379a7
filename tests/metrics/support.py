"""support.py -- what the metrics tests share: reading /metrics, skipping, starting programs."""
import re
import subprocess
import sys
import urllib.request

SKIP = 77  # meson's exit code for a skipped test


def skip(why):
    print("skipped: " + why)
    sys.exit(SKIP)


def fetch(url, accept=None, timeout=20):
    request = urllib.request.Request(url, headers={"Accept": accept} if accept else {})
    with urllib.request.urlopen(request, timeout=timeout) as answer:
        return answer.read().decode()


LABEL = re.compile(r'([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"')


def samples(text):
    """{name: [(labels, value), ...]} of a /metrics page."""
    found = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        name, rest = re.match(r"([a-zA-Z_:][\w:]*)(.*)", line).groups()
        labels = {}
        if rest.startswith("{"):
            end = re.match(r'\{(?:[^"}]|"(?:[^"\\]|\\.)*")*\}', rest).end()
            labels = dict(LABEL.findall(rest[:end]))
            rest = rest[end:]
        found.setdefault(name, []).append((labels, float(rest.split()[0])))
    return found


def total(found, name, **labels):
    values = [v for at, v in found.get(name, []) if all(at.get(k) == w for k, w in labels.items())]
    if not values:
        raise KeyError(f"{name} {labels}")
    return sum(values)


class Program:
    """A program that prints the URL of its exporter: fake_source, or lc3run --metrics."""

    def __init__(self, *command, **options):
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
        self.said = []
        self.url = None
        while self.url is None:
            line = self.process.stdout.readline()
            if not line:
                raise RuntimeError(f"{command[0]} ended without a URL: " + "".join(self.said))
            self.said.append(line)
            found = re.search(r"http://\S+?/(?=\s|$)", line)
            self.url = found and found.group(0)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Failures:
    """Collects what did not hold, so that one run shows everything."""

    def __init__(self):
        self.count = 0

    def check(self, holds, what):
        print(("ok: " if holds else "NOT OK: ") + what)
        self.count += not holds

    def end(self):
        sys.exit(1 if self.count else 0)

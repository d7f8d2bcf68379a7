#!/usr/bin/env python3
"""test_page.py LC3RUN PROGRAMS [PICTURES] -- the live page in a headless Chromium, a real run behind it.

What the page says while the machines run is checked for being alive, what it
says afterwards against /metrics.  With PICTURES, a folder, screenshots are kept.
"""
import json
import os
import sys
import urllib.parse

from browser import Browser, find_browser
from support import Failures, Program, fetch, samples, skip, total

lc3run, programs = sys.argv[1:3]
pictures = sys.argv[3] if len(sys.argv) > 3 else None
tests = Failures()
check = tests.check

if not find_browser():
    skip("no Chromium is installed (Debian: chromium)")

SCREENS = (("desktop-light", 1280, 900, False), ("desktop-dark", 1280, 900, True),
           ("phone-light", 390, 844, False), ("phone-dark", 390, 844, True))
CELL = "document.querySelector('tr[data-vm=\"%s\"] td[data-key=\"%s\"]')"
FOCUS = "(e => e.id || e.closest('[data-vm]')?.dataset.vm || e.getAttribute('aria-label') || e.tagName)(document.activeElement)"
# The worst contrast of text against what is behind it, by WCAG's formula.
CONTRAST = """(() => {
  const parse = (c) => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((v) => (v /= 255) <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((s, v, i) => s + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
  let worst = [99, ""];
  for (const e of document.querySelectorAll("h1, h2, p, td, th, button, select, label, figcaption, a, text, .figure, .what, .beside")) {
    if (!e.textContent.trim() || !e.getClientRects().length) continue;
    const style = getComputedStyle(e), svg = e.tagName === "text";
    const a = light(parse(svg ? style.fill : style.color)), b = light(behind(svg ? e.closest(".card, .tile") : e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < worst[0]) worst = [ratio, e.tagName + " " + e.textContent.trim().slice(0, 30)];
  }
  return worst;
})()"""


def while_running(browser, url):
    for name, width, height, dark in SCREENS:
        browser.screen(width, height, dark)
        browser.open(url)
        browser.wait_for("Number(document.body.dataset.answers) >= 4")
        check(browser.evaluate("document.documentElement.scrollWidth") <= width, f"{name}: nothing sticks out sideways")
        contrast, where = browser.evaluate(CONTRAST)
        check(contrast >= 4.5, f"{name}: the weakest contrast is {contrast:.2f} ({where})")
        paper = browser.evaluate("getComputedStyle(document.body).backgroundColor")
        check((paper == "rgb(20, 23, 28)") == dark, f"{name}: follows the colour scheme")
        if pictures:
            browser.picture(os.path.join(pictures, name + ".png"))
    browser.screen(1280, 900, False)
    browser.open(url)
    browser.wait_for("Number(document.body.dataset.answers) >= 3")
    check(browser.evaluate("document.querySelector('#status').textContent") == "running", "it says that the run is running")
    before = browser.evaluate(CELL % (0, "instructions") + ".dataset.value")
    browser.wait_for(f"{CELL % (0, 'instructions')}.dataset.value > {before}", 10)
    check(True, "instructions count up by themselves")
    rates = browser.evaluate("[...document.querySelectorAll('#graph .rate')].map((e) => e.textContent)")
    check(len(rates) == 2 and all(r.endswith("/s") and r[0] in "123456789" for r in rates), f"rates on the edges: {rates}")
    bars = browser.evaluate("document.querySelectorAll('#histogram .bar').length")
    check(bars > 5, f"a histogram of {bars} bars")
    check(browser.evaluate("document.querySelector('#curve .path').getAttribute('d').length") > 50, "a percentile curve")
    check(browser.evaluate("!document.querySelector('#traps').hidden && /SEND/.test(document.querySelector('#traps').textContent)"), "TRAPs by name")


def keyboard(browser):
    """Everything can be reached by Tab and worked by Enter, Space and arrows."""
    browser.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    seen = []
    for _ in range(40):
        browser.key("Tab", 9)
        seen.append(browser.evaluate(FOCUS))
        if seen.count("VM 0 source, running") > 1:
            break
    text = " ".join(map(str, seen))
    for wanted in ("pause", "theme", "measure", "which", "window", "log-counts"):
        check(wanted in seen, f"Tab reaches {wanted}")
    check("VM 1 stage" in text, "Tab reaches the nodes of the graph")
    check("Histogram of" in text and "by percentile" in text, "Tab reaches the charts")
    browser.evaluate("[...document.querySelectorAll('#graph .node')][1].focus()")
    browser.key("Enter", 13)
    browser.wait_for("document.querySelector('#which').value === '1'")
    check(browser.evaluate("document.querySelector('tr[data-vm=\"1\"]').classList.contains('chosen')"), "Enter on a node chooses its VM")
    browser.evaluate("document.querySelector('#histogram svg').focus()")
    browser.key("ArrowRight", 39)
    check(" of " in browser.evaluate("document.querySelector('#readout').textContent"), "arrows read values from a chart")
    outline = browser.evaluate("(document.querySelector('#pause').focus(), getComputedStyle(document.activeElement).outlineStyle)")
    check(outline != "none", "what has the focus shows it")
    browser.key("Enter", 13)
    browser.evaluate("document.querySelector('#pause').click()")
    paused = browser.evaluate("document.querySelector('#pause').getAttribute('aria-pressed')")
    if paused == "true":
        browser.evaluate("document.querySelector('#pause').click()")
    browser.evaluate("document.querySelector('#which').value = ''; document.querySelector('#which').dispatchEvent(new Event('change'))")


def afterwards(browser, url):
    browser.wait_for("document.querySelector('#status').textContent === 'ended'", 60)
    answers = browser.evaluate("Number(document.body.dataset.answers)")
    browser.wait_for(f"Number(document.body.dataset.answers) >= {answers + 2}")
    found = samples(fetch(url + "metrics"))
    for vm in "012":
        for key, name in (("instructions", "lc3_instructions_total"), ("sent", "lc3_messages_sent_total"),
                          ("received", "lc3_messages_received_total"), ("spins", "lc3_spins_total")):
            shown, exact = browser.evaluate(CELL % (vm, key) + ".dataset.value"), total(found, name, vm=vm)
            check(float(shown) == exact, f"VM {vm}, {key}: the page says {shown}, /metrics {exact:.0f}")
    for measure in ("lc3_message_latency_seconds", "lc3_user_value", "lc3_instruction_seconds"):
        browser.evaluate(f"(document.querySelector('#measure').value = '{measure}', document.querySelector('#measure').dispatchEvent(new Event('change')))")
        exact = total(found, measure + "_count")
        cell = "document.querySelector('#percentiles tbody td')?.dataset.value"
        browser.wait_for(f"{cell} == {exact:.0f}", 10)
        check(True, f"{measure}: {exact:.0f} values on the page and in /metrics")
    trap = browser.evaluate("[...document.querySelectorAll('#traps tbody tr')].map((r) => [r.children[0].textContent, r.children[1].dataset.value])")
    for name, value in trap:
        check(float(value) == total(found, "lc3_traps_total", trap=name), f"TRAP {name}: {value}")
    user = browser.evaluate("[...document.querySelectorAll('#user tbody tr')].map((r) => [r.children[0].textContent, r.children[1].dataset.value])")
    rounds = [v for text, v in user if text.startswith("rounds")]
    check(rounds and float(rounds[0]) == total(found, "lc3_user_rounds_total"), f"the program's own counter: {rounds}")


paths = [os.path.join(programs, name + ".asm") for name in ("source", "stage", "sink")]
with Program(lc3run, "--metrics=0", "--timeout=40", "--linger=60", *paths) as run:
    chromium = Browser(find_browser())
    try:
        while_running(chromium, run.url)
        keyboard(chromium)
        afterwards(chromium, run.url)
        outside = [u for u in chromium.requests() if urllib.parse.urlparse(u).scheme in ("http", "https") and not u.startswith(run.url)]
        check(not outside, f"nothing is fetched from elsewhere {outside}")
        check(not chromium.complaints(), f"no errors in the console {json.dumps(chromium.complaints()[:3])}")
    finally:
        chromium.close()
tests.end()

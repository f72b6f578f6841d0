#!/usr/bin/env python3
"""Open the pages of the report in headless Chromium, and check them.

    python tests/acceptance/check_report.py reports                              # every page of the folder
    python tests/acceptance/check_report.py reports --screenshots /tmp/pictures  # and take pictures of them
    python tests/acceptance/check_report.py reports --screenshots /tmp/pictures --dark --pdf /tmp/prints

For each page, from phone to large desktop: the console stays silent, nothing is requested from the network, every
chart has drawn its marks, no chart text is clipped or shortened, and nothing overflows the page sideways, all tables
unfolded: on a phone their rows are cards, elsewhere a wide table scrolls in its own place. Whatever can be pressed has
a name, and is large enough for a finger. The menu stays in sight and says where one is, each explanation opens, each
month can be chosen, every download has the table's rows, and the page can be switched to each of its languages. In
light and in dark mode, axe-core finds nothing serious or critical that keeps people from using the page. Needs
Chromium (`apt-get install chromium`, or CHROMIUM with its path), axe-core
(`pip install --no-deps -r requirements/axe.txt`) and Python: it talks to the browser through a pipe. Exit codes: 0 all
good; 1 a page is not; 2 there is no browser, no axe-core or no page.
"""

from __future__ import annotations

import argparse
import base64
import importlib.util
import itertools
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from select import select
from typing import Any

WIDTHS = {"phone": 390, "tablet": 768, "desktop": 1280, "large": 1920}
NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
SECONDS = 60
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]

# a finger needs this many pixels at least: WCAG 2.2, target size (minimum)
TARGET = 24
# all tables open, as somebody who reads everything has them
UNFOLD = "document.querySelectorAll('details:not(.term, .menu details)').forEach((part) => { part.open = true; })"
# what a page looks like from inside, once its charts are drawn
LOOK = """
(() => {
  const width = document.documentElement.clientWidth;
  const charts = [...document.querySelectorAll(".chart")].map((chart) => {
    const svg = chart.querySelector("svg");
    const seen = (mark) => { const box = mark.getBoundingClientRect(); return box.width > 0.5 && box.height > 0.5; };
    const texts = svg ? [...svg.querySelectorAll("text")].filter((text) => text.textContent && seen(text)) : [];
    return {
      name: chart.closest("figure").id,
      marks: svg ? [...svg.querySelectorAll(".role-mark path")].filter(seen).length : 0,
      label: chart.querySelector("[role=graphics-document]")?.getAttribute("aria-label") ?? null,
      outside: texts.filter((text) => {
        const box = text.getBoundingClientRect();
        return box.left < 0 || box.right > width + 0.5;
      }).map((text) => text.textContent),
      shortened: texts.filter((text) => text.textContent.endsWith("…")).map((text) => text.textContent),
    };
  });
  const named = (element) => `${element.tagName.toLowerCase()} ${element.textContent.trim().slice(0, 30)}`;
  // a wide table scrolls in its own place, but not on a phone: there its rows are cards
  const exempt = width < 700 ? "svg, thead, #vg-tooltip-element" : ".table, svg, #vg-tooltip-element";
  const wide = [...document.querySelectorAll("body *")].filter((element) =>
    !element.closest(exempt) && element.getBoundingClientRect().right > width + 0.5
  ).map(named);
  // text that its own box hides
  const texts = [...document.querySelectorAll("h1, h2, h3, p, li, dt, dd, th, td, summary, button, a, .value")];
  const cut = texts.filter((element) =>
    element.clientWidth && !element.closest("thead") && element.scrollWidth > element.clientWidth + 1
    && getComputedStyle(element).display !== "inline"
  ).map(named);
  // elsewhere than on a tablet there is room for every column
  const fixed = [...document.querySelectorAll(".table")].filter((table) =>
    table.scrollWidth > table.clientWidth + 1 && (table.tabIndex !== 0 || width < 700 || width >= 1200)
  ).map((table) => `${table.getAttribute("aria-label")}: ${table.scrollWidth} in ${table.clientWidth}`);
  const shown = (element) => element.getClientRects().length > 0;
  const pressed = [...document.querySelectorAll("a, button, summary")].filter(shown);
  const nameless = pressed.filter((element) =>
    !(element.getAttribute("aria-label") ?? element.textContent).trim()
  ).map((element) => element.outerHTML.slice(0, 80));
  const small = pressed.filter((element) => {
    const box = element.getBoundingClientRect();
    return !element.closest("p, td, th, li") && Math.min(box.width, box.height) < TARGET;
  }).map((element) => element.outerHTML.slice(0, 80));
  const headings = [...document.querySelectorAll("h1, h2, h3, h4, h5, h6")].map((heading) => +heading.tagName[1]);
  const { scrollWidth, scrollHeight } = document.documentElement;
  return { charts, wide, cut, fixed, nameless, small, headings, scroll: scrollWidth - width, height: scrollHeight };
})()
""".replace("TARGET", str(TARGET))
# what the page does when somebody uses it: every download, every explanation, and the menu
USE = r"""
(async () => {
  const found = [];
  const downloads = [];
  const blobs = [];
  const create = URL.createObjectURL;
  URL.createObjectURL = (blob) => { blobs.push(blob); return create.call(URL, blob); };
  const click = HTMLAnchorElement.prototype.click;
  HTMLAnchorElement.prototype.click = function () { downloads.push(this.download); };
  for (const button of document.querySelectorAll(".csv")) {
    const figure = button.closest("figure");
    if (!button.getClientRects().length) { found.push(`${figure.id}: nothing to download with`); continue; }
    button.click();
    const text = await blobs.at(-1)?.text() ?? "";
    const rows = figure.querySelectorAll("tr").length;
    // a line break within quotes is no row
    const lines = text.replace(/"(?:[^"]|"")*"/g, "").split("\r\n").length - 1;
    if (!downloads.at(-1)?.endsWith(`_${figure.id}.csv`) || lines !== rows) {
      found.push(`${figure.id}: ${lines} of ${rows} rows in ${downloads.at(-1)}`);
    }
    // what a brand wrote must not run in a spreadsheet
    const cell = figure.querySelector("tbody th");
    const { value } = cell.dataset;
    const name = cell.textContent;
    delete cell.dataset.value;
    cell.textContent = "=1+1";
    button.click();
    if (!(await blobs.at(-1).text()).includes("\r\n'=1+1,")) found.push(`${figure.id}: a spreadsheet would run =1+1`);
    cell.textContent = name;
    if (value !== undefined) cell.dataset.value = value;
  }
  const charts = [...document.querySelectorAll(".chart")];
  charts.filter((chart) => !chart.closest("figure").querySelector(".csv")).forEach((chart) => {
    found.push(`${chart.closest("figure").id}: a chart without a table`);
  });
  for (const label of document.querySelectorAll(".view")) {
    const figure = label.closest("figure");
    const select = label.querySelector("select");
    const button = figure.querySelector(".csv");
    const texts = new Set();
    for (const option of [...select.options].reverse()) {
      select.value = option.value;
      select.dispatchEvent(new Event("change"));
      texts.add(figure.querySelector(".table").textContent);
      button.click();
      const end = option.value ? `_${figure.id}_${option.value}.csv` : `_${figure.id}.csv`;
      if (!downloads.at(-1).endsWith(end)) found.push(`${end} is downloaded as ${downloads.at(-1)}`);
      const table = figure.querySelector(".table");
      if (innerWidth >= 1200 && table.scrollWidth > table.clientWidth + 1) {
        found.push(`${figure.id}, ${option.value}: ${table.scrollWidth} in ${table.clientWidth}`);
      }
    }
    if (texts.size !== select.options.length) found.push(`${figure.id}: a choice shows nothing else`);
  }
  HTMLAnchorElement.prototype.click = click;
  URL.createObjectURL = create;
  const terms = [...document.querySelectorAll(".term")];
  for (const term of terms) {
    const summary = term.querySelector("summary");
    summary.focus();
    summary.click();
    const text = term.querySelector("p");
    if (document.activeElement !== summary || !term.open || !text.getClientRects().length) {
      found.push(`${summary.getAttribute("aria-label")}: does not open`);
    }
    summary.click();
  }
  const select = document.querySelector(".period select");
  if (select) {
    const periods = JSON.parse(document.getElementById("periods").textContent);
    if (periods.length !== select.options.length) found.push("not every month can be chosen");
    const choose = (value) => { select.value = value; select.dispatchEvent(new Event("change")); };
    for (const option of [...select.options].reverse()) {
      choose(option.value);
      const { intro, story, figures } = periods[option.value];
      const cards = Object.entries(figures).every(([name, [written, raw, changes]]) => {
        const card = document.getElementById(`figure-${name}`);
        const shown = [...card.querySelectorAll(".change")].map((change) => change.textContent);
        return card.querySelector(".value").textContent === written
          && shown.join() === changes.map(([text]) => text).join();
      });
      const said = [...document.querySelectorAll(".of-month")].map((item) => item.textContent).join();
      const months = [...document.querySelectorAll(".month")].every((month) => month.textContent === intro);
      if (!cards || said !== story.join() || !months) found.push(`${option.textContent}: other figures are shown`);
    }
    if (select.value !== "0") found.push("the latest month is not the last shown");
  }
  const menu = document.querySelector(".menu");
  if (menu) {
    const section = document.getElementById("value").closest("section");
    document.documentElement.style.scrollBehavior = "auto";
    section.scrollIntoView();
    await new Promise((done) => setTimeout(done, 400));
    const box = menu.getBoundingClientRect();
    if (box.top < -1 || box.top > 60 || box.bottom < 20) found.push("the menu is out of sight");
    const current = menu.querySelector("[aria-current]")?.hash;
    if (current !== "#value") found.push(`the menu says ${current}, not #value`);
    const summary = menu.querySelector("summary");
    if (summary.getClientRects().length) {
      summary.click();
      const links = [...menu.querySelectorAll("a")];
      if (!links.every((link) => link.getClientRects().length)) found.push("the menu does not open");
      if (menu.getBoundingClientRect().height > innerHeight) found.push("the menu is higher than the window");
      summary.click();
    }
    scrollTo(0, 0);
  }
  return found;
})()
"""
# what axe-core finds, by rule; it is to fetch nothing. The rows of a table are alike: with thousands it takes minutes
AXE = """
axe.run({ exclude: [".table tbody tr:nth-child(n+6)"] }, { preload: false, resultTypes: ["violations"] })
  .then(({ violations }) => violations.map(({ id, impact, help, nodes }) =>
    ({ id, impact, help, targets: nodes.map(({ target }) => target.join(" ")) })))
"""
# the widths at which it looks, and whether in dark mode there
AXE_IN_DARK = {"phone": True, "desktop": False}
GRAVE = ("serious", "critical")
# what Vega calls a picture that has no description
UNDESCRIBED = "Vega visualization"
DRAWN = "[...document.querySelectorAll('.chart')].every((chart) => chart.dataset.drawn)"


class Browser:
    """Chromium, spoken to in its DevTools protocol over two pipes: JSON messages, each ended by a zero byte."""

    def __init__(self, send: int, receive: int) -> None:
        self.send, self.receive = send, receive
        self.buffer = b""
        self.number = 0
        self.session: str | None = None
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Give the answer to a call; other messages from the browser are kept in `events`. Raises RuntimeError for an
        error and TimeoutError if there is no answer.
        """
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.send, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + SECONDS
        while True:
            answer = self.next(end)
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def next(self, end: float) -> dict[str, Any]:
        """Give the browser's next message. Raises TimeoutError if none comes in time."""
        while b"\0" not in self.buffer:
            if not select([self.receive], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self.receive, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self.buffer += part
        message, _, self.buffer = self.buffer.partition(b"\0")
        return json.loads(message)

    def value(self, expression: str, **world: int) -> Any:
        """Give the value of a JavaScript expression, in the page or another world. Raises RuntimeError if it throws."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, **world)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            raise RuntimeError(details.get("exception", {}).get("description", details["text"]))
        return result["result"].get("value")

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until a condition holds. Raises TimeoutError, saying what did not happen."""
        end = time.monotonic() + SECONDS
        while not condition():
            if time.monotonic() > end:
                raise TimeoutError(what)
            time.sleep(0.05)


@contextmanager
def chromium(path: str) -> Iterator[Browser]:
    """Give a browser with one empty page and its own profile, which is deleted afterwards."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        child_reads, send = os.pipe()
        receive, child_writes = os.pipe()

        def take_pipes() -> None:
            """Put the pipes where the browser looks for them: it reads descriptor 3 and writes 4."""
            low, high = os.dup(child_reads), os.dup(child_writes)
            os.dup2(low, 3)
            os.dup2(high, 4)

        process = subprocess.Popen(
            [path, *QUIET, f"--user-data-dir={profile}", "about:blank"],
            preexec_fn=take_pipes,
            close_fds=False,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(child_reads)
        os.close(child_writes)
        try:
            browser = Browser(send, receive)
            target = browser.call("Target.createTarget", url="about:blank")["targetId"]
            browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                browser.call(f"{domain}.enable")
            yield browser
        finally:
            process.terminate()
            process.wait(SECONDS)
            os.close(send)
            os.close(receive)


def open_page(browser: Browser, page: Path, width: int, dark: bool) -> list[str]:
    """Open a page at a width, and give its console messages and network requests."""
    browser.events.clear()
    set_scheme(browser, dark)
    browser.call(
        "Emulation.setDeviceMetricsOverride",
        width=width,
        height=844,
        deviceScaleFactor=1,
        mobile=width == WIDTHS["phone"],
    )
    address = page.resolve().as_uri()
    browser.call("Page.navigate", url=address)
    browser.wait(lambda: browser.value("document.readyState") == "complete", "the page does not load")
    try:
        # what has failed will not be drawn any more
        browser.wait(
            lambda: browser.value(DRAWN) or bool(complaints(browser.events, address)), "not every chart is drawn"
        )
    except TimeoutError as error:
        return [str(error)]
    # time for what a page does after it has drawn
    time.sleep(0.3)
    browser.value("0")
    return complaints(browser.events, address)


def complaints(events: list[dict[str, Any]], address: str) -> list[str]:
    """Give what is wrong in a page's events: anything on its console, any exception, any request other than for
    itself."""
    found = []
    for event in events:
        method, parameters = event.get("method"), event.get("params", {})
        if method == "Runtime.consoleAPICalled":
            said = " ".join(str(part.get("value", part.get("description"))) for part in parameters["args"])
            found.append(f"console.{parameters['type']}: {said}")
        elif method == "Runtime.exceptionThrown":
            details = parameters["exceptionDetails"]
            found.append(f"exception: {details.get('exception', {}).get('description', details['text'])}")
        elif method == "Log.entryAdded":
            found.append(f"{parameters['entry']['level']}: {parameters['entry']['text']}")
        elif method == "Network.requestWillBeSent":
            asked = parameters["request"]["url"]
            if asked.partition("#")[0] != address and not asked.startswith(("data:", "blob:")):
                found.append(f"request: {asked}")
    return found


def faults(look: dict[str, Any]) -> list[str]:
    """Give the layout faults of a page."""
    found = []
    for chart in look["charts"]:
        if not chart["marks"]:
            found.append(f"{chart['name']}: nothing is drawn")
        if chart["label"] in (None, UNDESCRIBED):
            found.append(f"{chart['name']}: no description for screen readers")
        if chart["outside"]:
            found.append(f"{chart['name']}: cut off: {', '.join(chart['outside'])}")
        if chart["shortened"]:
            found.append(f"{chart['name']}: shortened: {', '.join(chart['shortened'])}")
    if look["scroll"] > 0 or look["wide"]:
        found.append(f"wider than the window by {look['scroll']} px: {', '.join(look['wide'][:5])}")
    for fault, things in (
        ("cut off", look["cut"]),
        ("a column out of sight", look["fixed"]),
        ("has no name", look["nameless"]),
        ("too small for a finger", look["small"]),
    ):
        if things:
            found.append(f"{fault}: {'; '.join(things[:5])}")
    levels = look["headings"]
    if (
        levels[:1] != [1]
        or levels.count(1) != 1
        or any(after > before + 1 for before, after in itertools.pairwise(levels))
    ):
        found.append(f"headings leave a level out: {levels}")
    return found


def axe_source() -> str | None:
    """Give the source of axe-core as its package has it, without importing that; None if it is not installed."""
    package = importlib.util.find_spec("axe_playwright_python")
    folders = package.submodule_search_locations if package else None
    return (Path(folders[0]) / "axe.min.js").read_text(encoding="utf-8") if folders else None


def inaccessible(browser: Browser, axe: str) -> list[str]:
    """Give what axe-core finds serious or critical in the page as it is now.

    It runs in a world of its own, which the page's content security policy and scripts do not reach.
    """
    frame = browser.call("Page.getFrameTree")["frameTree"]["frame"]["id"]
    world = browser.call("Page.createIsolatedWorld", frameId=frame, worldName="axe")["executionContextId"]
    browser.value(f"{axe}; null", contextId=world)
    return [
        f"{rule['id']} ({rule['impact']}): {rule['help']}: {target}"
        for rule in browser.value(AXE, contextId=world)
        if rule["impact"] in GRAVE
        for target in rule["targets"]
    ]


def set_scheme(browser: Browser, is_dark: bool) -> None:
    """Show the page in dark or light mode."""
    scheme = {"name": "prefers-color-scheme", "value": "dark" if is_dark else "light"}
    browser.call("Emulation.setEmulatedMedia", features=[scheme])


def switched(browser: Browser) -> list[str]:
    """Switch the page to each of its languages, and give the faults of it in each."""
    own = browser.value("document.documentElement.lang")
    languages = browser.value("[...document.querySelectorAll('.languages button')].map((one) => one.dataset.language)")
    found = []
    for language in [*(language for language in languages if language != own), *([own] if languages else [])]:
        browser.value(f"document.querySelector('.languages [data-language={language}]').click()")
        is_there = f"document.documentElement.lang === '{language}' && {DRAWN}"
        end = time.monotonic() + SECONDS / 6
        while not browser.value(is_there) and time.monotonic() < end:
            time.sleep(0.05)
        if not browser.value(is_there):
            found.append(f"the page does not switch to {language}")
            continue
        browser.value(UNFOLD)
        found += [f"in {language}: {fault}" for fault in faults(browser.value(LOOK))]
        if not browser.value("document.activeElement.dataset.language === document.documentElement.lang"):
            found.append(f"in {language}: the focus is lost")
    return found


def save_screenshot(browser: Browser, path: Path, width: int, height: int) -> None:
    """Save a picture of the page down to a height."""
    clip = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
    picture = browser.call("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
    path.write_bytes(base64.b64decode(picture["data"]))


def check_page(browser: Browser, page: Path, options: argparse.Namespace) -> bool:
    """Check a page at every width, print the findings, and save what was requested. Returns whether all is good."""
    good = True
    for name, width in WIDTHS.items():
        found = open_page(browser, page, width, options.dark)
        folded = browser.value("document.documentElement.scrollHeight")
        if options.screenshots:
            height = min(folded, options.height or folded)
            save_screenshot(browser, options.screenshots / f"{page.stem}_{name}.png", width, height)
        browser.value(UNFOLD)
        look = browser.value(LOOK)
        found += faults(look)
        found += browser.value(USE)
        if name in AXE_IN_DARK:
            is_dark = AXE_IN_DARK[name]
            set_scheme(browser, is_dark)
            found += [f"{'dark' if is_dark else 'light'}: {fault}" for fault in inaccessible(browser, options.axe)]
            set_scheme(browser, options.dark)
        found += switched(browser)
        browser.value("0")
        found += [fault for fault in complaints(browser.events, page.resolve().as_uri()) if fault not in found]
        drawn = sum(chart["marks"] for chart in look["charts"])
        print(
            f"{'WRONG' if found else 'ok'}  {page.name} at {width} px: {len(look['charts'])} charts, {drawn} marks, "
            f"{folded} px high, {look['height']} unfolded"
        )
        for fault in found:
            print(f"    {fault}")
        good = good and not found
    if options.pdf:
        printed = browser.call("Page.printToPDF", printBackground=True)
        (options.pdf / f"{page.stem}.pdf").write_bytes(base64.b64decode(printed["data"]))
    return good


def main() -> int:
    """Check every page of the folder, and give the exit code."""
    parser = argparse.ArgumentParser(description="Open the pages of the report in headless Chromium, and check them.")
    parser.add_argument("folder", type=Path, help="the folder that scripts/report.py wrote to")
    parser.add_argument(
        "--screenshots", type=Path, metavar="FOLDER", help="save a picture of each page and width there"
    )
    parser.add_argument("--height", type=int, metavar="PX", help="of pictures: at most this height from the top")
    parser.add_argument("--pdf", type=Path, metavar="FOLDER", help="print each page there")
    parser.add_argument("--dark", action="store_true", help="in dark mode")
    options = parser.parse_args()
    path = os.environ.get("CHROMIUM") or next((found for name in NAMES if (found := shutil.which(name))), None)
    options.axe = axe_source()
    pages = sorted(options.folder.glob("*.html"))
    for there, missing in (
        (path, "no Chromium: apt-get install chromium"),
        (options.axe, "no axe-core: pip install --no-deps -r requirements/axe.txt"),
        (pages, f"no page in {options.folder}"),
    ):
        if not there:
            print(missing, file=sys.stderr)
            return 2
    for folder in filter(None, (options.screenshots, options.pdf)):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        with chromium(path) as browser:
            good = [check_page(browser, page, options) for page in pages]
    except (OSError, RuntimeError, TimeoutError) as error:
        print(f"{path} cannot be used: {error}", file=sys.stderr)
        return 2
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())

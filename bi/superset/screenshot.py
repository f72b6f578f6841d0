"""Look at the dashboard in a headless Chromium: every tab must be drawn without an error; one is kept as a picture."""

from __future__ import annotations

import io
import shutil
import time
from pathlib import Path

from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support import expected_conditions
from selenium.webdriver.support.ui import WebDriverWait

from superset_api import DASHBOARD

# the tab in the picture
TAB = "How many stay?"
# wide enough for the charts side by side, and higher than any tab: charts outside the window are not drawn
WIDTH, HEIGHT = 1500, 4400
# seconds that a page may take, and that it must have been still to count as drawn
PATIENCE, STILL = 90, 2
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--window-size={WIDTH},{HEIGHT}",
    # the page may ask this machine and no other
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
LOADING = "[data-test='loading-indicator'], .loading"
TABS = ".dashboard-component-tabs .ant-tabs-tab"
CHARTS = "[data-test='chart-grid-component']"
ERRORS = ".dashboard-grid .ant-alert-error, .dashboard-grid [data-test='error-alert']"


class ScreenshotError(Exception):
    """The dashboard could not be shown, or shows an error; the message says which."""


def open_browser() -> webdriver.Chrome:
    """A headless Chromium; raises ScreenshotError when it or its driver is not installed."""
    programs = [shutil.which("chromium") or shutil.which("google-chrome"), shutil.which("chromedriver")]
    if None in programs:
        raise ScreenshotError("needs the programs chromium and chromedriver (Debian: chromium, chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for flag in FLAGS:
        options.add_argument(flag)
    return webdriver.Chrome(service=webdriver.ChromeService(programs[1]), options=options)


def wait_for(browser: webdriver.Chrome, place: tuple[str, str]) -> WebElement:
    """The first element of a kind, as soon as there is one; raises WebDriverException when none comes."""
    return WebDriverWait(browser, PATIENCE).until(expected_conditions.presence_of_element_located(place))


def log_in(browser: webdriver.Chrome, url: str, user: str, password: str) -> None:
    """Through the form, as people do."""
    browser.get(f"{url}/login/")
    wait_for(browser, (By.ID, "username")).send_keys(user)
    browser.find_element(By.ID, "password").send_keys(password)
    browser.find_element(By.CSS_SELECTOR, "button[type=submit]").click()
    WebDriverWait(browser, PATIENCE).until(lambda page: "/login" not in page.current_url)


def wait_until_drawn(browser: webdriver.Chrome) -> None:
    """Wait until nothing has been loading for a while; raises ScreenshotError when that takes too long."""
    end, still_since = time.monotonic() + PATIENCE, None
    while time.monotonic() < end:
        if browser.find_elements(By.CSS_SELECTOR, LOADING):
            still_since = None
        elif still_since is None:
            still_since = time.monotonic()
        elif time.monotonic() - still_since > STILL:
            return
        time.sleep(0.2)
    raise ScreenshotError(f"the dashboard was still loading after {PATIENCE} seconds")


def save(picture: bytes, file: Path) -> None:
    """Write a picture without the empty space below the dashboard, and in 256 colours."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    empty = image.crop((0, image.height - 1, image.width, image.height)).tobytes()
    bottom = image.height
    while bottom > 1 and image.crop((0, bottom - 1, image.width, bottom)).tobytes() == empty:
        bottom -= 1
    file.parent.mkdir(parents=True, exist_ok=True)
    image = image.crop((0, 0, image.width, min(bottom + 16, image.height)))
    # a third of the size; with an octree small areas keep their colours, such as those of a legend
    image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(file, optimize=True)


def look(url: str, user: str, password: str, file: Path) -> int:
    """Open every tab and write TAB to a file. Gives the number of charts that were drawn; raises ScreenshotError."""
    browser = open_browser()
    try:
        log_in(browser, url, user, password)
        browser.get(f"{url}/superset/dashboard/{DASHBOARD}/?standalone=1")
        wait_for(browser, (By.CSS_SELECTOR, TABS))
        for tab in browser.find_elements(By.CSS_SELECTOR, TABS):
            tab.click()
            wait_until_drawn(browser)
            errors = [error.text for error in browser.find_elements(By.CSS_SELECTOR, ERRORS)]
            if errors:
                raise ScreenshotError(f"the tab {tab.text} shows: {'; '.join(errors)}")
            if tab.text == TAB:
                save(browser.get_screenshot_as_png(), file)
        # a tab that was opened keeps its charts
        return len(browser.find_elements(By.CSS_SELECTOR, CHARTS))
    except WebDriverException as error:
        raise ScreenshotError(f"Chromium: {error.msg or type(error).__name__}") from None
    finally:
        browser.quit()

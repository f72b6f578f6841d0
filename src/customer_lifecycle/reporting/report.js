// Draws the pictures, and does what a page of one file can do by itself: menu, cards, downloads, languages. Bundled
// with Vega, Vega-Lite and Vega-Embed into each page by pages.py.

const font = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'Noto Sans CJK KR', 'Noto Sans CJK SC', sans-serif";

// colours are the variables of report.css
const config = {
  font,
  background: null,
  view: { stroke: null },
  axis: {
    domain: false, ticks: false, labelColor: "var(--soft)", titleColor: "var(--soft)", gridColor: "var(--line)",
    labelFont: font, titleFont: font, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", labelPadding: 6,
    labelLimit: 220, titleLimit: 600,
  },
  axisBand: { grid: false },
  text: { color: "var(--ink)", fontSize: 12, font },
};

const options = {
  mode: "vega-lite",
  renderer: "svg",
  actions: false,
  defaultStyle: false,
  // expressions are interpreted, not compiled: the page's policy allows no eval
  ast: true,
  tooltip: { disableDefaultStyle: true, theme: "custom" },
  config,
};

const page = document.getElementById("page");
const wide = matchMedia("(min-width: 1400px)");
const everyOne = (selector, root = document) => [...root.querySelectorAll(selector)];

async function draw(holder) {
  const spec = JSON.parse(holder.querySelector("script").textContent);
  await vegaEmbed(holder.querySelector(".drawing"), spec, options);
  holder.dataset.drawn = "yes";
}

// on a phone a row is a card: its values need the names of their columns, and its parts the roles that CSS takes away
function prepareTable(table) {
  const names = everyOne("thead th", table).map((cell) => cell.textContent);
  table.setAttribute("role", "table");
  everyOne("thead, tbody", table).forEach((group) => group.setAttribute("role", "rowgroup"));
  everyOne("tr", table).forEach((row) => row.setAttribute("role", "row"));
  everyOne("thead th", table).forEach((cell) => cell.setAttribute("role", "columnheader"));
  everyOne("tbody tr", table).forEach((row) => [...row.children].forEach((cell, place) => {
    cell.setAttribute("role", place ? "cell" : "rowheader");
    cell.dataset.label = names[place];
  }));
  table.closest(".table").classList.add("cards");
}

// text that a spreadsheet would take for a formula is kept from being one
function csvCell(cell) {
  const value = cell.dataset.value;
  const text = cell.textContent.trim();
  const written = value !== undefined ? value
    : /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? `'${text}` : text;
  return /[",\n\r]/.test(written) ? `"${written.replaceAll('"', '""')}"` : written;
}

function csvOf(table) {
  // the mark at the beginning tells Excel that this is UTF-8
  return "\ufeff" + everyOne("tr", table).map((row) => [...row.children].map(csvCell).join(",") + "\r\n").join("");
}

function download(button) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([csvOf(button.closest(".rows").querySelector("table"))], { type: "text/csv" }));
  link.download = button.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// the figures of another month, from those that the page carries; text goes in as text
function showPeriod(period) {
  everyOne(".month").forEach((place) => { place.textContent = period.intro; });
  Object.entries(period.figures).forEach(([name, [written, raw, changes]]) => {
    const card = document.getElementById(`figure-${name}`);
    const value = card.querySelector(".value");
    value.textContent = written;
    value.dataset.value = raw;
    everyOne(".change", card).forEach((change) => change.remove());
    const line = (text, className) => Object.assign(document.createElement("dd"), { textContent: text, className });
    card.querySelector(".row").after(...changes.map(([text, trend]) => line(text, `change ${trend}`)));
  });
  const first = everyOne(".story .of-month");
  const sentence = (text) => Object.assign(document.createElement("li"), { textContent: text, className: "of-month" });
  first[0].before(...period.story.map(sentence));
  first.forEach((item) => item.remove());
}

function preparePeriods(label) {
  const periods = JSON.parse(document.getElementById("periods").textContent);
  label.hidden = false;
  const select = label.querySelector("select");
  // a browser may remember the choice of an earlier visit
  select.value = chosen;
  if (chosen !== "0") showPeriod(periods[chosen]);
  select.addEventListener("change", () => { chosen = select.value; showPeriod(periods[chosen]); });
}

let chosen = "0";
let seen;

// of a figure's tables one is in sight, and is what a download writes
function prepareView(label) {
  const rows = label.closest(".rows");
  const select = label.querySelector("select");
  const button = rows.querySelector(".csv");
  const file = button.dataset.file;
  const own = rows.querySelector(".table");
  label.hidden = false;
  // a browser may remember the choice of an earlier visit
  select.value = "";
  select.addEventListener("change", () => {
    const template = rows.querySelector(`template[data-view="${select.value}"]`);
    const table = template ? document.importNode(template.content, true).querySelector(".table") : own;
    rows.querySelector(".table").replaceWith(table);
    if (template) prepareTable(table.querySelector("table"));
    button.dataset.file = template ? file.replace(/\.csv$/, `_${select.value}.csv`) : file;
  });
}

function prepareMenu(menu) {
  const details = menu.querySelector("details");
  details.open = wide.matches;
  const links = new Map(everyOne("a", menu).map((link) => [link.hash.slice(1), link]));
  menu.addEventListener("click", (event) => {
    if (event.target.closest("a") && !wide.matches) details.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !wide.matches) { details.open = false; menu.querySelector("summary").focus(); }
  });
  seen?.disconnect();
  seen = new IntersectionObserver((entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => {
    const current = links.get(entry.target.getAttribute("aria-labelledby"));
    links.forEach((link) => link.removeAttribute("aria-current"));
    current.setAttribute("aria-current", "true");
    menu.querySelector(".here").textContent = current.textContent;
  }), { rootMargin: "-30% 0px -69% 0px" });
  everyOne("section[aria-labelledby]").forEach((section) => seen.observe(section));
}

wide.addEventListener("change", () => { document.querySelector(".menu details").open = wide.matches; });

// what the page says in its languages: this one as it stands here, the others packed
const spoken = new Map([[document.documentElement.lang, { title: document.title, html: page.innerHTML }]]);
const packed = new Map(everyOne("script[data-language]").map((script) => [script.dataset.language, script]));

async function unpack(script) {
  const bytes = Uint8Array.from(atob(script.textContent), (character) => character.charCodeAt(0));
  const html = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  return { title: script.dataset.title, html };
}

async function speak(language) {
  if (!spoken.has(language)) spoken.set(language, await unpack(packed.get(language)));
  const { title, html } = spoken.get(language);
  document.documentElement.lang = language;
  document.title = title;
  page.innerHTML = html;
  prepare();
  page.querySelector(`button[data-language="${language}"]`).focus();
}

function prepare() {
  everyOne(".chart").forEach(draw);
  everyOne(".table table").forEach(prepareTable);
  everyOne(".menu").forEach(prepareMenu);
  everyOne(".period").forEach(preparePeriods);
  everyOne(".view").forEach(prepareView);
  everyOne(".csv").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => download(button));
  });
  // a browser that cannot unpack shows one language
  everyOne(".languages").forEach((group) => { group.hidden = typeof DecompressionStream === "undefined"; });
  everyOne(".languages button").forEach((button) => {
    button.addEventListener("click", () => speak(button.dataset.language));
  });
  // on a phone, where a row is a card, long tables are folded
  if (matchMedia("(max-width: 720px)").matches) {
    everyOne(".figure:not(#today) .shown").filter((details) => details.querySelectorAll("tr").length > 5)
      .forEach((details) => { details.open = false; });
  }
  // where there is room, a chart's table stands open beside it
  if (matchMedia("(min-width: 900px)").matches) {
    everyOne(".beside details.rows").forEach((details) => { details.open = true; });
  }
}

prepare();

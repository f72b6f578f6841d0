// Draws the pictures. Bundled with Vega, Vega-Lite and Vega-Embed into each page by pages.py.

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

async function draw(holder) {
  const spec = JSON.parse(holder.querySelector("script").textContent);
  await vegaEmbed(holder.querySelector(".drawing"), spec, options);
  holder.dataset.drawn = "yes";
}

document.querySelectorAll(".chart").forEach(draw);

// where there is room, a chart's table stands open beside it
if (matchMedia("(min-width: 900px)").matches) {
  document.querySelectorAll(".beside details").forEach((details) => { details.open = true; });
}

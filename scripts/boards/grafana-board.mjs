/**
 * @typedef {object} Panel
 * @property {string} title
 * @property {string} unit One of Grafana's: https://github.com/grafana/grafana/blob/main/packages/grafana-data/src/valueFormats/categories.ts
 * @property {Record<string, string>} queries Expressions of PromQL by their legends, in which `{{label}}` stands for a label's value.
 * @property {string} [about] How to read it.
 * @property {boolean} [stacked] The series add up to something.
 *
 * @typedef {object} Board
 * @property {string} name Of its file and address: `/d/polyreel-<name>`.
 * @property {string} title
 * @property {Panel[]} panels In rows of three.
 */

/** Of deploy/grafana/provisioning/datasources. */
const SOURCE = { type: "prometheus", uid: "polyreel" };
/** Grafana's grid has 24 columns. */
const COLUMNS = 3;
const WIDTH = 24 / COLUMNS;
const HEIGHT = 8;

/** A board in Grafana's format. Only what differs from Grafana's defaults is stated. @param {Board} board */
export function grafanaBoard({ name, title, panels }) {
  return {
    uid: `polyreel-${name}`,
    title: `Polyreel: ${title}`,
    tags: ["polyreel"],
    schemaVersion: 39,
    editable: false,
    refresh: "30s",
    time: { from: "now-1h", to: "now" },
    // To the other boards, at the same time.
    links: [{ type: "dashboards", tags: ["polyreel"], title: "Polyreel", asDropdown: false, keepTime: true }],
    panels: panels.map(grafanaPanel),
  };
}

/** @param {Panel} panel @param {number} index */
function grafanaPanel({ title, unit, queries, about, stacked = false }, index) {
  return {
    id: index + 1,
    type: "timeseries",
    title,
    ...(about && { description: about }),
    datasource: SOURCE,
    gridPos: { x: (index % COLUMNS) * WIDTH, y: Math.floor(index / COLUMNS) * HEIGHT, w: WIDTH, h: HEIGHT },
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        custom: { fillOpacity: stacked ? 30 : 0, ...(stacked && { stacking: { mode: "normal" } }) },
      },
      overrides: [],
    },
    options: { tooltip: { mode: "multi", sort: "desc" }, legend: { displayMode: "list", placement: "bottom" } },
    targets: Object.entries(queries).map(([legendFormat, expr], at) => ({
      refId: String.fromCharCode("A".charCodeAt(0) + at),
      datasource: SOURCE,
      expr,
      legendFormat,
    })),
  };
}

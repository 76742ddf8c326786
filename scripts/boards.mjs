// `npm run boards`: writes Grafana's boards of scripts/boards/boards.mjs into deploy/grafana/boards.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { boards } from "./boards/boards.mjs";
import { grafanaBoard } from "./boards/grafana-board.mjs";

const folder = new URL("../deploy/grafana/boards/", import.meta.url);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
for (const board of boards) {
  writeFileSync(new URL(`${board.name}.json`, folder), `${JSON.stringify(grafanaBoard(board), null, 2)}\n`);
}

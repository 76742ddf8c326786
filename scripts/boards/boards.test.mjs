import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { boards } from "./boards.mjs";
import { grafanaBoard } from "./grafana-board.mjs";

it("deploy/grafana/boards is what `npm run boards` writes", () => {
  expect(readdirSync("deploy/grafana/boards").sort()).toEqual(boards.map(({ name }) => `${name}.json`).sort());
  for (const board of boards) {
    const written = JSON.parse(readFileSync(`deploy/grafana/boards/${board.name}.json`, "utf8"));
    expect(written).toEqual(grafanaBoard(board));
  }
});

it("lays panels out in rows that do not overlap", () => {
  for (const { panels } of boards.map(grafanaBoard)) {
    const places = panels.map(({ gridPos: { x, y } }) => `${x} ${y}`);
    expect(new Set(places).size).toBe(panels.length);
    for (const { gridPos } of panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  }
});

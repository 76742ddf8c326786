import { readdir, readFile } from "node:fs/promises";

const FOLDER = new URL("../../../deploy/grafana/boards/", import.meta.url);

/** Grafana's variable for the window of a rate. */
export const WINDOW = "$__rate_interval";

interface Panel {
  readonly title: string;
  readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
}

/** Panels of all boards, with their expressions. */
export async function readBoards() {
  const names = (await readdir(FOLDER)).sort();
  const boards = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(new URL(name, FOLDER), "utf8"))),
  );
  return (boards as { panels: readonly Panel[] }[])
    .flatMap(({ panels }) => panels)
    .map(({ title, targets }) => ({
      title,
      expressions: targets.map(({ expr }) => expr),
      legends: targets.map(({ legendFormat }) => legendFormat),
    }));
}

import { formatCount, formatSeconds } from "../terminal/numbers.js";
import type { StageLine } from "./stages.js";

const NAME_WIDTH = 12;
/** Share of the terminal's width. Fixed, so that bars do not jump with the text beside them. */
const BAR_SHARE = 0.4;
const MIN_BAR = 8;
const MAX_BAR = 40;
/** Truncated numbers would mislead: without this much room for text, bars are not drawn. */
const MIN_TEXT = 16;

/** Draws the stages as bars, one a line, each narrower than `columns`. */
export function drawBars(stages: readonly StageLine[], columns: number, paint: (bar: string) => string): string[] {
  const share = Math.min(Math.floor(columns * BAR_SHARE), MAX_BAR, columns - 1 - NAME_WIDTH - 1 - MIN_TEXT);
  const width = share < MIN_BAR ? 0 : share;
  const room = columns - 1 - NAME_WIDTH - (width > 0 ? width + 1 : 0);
  return stages.map((stage) => {
    const full = Math.floor(stage.fraction * width);
    const bar = width > 0 ? `${paint("█".repeat(full))}${"░".repeat(width - full)} ` : "";
    const line = stage.name.padEnd(NAME_WIDTH) + bar + describe(stage).slice(0, Math.max(0, room));
    return room < 0 ? line.slice(0, columns - 1) : line;
  });
}

/** Draws the stages as one plain line, for logs. */
export const drawLine = (stages: readonly StageLine[]): string =>
  stages.map((stage) => `${stage.name} ${describe(stage)}`).join(" · ");

function describe({ done, total, settled, failed, leftSeconds }: StageLine): string {
  const of = `${formatCount(done)}/${formatCount(total)}${settled ? "" : "+"}`;
  const left = leftSeconds === undefined ? "" : `, ${formatSeconds(leftSeconds)} left`;
  return of + (failed > 0 ? `, ${formatCount(failed)} failed` : "") + left;
}

import type { Terminal } from "../terminal/terminal.js";
import { drawBars, drawLine } from "./draw.js";
import { Eta } from "./eta.js";
import { type StageLine, viewStages, withTimesLeft } from "./stages.js";
import type { Tally } from "./tally.js";
import { tryingAgainLine } from "./trying-again.js";

/** Shows the progress of a batch until stopped. */
export interface Display {
  stop(): void;
}

const FRAME_MS = 100;
/** Intervals of log lines: short at first, then longer and longer. */
const FIRST_LINE_MS = 2000;
const LAST_LINE_MS = 30_000;

/** Bars on a terminal, occasional lines elsewhere, nothing if `quiet`. */
export function showProgress(tally: Tally, terminal: Terminal, { quiet }: { quiet?: boolean | undefined }): Display {
  if (quiet) return { stop: () => {} };
  const eta = new Eta();
  const stages = (): StageLine[] => withTimesLeft(viewStages(tally), eta, performance.now() / 1000);
  const retries = () => tryingAgainLine(tally.retries.values(), Date.now());
  return terminal.live ? showBars(stages, retries, terminal) : showLines(stages, retries, terminal);
}

function showBars(stages: () => StageLine[], retries: () => string | undefined, terminal: Terminal): Display {
  const redraw = () => {
    const bars = drawBars(stages(), terminal.columns, (bar) => terminal.paint("cyan", bar));
    terminal.pin([...bars, ...[retries() ?? []].flat().map((line) => line.slice(0, terminal.columns - 1))]);
  };
  const unpin = () => terminal.unpin(); // Shows the cursor again.
  process.once("exit", unpin);
  const timer = setInterval(redraw, FRAME_MS).unref();
  return {
    stop: () => {
      clearInterval(timer);
      redraw();
      process.off("exit", unpin);
      unpin();
    },
  };
}

function showLines(stages: () => StageLine[], retries: () => string | undefined, terminal: Terminal): Display {
  let last = "";
  const write = () => {
    const line = [drawLine(stages()), ...[retries() ?? []].flat()].join(" · ");
    if (line !== last) terminal.note(`${line}\n`);
    last = line;
  };
  let timer: NodeJS.Timeout;
  const next = (delay: number) => {
    timer = setTimeout(() => {
      write();
      next(Math.min(delay * 1.5, LAST_LINE_MS));
    }, delay).unref();
  };
  next(FIRST_LINE_MS);
  return {
    stop: () => {
      clearTimeout(timer);
      write();
    },
  };
}

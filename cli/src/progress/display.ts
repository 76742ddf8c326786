import type { Terminal } from "../terminal/terminal.js";
import { drawBars, drawLine, type StageLine } from "./draw.js";
import { Eta } from "./eta.js";
import { viewStages } from "./stages.js";
import type { Tally } from "./tally.js";
import { tryingAgainLine } from "./trying-again.js";

/** Shows how far a batch is, until it is stopped. */
export interface Display {
  stop(): void;
}

const FRAME_MS = 100;
/** Lines in a log: soon at first, so that something is seen, then less and less often. */
const FIRST_LINE_MS = 2000;
const LAST_LINE_MS = 30_000;

/** Bars on a terminal, lines now and then elsewhere, nothing where `quiet`. */
export function showProgress(tally: Tally, terminal: Terminal, { quiet }: { quiet?: boolean | undefined }): Display {
  if (quiet) return { stop: () => {} };
  const eta = new Eta();
  const look = (): StageLine[] =>
    viewStages(tally).map((stage) => ({
      ...stage,
      leftSeconds: eta.left(stage.name, stage.fraction, performance.now() / 1000),
    }));
  const waits = () => tryingAgainLine(tally.triedAgain.values(), Date.now());
  return terminal.live ? showBars(look, waits, terminal) : showLines(look, waits, terminal);
}

function showBars(look: () => StageLine[], waits: () => string | undefined, terminal: Terminal): Display {
  const redraw = () => {
    const bars = drawBars(look(), terminal.columns, (bar) => terminal.paint("cyan", bar));
    terminal.pin([...bars, ...[waits() ?? []].flat().map((line) => line.slice(0, terminal.columns - 1))]);
  };
  const unpin = () => terminal.unpin(); // shows the cursor again
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

function showLines(look: () => StageLine[], waits: () => string | undefined, terminal: Terminal): Display {
  let last = "";
  const write = () => {
    const line = [drawLine(look()), ...[waits() ?? []].flat()].join(" · ");
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

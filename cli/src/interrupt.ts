import { type StrayError, watchStrayErrors } from "@polyreel/platform/runtime";
import { exitCodes } from "./exit-codes.js";
import { formatProblem, type Problem } from "./problem.js";
import type { Terminal } from "./terminal/terminal.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs work that Ctrl-C ends in order, and returns its exit code. The first Ctrl-C aborts the signal, so that
 * everything started is cleaned up; the second one exits at once (exit handlers kill children and remove temporary
 * files). Failures after the first one are consequences of it. An unhandled error ends the work in the same order,
 * prints the error and the batches in progress, and gives exit code 1.
 */
export async function interruptible(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    // The terminal has echoed "^C" at the cursor.
    terminal.note(`${terminal.live ? "\r" : "\n"}Stopping; once more to stop at once.\n`);
    controller.abort();
  };
  let unhandledErrors = 0;
  const stopListening = watchStrayErrors((unhandled) => {
    unhandledErrors++;
    terminal.note(`${formatProblem(unhandledProblem(unhandled), (text) => terminal.paint("red", text))}\n`);
    controller.abort();
  });
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    const code = await work(controller.signal);
    return unhandledErrors > 0 ? exitCodes.failed : code;
  } catch (error) {
    if (unhandledErrors > 0) return exitCodes.failed;
    if (!controller.signal.aborted) throw error;
    return exitCodes.interrupted;
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
    stopListening();
  }
}

function unhandledProblem({ error, from, inWork }: StrayError): Problem {
  const source = from ? ` in ${from.stage}, at work on batch ${from.batch}` : "";
  const batches = inWork.map(({ batch }) => batch);
  const others = batches.length > 0 ? ` In work: ${batches.join(", ")}; what is made stays made.` : "";
  return {
    what: `Something went wrong inside Polyreel${source}: ${error.message}.${others}`,
    remedy: "Start it again, and the work goes on where it was. Please report this, with LOG_LEVEL=error shown.",
  };
}

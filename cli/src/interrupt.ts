import { type StrayError, watchStrayErrors } from "@polyreel/platform/runtime";
import { exitCodes } from "./exit-codes.js";
import { formatProblem, type Problem } from "./problem.js";
import type { Terminal } from "./terminal/terminal.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs work that Ctrl-C ends in order, and gives its exit code: the first one aborts the signal, so that what was started is
 * put away; the second one exits at once (children are killed, and temporary files removed, by exit handlers). What fails
 * after the first one fails because of it. An error that nothing handled ends the work in the same order, with a word about
 * what it was and which batches were in work, and exit code 1.
 */
export async function interruptible(
  terminal: Terminal,
  work: (signal: AbortSignal) => Promise<number>,
): Promise<number> {
  const controller = new AbortController();
  const onSignal = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    // A terminal has written "^C" where its cursor was.
    terminal.note(`${terminal.live ? "\r" : "\n"}Stopping; once more to stop at once.\n`);
    controller.abort();
  };
  let strays = 0;
  const forgetStrays = watchStrayErrors((stray) => {
    strays++;
    terminal.note(`${formatProblem(strayProblem(stray), (text) => terminal.paint("red", text))}\n`);
    controller.abort();
  });
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    const code = await work(controller.signal);
    return strays > 0 ? exitCodes.failed : code;
  } catch (error) {
    if (strays > 0) return exitCodes.failed;
    if (!controller.signal.aborted) throw error;
    return exitCodes.interrupted;
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
    forgetStrays();
  }
}

function strayProblem({ error, from, inWork }: StrayError): Problem {
  const source = from ? ` in ${from.stage}, at work on batch ${from.batch}` : "";
  const batches = inWork.map(({ batch }) => batch);
  const others = batches.length > 0 ? ` In work: ${batches.join(", ")}; what is made stays made.` : "";
  return {
    what: `Something went wrong inside Polyreel${source}: ${error.message}.${others}`,
    remedy: "Start it again, and the work goes on where it was. Please report this, with LOG_LEVEL=error shown.",
  };
}

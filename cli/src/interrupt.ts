import { exitCodes } from "./exit-codes.js";
import type { Terminal } from "./terminal/terminal.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Runs work that Ctrl-C ends in order, and gives its exit code: the first one aborts the signal, so that what was started is
 * put away; the second one exits at once (children are killed by the exit handlers of those who started them). What fails
 * after the first one fails because of it.
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
  for (const name of SIGNALS) process.on(name, onSignal);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (!controller.signal.aborted) throw error;
    return exitCodes.interrupted;
  } finally {
    for (const name of SIGNALS) process.off(name, onSignal);
  }
}

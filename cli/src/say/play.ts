import { spawn } from "node:child_process";
import { once } from "node:events";

/** Players of sound files, with their arguments before the file. */
const PLAYERS: readonly (readonly [string, ...string[]])[] = [
  ["afplay"],
  ["pw-play"],
  ["paplay"],
  ["aplay", "-q"],
  ["ffplay", "-nodisp", "-autoexit", "-loglevel", "error"],
];

/** Plays a file of ours by the first player that is installed and succeeds; false if there is none. */
export async function play(path: string, signal: AbortSignal): Promise<boolean> {
  for (const [player, ...args] of PLAYERS) {
    const child = spawn(player, [...args, path], { stdio: "ignore", signal });
    // Not installed: an error instead of an exit.
    const [code] = await once(child, "exit").catch(() => [1]);
    if (code === 0) return true;
    signal.throwIfAborted();
  }
  return false;
}

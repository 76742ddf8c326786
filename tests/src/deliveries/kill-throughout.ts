import { setTimeout as delay } from "node:timers/promises";
import { STREAM } from "@polyreel/contract";
import type { Kill } from "../chaos/draw-trial.js";
import type { ChaosSystem } from "../chaos/system.js";

const POLL_MS = 20;
/** Without a new message in the stream for this long, although all services are ready, a kill waits no longer. */
const QUIET_MS = 10_000;

interface Killing {
  /** Facts that the stream will have at the end. */
  readonly expected: number;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/**
 * Kills throughout a batch, each at its share of the stream's facts; returns how many died. The content of the stream
 * counts, not publications: a restarted planner publishes its plan again.
 */
export async function killThroughout(
  system: ChaosSystem,
  kills: readonly Kill[],
  { expected, signal }: Killing,
): Promise<number> {
  let killed = 0;
  for (const kill of kills) {
    await waitForFacts(system, kill.after * expected, signal);
    await delay(kill.delayMs);
    if (signal.aborted) break;
    killed += await system.kill(kill);
  }
  return killed;
}

/** On a busy machine services take half a minute to start, which does not count as quiet. */
async function waitForFacts(system: ChaosSystem, wanted: number, signal: AbortSignal): Promise<void> {
  let isReady = false;
  void system.ready().then(() => {
    isReady = true;
  });
  for (let [facts, since] = [0, Date.now()]; facts < wanted && !signal.aborted; await delay(POLL_MS)) {
    const found = (await factsIn(system)) ?? facts;
    if (found > facts || !isReady) [facts, since] = [found, Date.now()];
    else if (Date.now() - since > QUIET_MS) return;
  }
}

/** Undefined while the server is down. */
const factsIn = ({ stream }: ChaosSystem): Promise<number | undefined> =>
  stream.manager.streams.info(STREAM).then(
    ({ state }) => state.messages,
    () => undefined,
  );

import { Releasers, type Running } from "@polyreel/platform";
import { show } from "@polyreel/platform/metrics";
import type { FairSlots } from "./fair-slots.js";
import type { Pump } from "./pump.js";

/** The broker is asked about so many consumers, and no more often than this: with thousands of batches it would be busy with it. */
const ASKED_PUMPS = 100;
const ASK_AGAIN_MS = 10_000;

interface Shown {
  readonly slots: Pick<FairSlots, "free">;
  readonly pumps: () => readonly Pump[];
}

/** Shows what a stage works on, and what waits for it. */
export function showStage({ name, slots: size }: { name: string; slots: number }, { slots, pumps }: Shown): Running {
  const attributes = { stage: name };
  const waiting = remembered(ASK_AGAIN_MS, async () => {
    const asked = await Promise.all(
      pumps()
        .slice(0, ASKED_PUMPS)
        .map((pump) => pump.waiting()),
    );
    return asked.reduce((sum, one) => sum + one, 0);
  });
  const oldest = () => Math.min(...pumps().map(({ oldestMs }) => oldestMs ?? Number.POSITIVE_INFINITY));
  const shown = new Releasers();
  shown.use(show("polyreel.stage.running", () => [{ value: size - slots.free, attributes }]));
  shown.use(show("polyreel.stage.slots", () => [{ value: size, attributes }]));
  shown.use(show("polyreel.stage.waiting", async () => [{ value: await waiting(), attributes }]));
  shown.use(show("polyreel.stage.oldest", () => [{ value: Math.max(0, Date.now() - oldest()) / 1000, attributes }]));
  return shown;
}

/** Asks at most once in `ms`. */
function remembered(ms: number, ask: () => Promise<number>): () => Promise<number> {
  let answer: Promise<number> | undefined;
  let askedAt = 0;
  return () => {
    if (!answer || Date.now() - askedAt > ms) {
      askedAt = Date.now();
      answer = ask();
      answer.catch(() => {
        answer = undefined;
      });
    }
    return answer;
  };
}

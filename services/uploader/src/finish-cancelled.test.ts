import { PolyreelError } from "@polyreel/platform";
import { expect, it } from "vitest";
import { finishCancelled } from "./finish-cancelled.js";

const away = () => new PolyreelError("unavailable", "NATS cannot be reached.");
const running = new AbortController().signal;
const aborted = AbortSignal.abort(new DOMException("The batch was cancelled.", "AbortError"));

/** Fails with each of these errors in turn, then succeeds. */
function failing(...errors: unknown[]) {
  const calls = { count: 0 };
  const deliver = async () => {
    const error = errors[calls.count++];
    if (error !== undefined) throw error;
  };
  return { calls, deliver };
}

it("publishes a file of a cancelled batch when the outage is over", async () => {
  const { calls, deliver } = failing(away(), away());
  await finishCancelled(deliver, { signal: aborted, shutdown: running }, 60_000);
  expect(calls.count).toBe(3);
});

it.each([
  ["of a live batch, whose message is redelivered", [away()], running, 60_000],
  ["of a cancelled batch without a file", [away(), aborted.reason], aborted, 60_000],
  ["with an error that is not an outage", [new PolyreelError("conflict", "A file lies there.")], aborted, 60_000],
  ["after a too long outage", [away(), away(), away()], aborted, 1_500],
])("gives up a delivery %s", async (_about, errors, signal, waitMs) => {
  const { deliver } = failing(...errors);
  await expect(finishCancelled(deliver, { signal, shutdown: running }, waitMs)).rejects.toBe(errors[0]);
});

it("ends with the process", async () => {
  const { calls, deliver } = failing(away(), away());
  await expect(finishCancelled(deliver, { signal: aborted, shutdown: AbortSignal.abort() }, 60_000)).rejects.toThrow();
  expect(calls.count).toBe(1);
});

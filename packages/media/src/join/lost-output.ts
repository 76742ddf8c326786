import { PolyreelError } from "@polyreel/platform";

/** Throws `unavailable`, and no outage: what an output is made of is gone, and is made again when it is asked for. */
export function lostOutput(what: string): never {
  const reason = `A ${what} of this output is no longer in the store.`;
  const remedy = "Replay the batch: what is missing is made again.";
  throw new PolyreelError("unavailable", { reason, remedy }, { outage: false });
}

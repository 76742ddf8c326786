import { PolyreelError } from "@polyreel/platform";

/** Throws `unavailable` without marking an outage: what the output is made of is gone, and will be remade on request. */
export function lostOutput(what: string): never {
  const reason = `A ${what} of this output is no longer in the store.`;
  const remedy = "Replay the batch: what is missing is made again.";
  throw new PolyreelError("unavailable", { reason, remedy }, { outage: false });
}

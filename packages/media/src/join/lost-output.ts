import { PolyreelError } from "@polyreel/platform";

/** Throws `unavailable` without marking an outage: data of the output is missing, and will be remade on request. */
export function lostOutput(what: string): never {
  const reason = `A ${what} of this output is no longer in the store.`;
  const remedy = "Replay the batch to make it again.";
  throw new PolyreelError("unavailable", { reason, remedy }, { outage: false });
}

import { PolyreelError, sourceError } from "@polyreel/platform";

/** How a finished file differs from what was planned, as "mp3 instead of aac". */
export interface Differences {
  /** Of what encoders and muxers determine. */
  readonly kinds: readonly string[];
  /** Of times, which come from the input's own timestamps. */
  readonly lengths: readonly string[];
}

/**
 * Throws PolyreelError `invalid` if only lengths differ: the input promises time that does not decode, because it is
 * damaged, and a retry would find the same. Throws `internal` for any other difference.
 */
export function assertNoDifferences({ kinds, lengths }: Differences): void {
  if (kinds.length > 0) {
    throw new PolyreelError("internal", {
      reason: `The file that was made has ${[...kinds, ...lengths].join(", ")}.`,
      remedy: "It was not delivered. Try other settings, and report it.",
    });
  }
  if (lengths.length > 0) {
    throw sourceError({
      reason: `The file does not have what its timestamps state: what was made of it has ${lengths.join(", ")}.`,
      remedy: "Check that it plays to its end, convert it first, or trim it to what it has.",
    });
  }
}

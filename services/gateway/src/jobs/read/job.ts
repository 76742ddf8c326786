import type { Failure } from "@polyreel/contract";

/** Where the bytes of a key are, once they were looked for. */
export type Found = { readonly sha256: string } | { readonly unreadable: string };

/** A job's message, to be read in a thread. */
export interface JobText {
  readonly bytes: Uint8Array;
  readonly tenant: string;
  /** Folder of its output: below the uploader's own, or in a destination, such as "ads:/jobs". */
  readonly output: string;
  /** By key, as far as they were looked for. */
  readonly found: ReadonlyMap<string, Found>;
}

/** What is left to do: look for its keys, submit its batch, or refuse it. */
export type ReadJob =
  | { readonly kind: "keys"; readonly jobId: string; readonly keys: readonly string[] }
  | { readonly kind: "batch"; readonly jobId: string; readonly batch: Uint8Array }
  | { readonly kind: "refused"; readonly jobId: string | undefined; readonly failure: RefusedField };

export type RefusedField = Pick<Failure, "field" | "block" | "choice" | "reason" | "remedy">;

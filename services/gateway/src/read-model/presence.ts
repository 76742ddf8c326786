import type { EventEmitter } from "node:events";

/** Whether a dependency is available, known without a request. */
export interface Presence extends EventEmitter<{ change: [there: boolean] }> {
  readonly there: boolean;
  /** Throws PolyreelError `unavailable` with its name while it is unavailable. */
  assertThere(): void;
}

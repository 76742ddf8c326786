import type { EventEmitter } from "node:events";

/** Whether something outside is there, known without asking it. */
export interface Presence extends EventEmitter<{ change: [there: boolean] }> {
  readonly there: boolean;
  /** Throws PolyreelError `unavailable`, naming it, while it is away. */
  assertThere(): void;
}

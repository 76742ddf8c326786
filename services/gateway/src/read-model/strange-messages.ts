import { parseSubject } from "@polyreel/contract";
import { count } from "@polyreel/platform/metrics";
import type { Log } from "@polyreel/platform/runtime";
import type { Unreadable } from "@polyreel/platform/stream";

/** A subject is reported once in this time, and so many subjects. */
const WINDOW_MS = 60_000;
const MAX_SUBJECTS = 20;
/** Subjects may be as long as the broker lets them be. */
const SHOWN_LENGTH = 200;

const REMEDIES = {
  subject:
    "No fact of this release has that subject: run the release that published it, or let only Polyreel publish below polyreel. (polyreel nats-config writes users with such rights).",
  payload:
    "It is not what Polyreel publishes there: let only Polyreel publish below polyreel. (polyreel nats-config writes users with such rights).",
};

/**
 * Reports messages of the event stream that are no facts, which everybody else skips: to the log, bounded by subject and
 * by the number of subjects, and as a metric, which counts all.
 */
export class StrangeMessages {
  readonly #reported = new Set<string>();
  #windowEndMs = 0;

  constructor(
    private readonly log: Pick<Log, "warn">,
    private readonly now = Date.now,
  ) {}

  /** Takes notifications that nothing follows, too, and leaves them out. */
  report({ subject, sequence }: Pick<Unreadable, "subject" | "sequence">): void {
    if (subject === undefined) return;
    const reason = parseSubject(subject) ? "payload" : "subject";
    count("polyreel.stream.unreadable", { reason });
    if (this.now() >= this.#windowEndMs) {
      this.#reported.clear();
      this.#windowEndMs = this.now() + WINDOW_MS;
    }
    if (this.#reported.size >= MAX_SUBJECTS || this.#reported.has(subject)) return;
    this.#reported.add(subject);
    this.log.warn(
      { subject: subject.slice(0, SHOWN_LENGTH), sequence, remedy: REMEDIES[reason] },
      "a message in the event stream is no fact: it is skipped",
    );
  }
}

import { REJECTED_SUBJECT } from "@polyreel/contract";
import { appendTo, type EventStream } from "@polyreel/platform/stream";

/** Keeps messages that were no job, with the reason, in a small stream. */
export class RejectedJobs {
  constructor(private readonly stream: EventStream) {}

  keep(payload: Uint8Array, { subject, reason }: { readonly subject: string; readonly reason: string }): Promise<void> {
    // A header is one line.
    const oneLine = reason.replace(/[^\x20-\x7e]+/g, " ").slice(0, 500);
    return appendTo(this.stream, REJECTED_SUBJECT, payload, {
      "Polyreel-Subject": subject,
      "Polyreel-Reason": oneLine,
    });
  }
}

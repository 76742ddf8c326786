/** Requests of a process to its store's server, and the bytes of their bodies. */
export interface Traffic {
  /** Every attempt counts. Reading an object is a GET, listing keys a LIST. */
  readonly requests: Readonly<Record<string, number>>;
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export class TrafficCounter implements Traffic {
  readonly requests: Record<string, number> = {};
  sentBytes = 0;
  receivedBytes = 0;

  sent(method: string, sizeBytes: number): void {
    this.requests[method] = (this.requests[method] ?? 0) + 1;
    this.sentBytes += sizeBytes;
  }

  received(sizeBytes: number): void {
    this.receivedBytes += sizeBytes;
  }
}

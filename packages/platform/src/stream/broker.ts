import { EventEmitter } from "node:events";
import type { NatsConnection } from "@nats-io/transport-node";
import { PolyreelError } from "../errors.js";

/** Whether the event stream's server is connected, known without a request. */
export class Broker extends EventEmitter<{ change: [there: boolean] }> {
  #there: boolean;

  constructor(connection: NatsConnection) {
    super();
    this.setMaxListeners(0); // One for each reader.
    this.#there = !connection.isClosed();
    void this.#follow(connection);
  }

  get there(): boolean {
    return this.#there;
  }

  /** Throws PolyreelError `unavailable` at once if a request would only time out. */
  assertThere(): void {
    if (this.#there) return;
    throw new PolyreelError("unavailable", {
      reason: "The event stream (NATS) cannot be reached.",
      remedy: "Try again when it is back; nothing was accepted.",
    });
  }

  /**
   * Best-effort request: resolves when it succeeds or fails, and at once if the server is disconnected, or disconnects
   * before it has answered.
   */
  async attempt(request: () => Promise<unknown>): Promise<void> {
    if (!this.#there) return;
    await new Promise<void>((resolve) => {
      const end = () => {
        this.off("change", end);
        resolve();
      };
      this.on("change", end);
      request().then(end, end);
    });
  }

  async #follow(connection: NatsConnection): Promise<void> {
    for await (const { type } of connection.status()) {
      if (type === "disconnect" || type === "close") this.#set(false);
      if (type === "reconnect") this.#set(true);
    }
    this.#set(false);
  }

  #set(there: boolean): void {
    if (there === this.#there) return;
    this.#there = there;
    this.emit("change", there);
  }
}

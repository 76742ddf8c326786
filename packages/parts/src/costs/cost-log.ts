import type { Running } from "@polyreel/platform";
import { toPolyreelError } from "@polyreel/platform";
import { measuredKey, readBytes, type Store } from "@polyreel/platform/blobs";
import type { Log } from "@polyreel/platform/runtime";
import { type Measured, type MeasuredRecord, merged, parseRecord, withPart } from "./record.js";

const WRITE_AFTER_MS = 2_000;

/**
 * Keeps the measured costs of parts in the store, for estimates: a small object for each service. Processes of a service
 * add to the same object; if two write at the same moment, the latest measurements of one are lost, and nothing else.
 */
export class CostLog implements Running {
  #added: MeasuredRecord = {};
  #writing: NodeJS.Timeout | undefined;
  #written = Promise.resolve();

  constructor(
    private readonly store: Store,
    private readonly service: string,
    private readonly log: Log,
  ) {}

  note(name: string, part: Measured): void {
    this.#added = withPart(this.#added, name, part);
    this.#writing ??= setTimeout(() => this.#write(), WRITE_AFTER_MS).unref();
  }

  /** Writes pending measurements. */
  async close(): Promise<void> {
    if (this.#writing) {
      clearTimeout(this.#writing);
      this.#write();
    }
    await this.#written;
  }

  #write(): void {
    this.#writing = undefined;
    const added = this.#added;
    this.#added = {};
    this.#written = this.#written
      .then(async () => {
        const record = merged(await readMeasured(this.store, [this.service]), added);
        await this.store.put(measuredKey(this.service), Buffer.from(JSON.stringify(record)));
      })
      .catch((error: unknown) =>
        this.log.warn({ err: error }, "could not store the costs of parts; estimates are less exact"),
      );
  }
}

/** Measured costs of these services' parts; a missing or unreadable record counts as empty. */
export async function readMeasured(store: Store, services: readonly string[]): Promise<MeasuredRecord> {
  const records = await Promise.all(
    services.map((service) =>
      readBytes(store, measuredKey(service))
        .then(parseRecord)
        .catch((thrown: unknown): MeasuredRecord => {
          const error = toPolyreelError(thrown);
          if (error.code === "unavailable") throw error;
          return {};
        }),
    ),
  );
  return records.reduce(merged, {});
}

import type { Running } from "@polyreel/platform";
import type { Log } from "@polyreel/platform/runtime";
import type { Records } from "@polyreel/platform/stream";

/** Received files, and their bytes. */
export interface Uploaded {
  readonly files: number;
  readonly bytes: number;
}

const NONE: Uploaded = { files: 0, bytes: 0 };
/** A kill loses the count of this time. */
const WRITE_AFTER_MS = 2000;

/** Counts by day of the month: "30". */
type Days = Readonly<Record<string, Uploaded>>;

/** What tenants uploaded, by day, in records that all gateways share: one for each tenant and month. */
export class UploadLedger implements Running {
  readonly #pending = new Map<string, { readonly tenant: string; readonly day: string; added: Uploaded }>();
  #timer: NodeJS.Timeout | undefined;
  #writing = Promise.resolve();

  constructor(
    private readonly records: Records,
    private readonly log: Log,
  ) {}

  /** Counts later: uploads do not wait for it, nor for the broker to be there. */
  note(tenant: string, day: string, added: Uploaded): void {
    const key = `${tenant} ${day}`;
    const before = this.#pending.get(key);
    this.#pending.set(key, { tenant, day, added: sum(before?.added ?? NONE, added) });
    this.#timer ??= setTimeout(() => void this.#write(), WRITE_AFTER_MS).unref();
  }

  /** Counts at once, if `check` does not throw for what the day has. */
  async add(tenant: string, day: string, added: Uploaded, check: (present: Uploaded) => void): Promise<void> {
    await this.records.change(nameOf(tenant, day), (text) => {
      const days = daysIn(text);
      const present = days[dayIn(day)] ?? NONE;
      check(sum(present, this.#pending.get(`${tenant} ${day}`)?.added ?? NONE));
      return JSON.stringify({ ...days, [dayIn(day)]: sum(present, added) });
    });
  }

  /** On a day, "2026-11-30". */
  async onDay(tenant: string, day: string): Promise<Uploaded> {
    await this.#write();
    return daysIn(await this.records.read(nameOf(tenant, day)))[dayIn(day)] ?? NONE;
  }

  /** In a month, "2026-11". */
  async inMonth(tenant: string, month: string): Promise<Uploaded> {
    await this.#write();
    const days = daysIn(await this.records.read(nameOf(tenant, month)));
    return Object.values(days).reduce(sum, NONE);
  }

  async close(): Promise<void> {
    await this.#write();
    clearTimeout(this.#timer);
  }

  /** Writes what was noted. What cannot be written waits for the next time. */
  #write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const noted = [...this.#pending.values()];
    this.#pending.clear();
    this.#writing = this.#writing.then(async () => {
      for (const { tenant, day, added } of noted) {
        await this.add(tenant, day, added, () => {}).catch((error: unknown) => {
          this.log.warn({ err: error, tenant }, "could not count uploads; trying again");
          this.note(tenant, day, added);
        });
      }
    });
    return this.#writing;
  }
}

const sum = (a: Uploaded, b: Uploaded): Uploaded => ({ files: a.files + b.files, bytes: a.bytes + b.bytes });
const monthIn = (day: string): string => day.slice(0, "2026-11".length);
const dayIn = (day: string): string => day.slice("2026-11-".length);
const nameOf = (tenant: string, day: string): string => `uploads.${tenant}.${monthIn(day)}`;
const daysIn = (text: string | undefined): Days => (text === undefined ? {} : (JSON.parse(text) as Days));

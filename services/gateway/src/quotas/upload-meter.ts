import { dayOf } from "../usage/calendar.js";
import type { StoredBytes } from "../usage/stored-bytes.js";
import type { UploadLedger } from "../usage/upload-ledger.js";
import type { Admission } from "./admission.js";
import { assertFits } from "./assert-fits.js";
import type { Quotas } from "./quotas.js";
import type { TenantQuotas } from "./tenant-quotas.js";

/** Bytes whose number nobody announced are reserved in such steps. */
const STEP_BYTES = 16 * 1024 ** 2;

interface Deps {
  readonly quotas: Quotas;
  readonly ledger: UploadLedger;
  readonly storedBytes: StoredBytes;
  readonly admission: Pick<Admission, "reservedBy">;
}

/** An upload as it begins. */
interface Begun {
  readonly tenant: string;
  /** Undefined if it is unknown. */
  readonly sizeBytes?: number | undefined;
  /** Field of the request that announces the size, for errors. */
  readonly field: string;
}

/**
 * Counts what tenants upload, and refuses what their quotas have no room for: before it is read, if its size is announced,
 * otherwise as it arrives. Where a tenant has no such quota, counting delays nothing.
 */
export class UploadMeter {
  constructor(private readonly deps: Deps) {}

  /** Throws PolyreelError `exhausted` for an upload that would be too much now. Reserves nothing. */
  async assertRoom({ tenant, sizeBytes = 1, field }: Begun): Promise<void> {
    const quotas = await this.#quotasOf(tenant);
    if (!quotas) return;
    await this.#assertStored(quotas, { tenant, sizeBytes, field });
    const { bytes } = await this.deps.ledger.onDay(tenant, dayOf(new Date()));
    assertFits(daily(quotas), { used: { uploadBytesPerDay: bytes } }, asked(tenant, sizeBytes, field), new Date());
  }

  /** Counts a whole upload whose bytes do not pass here. Throws PolyreelError `exhausted`. */
  async count(tenant: string, sizeBytes: number, field: string): Promise<void> {
    const quotas = await this.#quotasOf(tenant);
    if (quotas) await this.#reserve(quotas, { tenant, sizeBytes, field }, dayOf(new Date()));
    else this.deps.ledger.note(tenant, dayOf(new Date()), { files: 0, bytes: sizeBytes });
  }

  /** Counts a file that arrived. */
  countFile(tenant: string): void {
    this.deps.ledger.note(tenant, dayOf(new Date()), { files: 1, bytes: 0 });
  }

  /** Gives back bytes that were counted and will not arrive. */
  giveBack(tenant: string, bytes: number, countedAt: Date): void {
    this.deps.ledger.note(tenant, dayOf(countedAt), { files: 0, bytes: -bytes });
  }

  /** The bytes of an upload, or of a piece of one, counted as they pass. Throws PolyreelError `exhausted`. */
  async *counted(
    bytes: AsyncIterable<Uint8Array>,
    { tenant, sizeBytes = 0, field }: Begun,
  ): AsyncGenerator<Uint8Array> {
    const quotas = await this.#quotasOf(tenant);
    const day = dayOf(new Date());
    let [reserved, received] = [0, 0];
    const reserve = async (more: number) => {
      if (quotas) await this.#reserve(quotas, { tenant, sizeBytes: more, field }, day);
      reserved += quotas ? more : 0;
    };
    try {
      if (sizeBytes > 0) await reserve(sizeBytes);
      for await (const chunk of bytes) {
        received += chunk.byteLength;
        const missing = received - reserved;
        // The last bytes of a quota are no whole step.
        if (quotas && missing > 0) await reserve(Math.max(STEP_BYTES, missing)).catch(() => reserve(missing));
        yield chunk;
      }
    } finally {
      if (received !== reserved) this.deps.ledger.note(tenant, day, { files: 0, bytes: received - reserved });
    }
  }

  async #reserve(quotas: TenantQuotas, begun: Begun & { readonly sizeBytes: number }, day: string): Promise<void> {
    const { tenant, sizeBytes, field } = begun;
    await this.#assertStored(quotas, begun);
    await this.deps.ledger.add(tenant, day, { files: 0, bytes: sizeBytes }, ({ bytes }) =>
      assertFits(daily(quotas), { used: { uploadBytesPerDay: bytes } }, asked(tenant, sizeBytes, field), new Date()),
    );
  }

  async #assertStored(
    { storedBytes: limit }: TenantQuotas,
    { tenant, sizeBytes, field }: Begun & { readonly sizeBytes: number },
  ): Promise<void> {
    if (limit === undefined) return;
    const { bytes } = await this.deps.storedBytes.of(tenant);
    const reserved = (await this.deps.admission.reservedBy(tenant))?.storedBytes ?? 0;
    const standing = { used: { storedBytes: bytes }, reserved: { storedBytes: reserved } };
    assertFits({ storedBytes: limit }, standing, { tenant, adds: { storedBytes: sizeBytes }, field }, new Date());
  }

  /** Undefined if none of its quotas concerns uploads. */
  async #quotasOf(tenant: string): Promise<TenantQuotas | undefined> {
    const quotas = await this.deps.quotas.of(tenant);
    return quotas.uploadBytesPerDay === undefined && quotas.storedBytes === undefined ? undefined : quotas;
  }
}

const daily = ({ uploadBytesPerDay }: TenantQuotas): TenantQuotas =>
  uploadBytesPerDay === undefined ? {} : { uploadBytesPerDay };

const asked = (tenant: string, bytes: number, field: string) => ({ tenant, adds: { uploadBytesPerDay: bytes }, field });

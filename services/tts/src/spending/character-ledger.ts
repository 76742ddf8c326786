import { FailureCode } from "@polyreel/contract";
import { PolyreelError } from "@polyreel/platform";
import { type BlobStore, speechSpentPrefix } from "@polyreel/platform/blobs";
import { quote } from "@polyreel/spec";
import pLimit from "p-limit";

/** Characters that a tenant's lines may use with one provider; may be infinite. */
export interface CharacterLimits {
  readonly charactersPerBatch: number;
  /** In a calendar month (UTC). */
  readonly charactersPerMonth: number;
}

/** A request that a provider may charge for. */
export interface Spending {
  readonly provider: string;
  readonly batchId: string;
  /** Of the line's part. */
  readonly hash: string;
  readonly characters: number;
}

/** Other speech services spend, too: what they did is known after this time. */
const FRESH_MS = 30_000;
const MONTH = "2026-01".length;

/** What a month's keys say. */
interface Month {
  readonly name: string;
  readonly readAt: number;
  /** By provider. */
  readonly all: Map<string, number>;
  /** By provider and batch. */
  readonly batches: Map<string, number>;
}

/**
 * Counts the characters that providers may have charged a tenant for, in its store: one key for each request, written
 * before it is sent. So a killed service has counted too many rather than too few.
 */
export class CharacterLedger {
  /** A request that is not written yet must not be missed by the next. */
  readonly #inTurn = pLimit(1);
  #month: Month | undefined;
  #requests = 0;

  constructor(
    private readonly store: Pick<BlobStore, "put" | "remove" | "list">,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * Counts a request, and returns what takes it back: for one that was refused. Throws PolyreelError `precondition` if it would
   * exceed a limit.
   */
  reserve(spending: Spending, limits: CharacterLimits): Promise<() => Promise<void>> {
    return this.#inTurn(() => this.#reserve(spending, limits));
  }

  async #reserve(spending: Spending, limits: CharacterLimits): Promise<() => Promise<void>> {
    const month = await this.#current();
    const { provider, batchId, hash, characters } = spending;
    const inBatch = (month.batches.get(keyOf(spending)) ?? 0) + characters;
    const inMonth = (month.all.get(provider) ?? 0) + characters;
    if (inBatch > limits.charactersPerBatch) throw tooMany(spending, "batch", limits.charactersPerBatch);
    if (inMonth > limits.charactersPerMonth) throw tooMany(spending, "month", limits.charactersPerMonth);
    const unique = `${process.pid}-${this.now()}-${++this.#requests}`;
    const key = `${speechSpentPrefix(month.name)}${provider}/${batchId}/${hash}-${unique}.${characters}`;
    await this.store.put(key, new Uint8Array());
    add(month, provider, batchId, characters);
    return async () => {
      add(month, provider, batchId, -characters);
      await this.store.remove([key]);
    };
  }

  async #current(): Promise<Month> {
    const name = new Date(this.now()).toISOString().slice(0, MONTH);
    if (this.#month?.name !== name || this.now() - this.#month.readAt >= FRESH_MS) this.#month = await this.#read(name);
    return this.#month;
  }

  async #read(name: string): Promise<Month> {
    const month: Month = { name, readAt: this.now(), all: new Map(), batches: new Map() };
    const prefix = speechSpentPrefix(name);
    for await (const { key } of this.store.list(prefix)) {
      const [provider = "", batchId = "", request = ""] = key.slice(prefix.length).split("/");
      add(month, provider, batchId, Number(/\.(\d+)$/.exec(request)?.[1] ?? 0));
    }
    return month;
  }
}

const keyOf = ({ provider, batchId }: Pick<Spending, "provider" | "batchId">): string => `${provider}/${batchId}`;

function add({ all, batches }: Month, provider: string, batchId: string, characters: number): void {
  const key = keyOf({ provider, batchId });
  all.set(provider, (all.get(provider) ?? 0) + characters);
  batches.set(key, (batches.get(key) ?? 0) + characters);
}

const tooMany = ({ provider, characters }: Spending, of: "batch" | "month", limit: number): PolyreelError =>
  new PolyreelError("precondition", {
    code: FailureCode.RESOURCE_EXHAUSTED,
    reason:
      of === "batch"
        ? `With the ${count(characters)} characters of this line, the batch would use more than the ${count(limit)} that the voice provider ${quote(provider)} may speak for one batch.`
        : `With the ${count(characters)} characters of this line, this month's batches would use more than the ${count(limit)} that the voice provider ${quote(provider)} may speak for this tenant in a month.`,
    remedy: `Use fewer or shorter lines; \`polyreel estimate\` counts them. The operator sets the limit (${of === "batch" ? "charactersPerBatch" : "charactersPerMonth"}).`,
  });

const count = (number: number): string => number.toLocaleString("en-US");

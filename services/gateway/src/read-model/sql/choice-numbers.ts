import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { type Chosen, ChosenSchema } from "@polyreel/contract";
import type { Kysely } from "kysely";
import type { Tables } from "./tables.js";
import { upsert, upserts } from "./upsert.js";

/**
 * Numbers for the choices of a batch's combinations, so that a combination stores a few small numbers. Assigned as
 * choices become known, by the holder of the checkpoint; a number never changes.
 */
export class ChoiceNumbers {
  readonly #byNumber: Chosen[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #unsaved: number[] = [];

  constructor(private readonly batchId: string) {}

  chosen(number: number): Chosen {
    const chosen = this.#byNumber[number];
    if (!chosen) throw new Error(`Choice ${number} of batch ${this.batchId} is not known.`);
    return chosen;
  }

  /** By number. */
  all(): readonly Chosen[] {
    return this.#byNumber;
  }

  has(number: number): boolean {
    return this.#byNumber[number] !== undefined;
  }

  /** Undefined for a choice without a known combination. */
  find({ block, choice }: Pick<Chosen, "block" | "choice">): number | undefined {
    return this.#numbers.get(keyOf(block, choice));
  }

  /** The choice's number; assigns the next one if it has none. */
  take(chosen: Chosen): number {
    const known = this.find(chosen);
    if (known !== undefined) return known;
    const number = this.#byNumber.length;
    this.#add(number, chosen);
    this.#unsaved.push(number);
    return number;
  }

  /** Loads those that are not cached yet. */
  async load(db: Kysely<Tables>): Promise<void> {
    const rows = await db
      .selectFrom("choices")
      .select(["number", "chosen"])
      .where("batch_id", "=", this.batchId)
      .where("number", ">=", this.#byNumber.length)
      .orderBy("number")
      .execute();
    for (const { number, chosen } of rows) this.#add(number, fromBinary(ChosenSchema, chosen));
  }

  async save(db: Kysely<Tables>): Promise<void> {
    const rows = this.#unsaved.map((number) => ({
      batch_id: this.batchId,
      number,
      chosen: Buffer.from(toBinary(ChosenSchema, this.chosen(number))).toString("base64"),
    }));
    await upsert(db, upserts.choices, rows);
    this.#unsaved.length = 0;
  }

  #add(number: number, chosen: Chosen): void {
    this.#byNumber[number] = chosen;
    this.#numbers.set(keyOf(chosen.block, chosen.choice), number);
  }
}

const keyOf = (block: string, choice: string): string => `${block}\0${choice}`;

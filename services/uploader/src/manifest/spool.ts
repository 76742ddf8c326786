import { randomUUID } from "node:crypto";
import { type FileHandle, open, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ManifestRow } from "@polyreel/spec/rows";
import type { Outcome, Step } from "./outcome.js";

/** Prefix of its files' names, until they are unlinked. */
const PREFIX = "polyreel-manifest-";

/** Within an attempt the furthest step counts: a delivered file exists even if a failure was published, too. */
const RANK: Record<Step, number> = { planned: 0, failed: 1, rejected: 2, delivered: 3 };
const STEPS = 4;
/** Size of a write. */
const BATCH_BYTES = 256 * 1024;
/** Size of a read. */
const WINDOW_BYTES = 64 * 1024;

/**
 * Collects rows in any order, and returns them in the batch's order. Rows are in a file, so that a million of them take
 * only the memory of their positions. The file is unlinked at once: it disappears with the process in any case.
 */
export class RowSpool implements AsyncDisposable {
  readonly #file: FileHandle;
  /** By row; plain numbers, because objects would take several times the memory. */
  readonly #positions: number[] = [];
  readonly #lengths: number[] = [];
  readonly #priorities: number[] = [];
  #count = 0;
  #position = 0;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #window = { start: 0, bytes: Buffer.alloc(0) };

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /**
   * Removes files of processes that were killed before they unlinked them; harmless for a process that is just doing
   * so.
   */
  static async removeLeft(): Promise<void> {
    for (const entry of await readdir(tmpdir(), { withFileTypes: true })) {
      if (entry.isFile() && entry.name.startsWith(PREFIX)) await rm(join(tmpdir(), entry.name), { force: true });
    }
  }

  static async open(): Promise<RowSpool> {
    const path = join(tmpdir(), `${PREFIX}${randomUUID()}`);
    const file = await open(path, "wx+", 0o600);
    await rm(path, { force: true });
    return new RowSpool(file);
  }

  /** Number of rows. */
  get count(): number {
    return this.#count;
  }

  /** Adds an outcome. The newest attempt counts, and within it the furthest step. */
  async add({ position, attempt, step, row }: Outcome): Promise<void> {
    const priority = attempt * STEPS + RANK[step];
    const known = this.#priorities[position];
    if (known !== undefined && priority <= known) return;
    if (known === undefined) this.#count++;
    const bytes = Buffer.from(JSON.stringify(row));
    this.#priorities[position] = priority;
    this.#positions[position] = this.#position;
    this.#lengths[position] = bytes.length;
    this.#position += bytes.length;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= BATCH_BYTES) await this.#flush();
  }

  /** All rows, in the batch's order. */
  async *rows(): AsyncGenerator<ManifestRow> {
    await this.#flush();
    for (let row = 0; row < this.#lengths.length; row++) {
      const length = this.#lengths[row];
      if (length === undefined) continue; // It has no outcome.
      const bytes = await this.#read(this.#positions[row] ?? 0, length);
      yield JSON.parse(bytes.toString()) as ManifestRow;
    }
  }

  /** Rows are added roughly in order, so that a read often includes the next rows. */
  async #read(position: number, length: number): Promise<Buffer> {
    const { start, bytes } = this.#window;
    if (position < start || position + length > start + bytes.length) {
      const wanted = Buffer.allocUnsafe(Math.max(length, WINDOW_BYTES));
      const { bytesRead } = await this.#file.read(wanted, 0, wanted.length, position);
      this.#window = { start: position, bytes: wanted.subarray(0, bytesRead) };
    }
    const from = position - this.#window.start;
    return this.#window.bytes.subarray(from, from + length);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
  }

  async #flush(): Promise<void> {
    if (this.#pendingBytes === 0) return;
    this.#window = { start: 0, bytes: Buffer.alloc(0) };
    const bytes = Buffer.concat(this.#pending, this.#pendingBytes);
    this.#pending = [];
    this.#pendingBytes = 0;
    await this.#file.appendFile(bytes);
  }
}

import { randomUUID } from "node:crypto";
import { posix } from "node:path";
import { PolyreelError, toPolyreelError } from "@polyreel/platform";
import type { S3Prefix, WriteCondition } from "@polyreel/platform/s3";
import type { Place, PutOptions } from "../destination.js";
import { ownerKey } from "../receipt.js";
import type { Source } from "../source.js";
import { currentReceipt, type FoundObject, findObject, takeOver } from "./find-object.js";
import { objectHeaders } from "./object-headers.js";
import { fingerprint, newReceipt, type ObjectReceipt, receiptHeaders } from "./object-receipt.js";
import { removeObject } from "./remove-object.js";
import { bodiesOf, type MeasuredSource, measure } from "./source-bodies.js";
import type { SubfolderMarks } from "./subfolder-marks.js";
import { recorded } from "./unfinished-uploads.js";

/** Attempts while other programs keep writing the object. */
const MAX_TRIES = 5;

/** A file to be delivered. */
interface Wanted {
  readonly place: Place;
  /** Relative to the destination. */
  readonly path: string;
  readonly source: Source;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Writes objects: a HEAD, and a conditional write for a new or changed one. The metadata identify the owner and the content, so
 * a process finds the object of a predecessor that died after the server accepted it.
 */
export class ObjectWriter {
  constructor(
    private readonly objects: S3Prefix,
    private readonly marks: SubfolderMarks,
  ) {}

  /** `path`: a valid one. Throws like `Destination.put`. */
  async put(source: Source, place: Place, path: string, options: PutOptions): Promise<void> {
    const { fence } = options;
    const wanted = { place, path, source, headers: objectHeaders(source.contentType, place.settings) };
    const { batchId, owner } = place;
    await fence?.();
    await this.#write(wanted, options);
    await fence?.().catch(async (error: unknown) => {
      // Only for a deleted batch: if another batch has its id by now, the object may belong to that one.
      if (toPolyreelError(error).code === "not_found") {
        const own = ownerKey(owner);
        await removeObject(this.objects, path, (one) => one.ownerKey === own && one.batchId === batchId);
      }
      throw error;
    });
  }

  async #write(wanted: Wanted, options: PutOptions): Promise<void> {
    const { place, path, source } = wanted;
    const { signal } = options;
    let measured: MeasuredSource | undefined;
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const found = await findObject(this.objects, path, signal);
      if (source.content !== undefined && (await this.#isDelivered(wanted, found, source.content, signal))) return;
      assertReplaceable(wanted, found, this.objects);
      if (!found) await this.objects.assertBucket({ signal });
      measured ??= await measure(source, this.objects.partBytes, signal);
      if (source.content === undefined && (await this.#isDelivered(wanted, found, measured.content, signal))) return;
      await this.marks.ensure(place, posix.dirname(place.fileName), signal);
      if (await this.#upload(wanted, measured, found, options)) return;
    }
    throw new PolyreelError("unavailable", {
      reason: `Another program keeps writing ${this.objects.uriOf(path)}.`,
      remedy: "Configure that program to write under another prefix.",
    });
  }

  /** Whether the owner's object exists with this content and these settings. Writes at most its receipt. */
  async #isDelivered(
    wanted: Wanted,
    found: FoundObject | undefined,
    content: string,
    signal: AbortSignal,
  ): Promise<boolean> {
    const own = receiptOf(wanted, content);
    const { receipt } = found ?? {};
    if (!found || receipt?.ownerKey !== own.ownerKey) return false;
    if (receipt.content !== own.content || receipt.settings !== own.settings) return false;
    if (receipt.batchId === own.batchId) {
      const current = await currentReceipt(this.objects, found, signal);
      if (current?.batchId === own.batchId) return true;
    }
    await takeOver(this.objects, found, own, signal);
    return true;
  }

  /** Returns whether the object was written: false if another one has replaced the found one. */
  async #upload(
    wanted: Wanted,
    { content, body }: MeasuredSource,
    found: FoundObject | undefined,
    { fence, signal }: PutOptions,
  ): Promise<boolean> {
    const { path, place, source, headers } = wanted;
    const condition: WriteCondition = found ? { "if-match": found.etag } : { "if-none-match": "*" };
    const write = {
      writeId: randomUUID(),
      headers: { ...headers, ...receiptHeaders(receiptOf(wanted, content), path) },
      condition,
      check: async () => fence?.(),
      signal,
    };
    if (body) return this.objects.write(path, body, write);
    return recorded(this.objects, { ...place, path }, signal, (onLeftover) =>
      this.objects.write(path, bodiesOf(source, this.objects.partBytes, signal), { ...write, onLeftover }),
    );
  }
}

const receiptOf = ({ place, headers }: Wanted, content: string): ObjectReceipt =>
  newReceipt({ ...place, content, settings: fingerprint(JSON.stringify(Object.entries(headers).sort())) });

/** Throws PolyreelError `conflict` for a foreign object that may not be overwritten. */
function assertReplaceable({ place, path }: Wanted, found: FoundObject | undefined, objects: S3Prefix): void {
  if (!found || place.overwrite || found.receipt?.ownerKey === ownerKey(place.owner)) return;
  const { name } = found.receipt ?? {};
  const origin = name ? `batch ${JSON.stringify(name)} delivered it` : "another program or user wrote it";
  throw new PolyreelError("conflict", {
    reason: `The existing ${place.fileName} in ${objects.uriOf(posix.dirname(path))} does not belong to this batch: ${origin}.`,
    remedy:
      "Choose another prefix or another naming, or overwrite it with --overwrite, or `overwrite: true` of the destination.",
  });
}

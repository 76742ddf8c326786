import { PolyreelError } from "../../errors.js";
import { SharedWork } from "../../flow/shared-work.js";
import { assertKnownFormat, FORMAT } from "../../format.js";
import { describeS3 } from "./s3-address.js";
import { bodyOf } from "./s3-body.js";
import type { S3Client } from "./s3-client.js";

/** Identifies the store and states its format, as in a folder. Hidden: no key begins with a dot. */
const FORMAT_OBJECT = ".format";
/** How long a store that was found counts as present: otherwise each missing key would cost a second request. */
const FOUND_MS = 5_000;
const NEVER = new AbortController().signal;

/**
 * Checks the presence of the store by the object that states its format: a bucket that was emptied, or replaced by another
 * one of the same name, must not be mistaken for an empty store.
 */
export class S3Presence {
  /** When the last request that found the store was sent. */
  #foundAt = Number.NEGATIVE_INFINITY;
  readonly #checks = new SharedWork<number | undefined>();

  constructor(private readonly client: S3Client) {}

  /** The stated format; undefined if the bucket contains no store. Throws if the bucket cannot be read. */
  async formatOf(signal: AbortSignal | undefined): Promise<number | undefined> {
    const { client } = this;
    const sentAt = performance.now();
    const response = await client.open({ method: "GET", object: this.#object }, { accept: [404], signal });
    if (response.statusCode === 404) return undefined;
    let stated = "";
    for await (const chunk of client.bytesOf(response, signal)) stated += chunk.toString();
    this.#foundAt = sentAt;
    return Number.parseInt(stated, 10) || FORMAT;
  }

  /** Creates a store in the bucket if there is none; throws PolyreelError `precondition` if a later release created it. */
  async establish(signal: AbortSignal | undefined): Promise<void> {
    const { client } = this;
    const stated = await this.formatOf(signal);
    const instead = "give another bucket or prefix, where sources and parts are made anew";
    if (stated !== undefined) return assertKnownFormat(stated, `The store in ${describeS3(client.address)}`, instead);
    const headers = { "if-none-match": "*" };
    const request = { method: "PUT", object: this.#object, headers, body: bodyOf(`${FORMAT}\n`) } as const;
    const sentAt = performance.now();
    await client.call(request, { accept: [412], signal }); // Another process was faster.
    this.#foundAt = sentAt;
  }

  /** `since`: a time of `performance.now()`; an earlier check does not count. */
  async assertThere(
    signal: AbortSignal | undefined,
    { since = performance.now() - FOUND_MS }: { since?: number } = {},
  ): Promise<void> {
    while (this.#foundAt < since) {
      const format = await this.#checks.do("format", signal ?? NEVER, (wanted) => this.formatOf(wanted));
      if (format === undefined) throw this.#missing();
    }
  }

  #missing(): PolyreelError {
    return new PolyreelError("unavailable", {
      reason: `The store in ${describeS3(this.client.address)} cannot be used: its object ${FORMAT_OBJECT} is missing.`,
      remedy: "Restore the bucket's objects, or restart the services, which start an empty store.",
    });
  }

  get #object(): string {
    return this.client.address.prefix + FORMAT_OBJECT;
  }
}

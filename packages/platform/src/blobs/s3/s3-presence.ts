import { PolyreelError } from "../../errors.js";
import { assertKnownFormat, FORMAT } from "../../format.js";
import { describeS3 } from "./s3-address.js";
import { bodyOf } from "./s3-body.js";
import type { S3Client } from "./s3-client.js";

/** Names the store and states its format, as in a folder. It is hidden: no key begins with a dot. */
const FORMAT_OBJECT = ".format";
/** So long a store that was found counts as there: each missing key would else cost a second request. */
const FOUND_MS = 5_000;

/**
 * Whether the store is there, by the object that states its format. A bucket that was emptied, or replaced by another one of
 * its name, must not be taken for an empty store.
 */
export class S3Presence {
  #foundAt = Number.NEGATIVE_INFINITY;

  constructor(private readonly client: S3Client) {}

  /** The stated format; undefined where there is no store in the bucket. Throws where the bucket can't be read. */
  async formatOf(signal: AbortSignal | undefined): Promise<number | undefined> {
    const { client } = this;
    const response = await client.open({ method: "GET", object: this.#object }, { accept: [404], signal });
    if (response.statusCode === 404) return undefined;
    let stated = "";
    for await (const chunk of client.bytesOf(response, signal)) stated += chunk.toString();
    this.#foundAt = performance.now();
    return Number.parseInt(stated, 10) || FORMAT;
  }

  /** Makes a store in the bucket where there is none; throws PolyreelError `precondition` for a later release's. */
  async establish(signal: AbortSignal | undefined): Promise<void> {
    const { client } = this;
    const stated = await this.formatOf(signal);
    const instead = "give another bucket or prefix, where sources and parts are made anew";
    if (stated !== undefined) return assertKnownFormat(stated, `The store in ${describeS3(client.address)}`, instead);
    const headers = { "if-none-match": "*" };
    const request = { method: "PUT", object: this.#object, headers, body: bodyOf(`${FORMAT}\n`) } as const;
    await client.call(request, { accept: [412], signal }); // another process was faster
    this.#foundAt = performance.now();
  }

  async assertThere(signal: AbortSignal | undefined, { now = false } = {}): Promise<void> {
    if (!now && performance.now() - this.#foundAt < FOUND_MS) return;
    if ((await this.formatOf(signal)) !== undefined) return;
    throw new PolyreelError("unavailable", {
      reason: `The store in ${describeS3(this.client.address)} cannot be used: its object ${FORMAT_OBJECT} is missing.`,
      remedy: "Bring the bucket's objects back; or restart the services, which start an empty store.",
    });
  }

  get #object(): string {
    return this.client.address.prefix + FORMAT_OBJECT;
  }
}

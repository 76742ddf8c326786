import type { Batch } from "@polyreel/contract";
import { readSpecification } from "@polyreel/pipeline";
import { PolyreelError } from "@polyreel/platform";
import { LRUCache } from "lru-cache";
import { type Standing, standingOf } from "../../read-model/named-batches.js";
import type { KnownBatch } from "../../read-model/read-model.js";
import type { RestDeps } from "../deps.js";
import type { RestCall } from "../rest-call.js";
import { type JobKind, kindOfName } from "./job-name.js";
import { OPERATION_NAMES, type OperationName } from "./operations.js";
import { OPERATIONS_KEY } from "./submit-job.js";

/** A job: a batch of one input. */
export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  readonly batch: KnownBatch;
  readonly standing: Standing;
  /** SHA-256 of its file. */
  readonly mediaId: string;
  readonly fileName: string;
  readonly operations: readonly OperationName[];
  /** Of its input. */
  readonly metadata: Readonly<Record<string, string>>;
}

/** Some kilobytes each. */
const SPECIFICATIONS = 10_000;

type Recorded = Pick<Job, "mediaId" | "fileName" | "operations" | "metadata">;

/** Finds jobs among the batches. All that is known of one is in its batch; nothing else is kept. */
export class Jobs {
  readonly #recorded = new LRUCache<string, Recorded>({ max: SPECIFICATIONS });

  constructor(private readonly deps: Pick<RestDeps, "model" | "tenants">) {}

  /** Throws PolyreelError `not_found`, in the same words for jobs of other tenants, other batches and deleted jobs. */
  async find(id: string, call: RestCall, kind?: JobKind): Promise<Job> {
    await this.deps.model.reached(0);
    const batch = await this.deps.model.batch(id, call.scope);
    const job = batch && (await this.of(batch));
    if (!job || (kind !== undefined && job.kind !== kind)) throw noSuch(kind === "video" ? "video" : "job", id);
    return job;
  }

  /** Undefined for a batch that is no job, or is being deleted. */
  async of(batch: KnownBatch): Promise<Job | undefined> {
    const { name, tenant, batchId: id } = batch.status;
    const kind = kindOfName(name);
    const standing = standingOf(batch.status);
    if (!kind || !standing) return undefined;
    const key = `${id} ${batch.specSha256}`;
    const recorded = this.#recorded.get(key) ?? (await this.#read(tenant, id, batch.specSha256));
    if (!recorded) return undefined;
    this.#recorded.set(key, recorded);
    return { id, kind, batch, standing, ...recorded };
  }

  /** Undefined if its specification is no job's, or was removed just now. */
  async #read(tenant: string, batchId: string, specSha256: string): Promise<Recorded | undefined> {
    try {
      return recordedIn(await readSpecification(this.deps.tenants.of(tenant).store, { batchId, specSha256 }));
    } catch (error) {
      if (error instanceof PolyreelError && error.code === "not_found") return undefined;
      throw error;
    }
  }
}

function recordedIn({ blocks: [block] }: Batch): Recorded | undefined {
  const input = block?.kind.case === "input" ? block.kind.value.choices[0] : undefined;
  if (input?.source?.location.case !== "sha256") return undefined;
  const { [OPERATIONS_KEY]: names = "", ...metadata } = input.metadata;
  return {
    mediaId: input.source.location.value,
    fileName: input.source.name,
    operations: names.split(" ").flatMap((name) => OPERATION_NAMES.find((known) => known === name) ?? []),
    metadata,
  };
}

export const noSuch = (what: "job" | "video" | "file", id: string): PolyreelError =>
  new PolyreelError("not_found", {
    reason: `There is no ${what} ${JSON.stringify(id.slice(0, 100))}.`,
    remedy: {
      job: "POST /jobs answers with the id of the job that it accepted.",
      video: "POST /videos/upload answers with the id of the video, GET /videos lists them.",
      file: "Upload it: POST /media or POST /upload answers with its id.",
    }[what],
  });

import { create } from "@bufbuild/protobuf";
import { type BatchStatus, SubmitBatchRequestSchema } from "@polyreel/contract";
import type { Call } from "../../call/call.js";
import type { MediaFacts } from "../media/media-facts.js";
import type { RestCall } from "../rest-call.js";
import { type JobKind, jobName } from "./job-name.js";
import type { LiveJobs } from "./live-jobs.js";
import type { Mark } from "./named-mark.js";
import { type OperationName, outputsFor } from "./operations.js";

export interface NewJob {
  readonly kind: JobKind;
  readonly mediaId: string;
  readonly facts: MediaFacts;
  readonly operations: readonly OperationName[];
  /** Drawn by the operation watermark. */
  readonly mark?: Mark | undefined;
  /** Of the uploaded file, for the names of results. */
  readonly fileName: string;
  readonly title: string;
  /** Further metadata of the input. */
  readonly metadata: Readonly<Record<string, string>>;
}

export type SubmitJob = (job: NewJob, call: RestCall) => Promise<BatchStatus>;

interface Deps {
  readonly submit: (request: ReturnType<typeof requestOf>, call: Call) => Promise<BatchStatus>;
  readonly live: LiveJobs;
}

/** Submits a job as a batch. Throws a Refusal of 429 if too many of the tenant's have not ended. */
export function submitJob({ submit, live }: Deps): SubmitJob {
  return async (job, call) => {
    await live.admit(call);
    return submit(requestOf(job, call.tenant), { ...call, principal: { kind: "local" } });
  };
}

/** Metadata that records the job, beside the client's. */
export const OPERATIONS_KEY = "operations";

function requestOf(job: NewJob, tenant: string) {
  const { kind, mediaId, facts, operations, mark, fileName, title, metadata } = job;
  const location = { case: "sha256" as const, value: mediaId };
  const input = {
    label: labelOf(fileName) || mediaId.slice(0, 12),
    source: { name: fileName || mediaId.slice(0, 12), location },
    metadata: { ...metadata, [OPERATIONS_KEY]: operations.join(" ") },
  };
  const outputs = outputsFor(operations, facts, mark);
  return create(SubmitBatchRequestSchema, {
    batch: { tenant, name: jobName(kind, mediaId, title), inputs: [input], outputs },
  });
}

/** A file's name without its extension. */
const labelOf = (fileName: string): string => fileName.replace(/\.[A-Za-z0-9]{1,5}$/, "").trim();

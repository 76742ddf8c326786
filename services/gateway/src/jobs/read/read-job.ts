import { create, toBinary } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, type Source, SourceSchema, SubmitBatchRequestSchema } from "@polyreel/contract";
import { parseBatchFile, type SourceUse } from "@polyreel/spec/batch-file";
import type { RequestCheck } from "../../server/validate.js";
import { batchOfFile, endings } from "./file-batch.js";
import type { Found, JobText, ReadJob } from "./job.js";
import { type JobFields, JobRefusal, readJobFields } from "./job-fields.js";

/**
 * Reads and checks a job's message: as far as its keys, if they were not looked for yet, else to the batch to submit. A
 * batch is the document that `polyreel render` reads, as JSON or as YAML in a text.
 */
export function readJob({ bytes, tenant, output, found }: JobText, check: RequestCheck): ReadJob {
  try {
    const job = readJobFields(bytes);
    const { batch, sources } = batchOf(job, output);
    const keys = [...new Set(sources.map(({ path }) => path))].filter((key) => !found.has(key));
    if (keys.length > 0) return { kind: "keys", jobId: job.jobId, keys };
    for (const { path, message } of sources) message.location = locationOf(path, found.get(path));
    batch.tenant ||= tenant;
    const { failures } = check(SubmitBatchRequestSchema, create(SubmitBatchRequestSchema, { batch }));
    const [failure] = failures;
    if (failure) return { kind: "refused", jobId: job.jobId, failure };
    return { kind: "batch", jobId: job.jobId, batch: toBinary(BatchSchema, batch) };
  } catch (error) {
    if (error instanceof JobRefusal) return { kind: "refused", jobId: error.jobId, failure: error.failure };
    throw error;
  }
}

interface JobBatch {
  readonly batch: Batch;
  /** Sources by key. */
  readonly sources: readonly SourceUse[];
}

function batchOf({ jobId, work }: JobFields, output: string): JobBatch {
  return work.kind === "batch" ? parsed(jobId, work.batch) : ofFile(jobId, work, output);
}

function parsed(jobId: string, given: unknown): JobBatch {
  const text = typeof given === "string" ? given : JSON.stringify(given);
  const { batchFile, problems } = parseBatchFile("batch", text);
  if (batchFile) return batchFile;
  const { what = "The batch cannot be read.", where = {}, remedy = "" } = problems[0] ?? {};
  const { field = "", block = "", choice = "" } = where;
  throw new JobRefusal(jobId, { field: field || "batch", block, choice, reason: what, remedy });
}

type FileWork = Extract<JobFields["work"], { kind: "file" }>;

function ofFile(jobId: string, { inputKey, outputKey }: FileWork, output: string): JobBatch {
  const refusal = (reason: string, remedy: string) =>
    new JobRefusal(jobId, { field: "output_key", block: "", choice: "", reason, remedy });
  if (/[{}]/.test(outputKey)) throw refusal("A key has no braces.", "Give the exact path of the output.");
  const batch = batchOfFile(outputKey, output);
  const source = batch?.inputs[0]?.source;
  if (!batch || !source)
    throw refusal(
      "No operation on a file as it is gives an output of this name.",
      `End it in ${endings()}. Or give a "batch".`,
    );
  const location = addressOf(inputKey);
  if (!location) return { batch, sources: [{ path: inputKey, message: source }] };
  source.location = location;
  return { batch, sources: [] };
}

/** An input that is no key below the place of inputs: the hash of a source, or an address. */
function addressOf(inputKey: string): Source["location"] | undefined {
  if (/^[0-9a-f]{64}$/.test(inputKey)) return { case: "sha256", value: inputKey };
  return /^(https?:|s3:\/\/)/i.test(inputKey) ? { case: "url", value: inputKey } : undefined;
}

/** The end of a key distinguishes files best. */
function locationOf(key: string, found: Found | undefined): Source["location"] {
  if (found && "sha256" in found) return { case: "sha256", value: found.sha256 };
  const reason = found?.unreadable ?? "It was not looked for.";
  return create(SourceSchema, {
    location: { case: "unreadable", value: `${JSON.stringify(key.slice(-500))}: ${reason}` },
  }).location;
}

import type { RefusedField } from "./job.js";

/** Of a job's id, so that its batch's request id is one. */
const MAX_ID_LENGTH = 180;
const MAX_KEY_LENGTH = 500;

/** A job's message as fields. */
export interface JobFields {
  readonly jobId: string;
  readonly work:
    | { readonly kind: "batch"; readonly batch: unknown }
    | { readonly kind: "file"; readonly inputKey: string; readonly outputKey: string };
}

type Fields = Readonly<Record<string, unknown>>;

/** Why a message is no job; with its id if that can be read. */
export class JobRefusal extends Error {
  constructor(
    readonly jobId: string | undefined,
    readonly failure: RefusedField,
  ) {
    super(failure.reason);
  }
}

const KNOWN = ["job_id", "batch", "input_key", "output_key", "transcode_options"];

/** Reads the fields of a job. Throws JobRefusal. */
export function readJobFields(bytes: Uint8Array): JobFields {
  const fields = parse(bytes);
  const jobId = idOf(fields);
  const refuse = (field: string, reason: string, remedy = ""): never => {
    throw new JobRefusal(jobId, { field, block: "", choice: "", reason, remedy });
  };
  const unknown = Object.keys(fields).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) {
    refuse(unknown.slice(0, 80), "A job has no such field.", `Its fields are ${KNOWN.join(", ")}.`);
  }
  if (fields.transcode_options !== undefined && fields.transcode_options !== "") {
    refuse(
      "transcode_options",
      "Pipelines of GStreamer are not run yet.",
      'Leave it out: the ending of "output_key" chooses the operation. Or give a "batch".',
    );
  }
  if (fields.batch !== undefined) {
    const other = ["input_key", "output_key"].find((name) => fields[name] !== undefined);
    if (other)
      refuse(other, 'A job with a "batch" has no keys: its sources and outputs are in the batch.', "Leave it out.");
    return { jobId, work: { kind: "batch", batch: fields.batch } };
  }
  const key = (name: "input_key" | "output_key"): string => {
    const value = fields[name];
    if (typeof value === "string" && value !== "" && value.length <= MAX_KEY_LENGTH && isText(value)) return value;
    return refuse(
      name,
      value === undefined ? `The job has neither a "batch" nor an "${name}".` : "This is no key.",
      `Give a text of up to ${MAX_KEY_LENGTH} characters.`,
    );
  };
  return { jobId, work: { kind: "file", inputKey: key("input_key"), outputKey: key("output_key") } };
}

function parse(bytes: Uint8Array): Fields {
  const refusal = (reason: string) =>
    new JobRefusal(undefined, {
      ...{ field: "", block: "", choice: "", reason },
      remedy: 'Send JSON in UTF-8, like {"job_id": "job1", "batch": {...}}.',
    });
  try {
    const parsed: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return parsed as Fields;
  } catch {
    throw refusal("The message is no JSON.");
  }
  throw refusal("The message is no JSON object.");
}

function idOf({ job_id: id }: Fields): string {
  if (typeof id === "string" && id !== "" && id.length <= MAX_ID_LENGTH && isText(id)) return id;
  throw new JobRefusal(undefined, {
    ...{ field: "job_id", block: "", choice: "" },
    reason: id === undefined ? "The job has no id." : "This is no id of a job.",
    remedy: `Give a text of up to ${MAX_ID_LENGTH} characters, without control characters.`,
  });
}

/** Whole characters, none of them a control character. */
const isText = (text: string): boolean => !/[\p{Cc}\p{Surrogate}]/u.test(text);

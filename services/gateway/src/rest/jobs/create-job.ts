import { PolyreelError } from "@polyreel/platform";
import type { RestDeps } from "../deps.js";
import { uploadedFile } from "../media/uploaded-file.js";
import type { RestCall } from "../rest-call.js";
import { metadataJobId } from "./job-name.js";
import { type MarkFields, namedMark } from "./named-mark.js";
import { assertApplies, isMarked, METADATA, type OperationName } from "./operations.js";
import type { SubmitJob } from "./submit-job.js";

/** Both dialects' bodies: one file with several operations, or with one. */
export interface JobBody extends MarkFields {
  readonly media_id?: string;
  readonly operations?: readonly OperationName[];
  readonly file_id?: string;
  readonly operation?: OperationName;
}

/** Creates a job; returns its id. Refused at once if an operation does not exist or is not for such media. */
export async function createJob(
  { deps, submit }: { readonly deps: RestDeps; readonly submit: SubmitJob },
  body: JobBody,
  call: RestCall,
): Promise<string> {
  const { media_id, file_id, operations, operation } = body;
  if (media_id !== undefined && file_id !== undefined) throw twoFiles();
  const mediaId = media_id ?? file_id ?? "";
  const names = media_id === undefined ? [operation].flatMap((one) => one ?? []) : (operations ?? []);
  const fieldOf = (i: number) => (media_id === undefined ? "operation" : `operations[${i}]`);
  const { facts, fileName } = await uploadedFile(deps, mediaId, call);
  for (const [i, name] of names.entries()) assertApplies(name, facts, fieldOf(i));
  const mark = await namedMark(body, names.some(isMarked), deps, call);
  if (names.every((name) => name === METADATA)) return metadataJobId(mediaId);
  const named = { kind: "media" as const, fileName, title: names.join(" "), metadata: {} };
  return (await submit({ ...named, mediaId, facts, operations: names, mark }, call)).batchId;
}

const twoFiles = () =>
  new PolyreelError("invalid", {
    field: "file_id",
    reason: "The body names two files.",
    remedy: "Give media_id and operations, or file_id and operation.",
  });

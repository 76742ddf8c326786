import { create } from "@bufbuild/protobuf";
import { timestampDate } from "@bufbuild/protobuf/wkt";
import { CombinationState, type Failure, GetCombinationRequestSchema, type OutputStatus } from "@polyreel/contract";
import { getCombination } from "../../batches/get-combination.js";
import { BY_ORDINAL } from "../../read-model/combination-order.js";
import type { Standing } from "../../read-model/named-batches.js";
import type { RestDeps } from "../deps.js";
import type { RestCall } from "../rest-call.js";
import type { Job } from "./find-job.js";
import { METADATA, type OperationName, outputName } from "./operations.js";

/** The result of one operation of a job. */
export interface JobResult {
  readonly operation: OperationName;
  readonly standing: Standing;
  /** If completed: path of its file below the uploader's folder. */
  readonly path?: string;
  /** If completed: path at which gateways serve it. */
  readonly urlPath?: string;
  readonly sizeBytes?: number;
  readonly error?: string;
}

/** How far a job is. */
export interface JobProgress {
  /** Of its input, which is the batch's only combination; undefined until it is planned. */
  readonly combinationId: string | undefined;
  readonly percent: number;
  /** The first operation that has not ended. */
  readonly currentTask: OperationName | undefined;
  readonly results: readonly JobResult[];
  readonly error: string | undefined;
  readonly startedAt: Date | undefined;
  readonly completedAt: Date | undefined;
}

export async function jobProgress(deps: RestDeps, job: Job, call: RestCall): Promise<JobProgress> {
  const { scope } = call;
  const { status } = job.batch;
  const combination = await onlyCombination(deps, job, scope);
  const outputs = combination ? await outputsOf(deps, job, combination.status.id, call) : [];
  const results = job.operations.map((operation): JobResult => {
    const output = outputs.find(({ name }) => name === outputName(operation));
    const sizeBytes = combination?.status.outputs.find(({ name }) => name === output?.name)?.certificate?.sizeBytes;
    return resultOf(operation, job.standing, output, sizeBytes);
  });
  const live = job.standing === "pending" || job.standing === "processing";
  const percents = outputs.map(({ percent }) => percent);
  const failed = results.find(({ error }) => error !== undefined);
  return {
    combinationId: combination?.status.id,
    percent: job.standing === "completed" ? 100 : Math.floor(average(percents)),
    currentTask: live
      ? results.find(({ standing }) => standing === "pending" || standing === "processing")?.operation
      : undefined,
    results,
    error: job.standing === "failed" ? (failed?.error ?? "The job was cancelled.") : undefined,
    startedAt: status.submittedAt && timestampDate(status.submittedAt),
    completedAt: status.finishedAt && timestampDate(status.finishedAt),
  };
}

async function onlyCombination({ model }: RestDeps, { id }: Job, scope: RestCall["scope"]) {
  const query = { state: CombinationState.UNSPECIFIED, choices: [], order: BY_ORDINAL, after: undefined };
  const [found] = await model.combinations(id, { scope, ...query, limit: 1 });
  return found;
}

async function outputsOf(
  deps: RestDeps,
  { id: batchId }: Job,
  combinationId: string,
  call: RestCall,
): Promise<OutputStatus[]> {
  const request = create(GetCombinationRequestSchema, { batchId, combinationId });
  return (await getCombination(deps, request, call)).outputs;
}

function resultOf(
  operation: OperationName,
  standing: Standing,
  output: OutputStatus | undefined,
  sizeBytes: bigint | undefined,
): JobResult {
  if (operation === METADATA) return { operation, standing: "completed" };
  if (output?.state === CombinationState.DELIVERED) {
    const { path, urlPath } = output;
    return { operation, standing: "completed", path, urlPath, ...(sizeBytes && { sizeBytes: Number(sizeBytes) }) };
  }
  if (output?.state === CombinationState.FAILED)
    return { operation, standing: "failed", ...(output.failure && { error: textOf(output.failure) }) };
  return { operation, standing: standing === "completed" ? "processing" : standing };
}

const textOf = ({ reason, remedy }: Failure): string => [reason, remedy].filter((text) => text !== "").join(" ");

const average = (numbers: readonly number[]): number =>
  numbers.length === 0 ? 0 : numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

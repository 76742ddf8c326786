import { availableParallelism } from "node:os";
import { create } from "@bufbuild/protobuf";
import { type Batch, EstimateBatchRequestSchema, type Failure } from "@polyreel/contract";
import { createRequestCheck, openPresets, type RequestCheck } from "@polyreel/gateway";
import { type EstimateDeps, estimate, rememberedProbes } from "@polyreel/planning/estimate";
import { PolyreelError } from "@polyreel/platform";
import { findStore, sourceKey, tenantPrefix } from "@polyreel/platform/blobs";
import { DEFAULT_TENANT, dated, normalizeBatch } from "@polyreel/spec";
import type { BatchFile } from "@polyreel/spec/batch-file";
import { findPrograms } from "../embedded/programs.js";
import { exitCodes } from "../exit-codes.js";
import { ProblemsError } from "../problem.js";
import { fromFailure } from "../refusal.js";
import { bindSources } from "../sources/bind-sources.js";
import { storeConfig } from "../store/store-address.js";
import { localEngines } from "../voices/local-engines.js";
import type { Estimator } from "./estimator.js";
import { viewOfStore } from "./view-of-store.js";

/** Estimates in this process by the gateway's validation and the planner's planning, reading files where they are. */
export async function localEstimator(store: string, presetsFile: string): Promise<Estimator> {
  await findPrograms(["ffmpeg", "ffprobe"]);
  const presets = await openPresets(presetsFile);
  const check = createRequestCheck(presets);
  const engines = await localEngines();
  return async (batchFile, base, signal) => {
    const files = new Map<string, string>();
    const normalised = async (file: BatchFile): Promise<Batch> => {
      const prefix = tenantPrefix(file.batch.tenant || DEFAULT_TENANT);
      await bindSources(file, async ({ sha256, path }) => void files.set(prefix + sourceKey(sha256), path), signal);
      assertValid(file, check);
      return dated(normalizeBatch(file.batch, presets), new Date());
    };
    const request = { batch: await normalised(batchFile), ...(base && { base: await normalised(base) }) };
    const deps = {
      store: viewOfStore(await findStore(storeConfig(store)), files),
      earlier: noEarlierBatch,
      listVoices: (tenant: string) => engines.list(tenant),
      probesOf: rememberedProbes(availableParallelism(), { keep: false }),
      signal,
    };
    return estimate(create(EstimateBatchRequestSchema, request), deps).catch((error: unknown) => {
      throw error instanceof PolyreelError && error.code === "invalid" ? refusal([error.failure], batchFile) : error;
    });
  };
}

function assertValid(file: BatchFile, check: RequestCheck): void {
  const { failures } = check(EstimateBatchRequestSchema, create(EstimateBatchRequestSchema, { batch: file.batch }));
  if (failures.length > 0) throw refusal(failures, file);
}

/** The failures of a batch as problems, located in its file. */
function refusal(failures: readonly Failure[], file: BatchFile): ProblemsError {
  const problems = failures.map((failure) => {
    const problem = fromFailure(failure);
    return { ...problem, where: { ...file.locate(failure), ...problem.where } };
  });
  return new ProblemsError(problems, exitCodes.usage);
}

/** Parts of an earlier sample are found in the store; which combinations it had, only its server knows. */
const noEarlierBatch: EstimateDeps["earlier"] = async ({ continues }) => {
  if (!continues) return [];
  throw new PolyreelError("invalid", {
    field: "continues",
    reason: `Only the server that made batch ${JSON.stringify(continues)} knows what is left of it.`,
    remedy: "Ask that one with --server, or omit continues: identical parts are reused in any case.",
  });
};

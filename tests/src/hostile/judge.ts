import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type CombinationStatus, type DeliveryStatus, type Failure, FailureCode, joinOf } from "@polyreel/contract";
import { decodedFrameCount } from "@polyreel/media/testing";
import type { Pipeline } from "../testing/pipeline.js";
import { certificateProblem } from "./certificate-problem.js";

/** Result of a hostile file: a correct video, a clear refusal, or a description of what is wrong. */
export type Verdict = { readonly kind: "delivered" | "refused" } | { readonly kind: "wrong"; readonly what: string };

type Place = Pick<Pipeline, "folder" | "out">;

const wrong = (what: string): Verdict => ({ kind: "wrong", what });

/** Judges what became of a combination. */
export async function judge({ folder, out }: Place, one: CombinationStatus): Promise<Verdict> {
  if (one.failure) return judgeRefusal(one.failure, folder);
  if (!one.path || !one.certificate) return wrong("it neither was delivered nor failed");
  const path = join(out, one.path);
  const { size } = await stat(path);
  if (size !== Number(one.certificate.sizeBytes)) return wrong(`the video has ${size} bytes`);
  const joined = joinOf(one.certificate);
  if (!joined) return { kind: "delivered" };
  const frames = await decodedFrameCount(path);
  if (frames !== Number(joined.frames)) return wrong(`the video shows ${frames} frames`);
  return { kind: "delivered" };
}

/** Judges an output of an input: a file that decodes to what its certificate states, or a clear refusal. */
export async function judgeDelivery({ folder, out }: Place, one: DeliveryStatus): Promise<Verdict> {
  if (one.failure) return judgeRefusal(one.failure, folder);
  if (!one.path || !one.certificate) return wrong("it neither was delivered nor failed");
  const path = join(out, one.path);
  const { size } = await stat(path);
  if (size !== Number(one.certificate.sizeBytes)) return wrong(`the file has ${size} bytes`);
  const problem = await certificateProblem(path, one.certificate);
  return problem ? wrong(problem) : { kind: "delivered" };
}

/** A refusal is clear if it states whose fault it is, why, and the remedy, and reveals nothing of this machine. */
function judgeRefusal({ block, choice, reason, remedy, code }: Failure, folder: string): Verdict {
  if (code === FailureCode.INTERNAL) return wrong(`a file is not to blame for an internal error: ${reason}`);
  if (!block || !choice) return wrong(`the bad choice is not named: ${reason}`);
  if (!reason || !remedy || /inside Polyreel|in the service's log|begun \d+ times/.test(`${reason} ${remedy}`)) {
    return wrong(`reason or remedy is missing: ${reason} ${remedy}`);
  }
  if (`${reason} ${remedy}`.includes(folder)) return wrong(`paths of this machine are revealed: ${reason}`);
  return { kind: "refused" };
}

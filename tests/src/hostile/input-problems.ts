import { ImageFit, ImageFormat } from "@polyreel/contract";
import { endOf, labels, submit } from "../testing/batches.js";
import type { Pipeline } from "../testing/pipeline.js";
import type { HostileCase } from "./draw-case.js";
import { judge } from "./judge.js";

const SMALL = { format: ImageFormat.WEBP, width: 32, height: 32, fit: ImageFit.COVER };

/** Makes an image of each hostile still as an input; returns what is wrong with the results. */
export async function imageProblems(
  pipeline: Pipeline,
  cases: readonly HostileCase[],
  hashOf: (one: HostileCase) => string,
  withinSeconds: number,
): Promise<string[]> {
  const stills = cases.filter((one) => one.use === "still" && one.bytes.length > 0);
  if (stills.length === 0) return [];
  const inputs = stills.map((one) => ({
    label: one.label,
    source: { name: one.name, location: { case: "sha256" as const, value: hashOf(one) } },
  }));
  const outputs = [{ operation: { case: "image" as const, value: SMALL } }];
  const batchId = await submit(pipeline, { inputs, outputs });
  const { combinations } = await endOf(pipeline, batchId, { withinSeconds });
  const found: string[] = [];
  for (const one of stills) {
    const status = combinations.find((combination) => labels(combination) === one.label);
    const verdict = status && (await judge(pipeline, status));
    if (!verdict) found.push(`image of ${one.label}, ${one.how}: nothing came of it`);
    else if (verdict.kind === "wrong") found.push(`image of ${one.label}, ${one.how}: ${verdict.what}`);
  }
  return found;
}

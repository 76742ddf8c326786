import type { CombinationStatus, Output } from "@polyreel/contract";
import type { Random } from "../property/random.js";
import { combinationsOf, endOf, labels, submit } from "../testing/batches.js";
import type { Pipeline } from "../testing/pipeline.js";
import type { HostileCase } from "./draw-case.js";
import { drawOutputs } from "./draw-outputs.js";
import { judgeDelivery } from "./judge.js";

/** Each with outputs of its own. */
const BATCHES_OF_A_ROUND = 4;
const OUTPUTS_OF_A_BATCH = 3;

/** The hostile files as inputs of random operations: what is wrong with the results, and how many were delivered. */
export interface InputResults {
  readonly problems: readonly string[];
  readonly delivered: number;
  readonly refused: number;
  /** Batches that did not end in time. */
  readonly hangs: number;
}

/** Uses each hostile file as an input of operations with random settings. */
export async function processInputs(
  pipeline: Pipeline,
  cases: readonly HostileCase[],
  { hashOf, random, withinSeconds }: { hashOf: (one: HostileCase) => string; random: Random; withinSeconds: number },
): Promise<InputResults> {
  const media = cases.filter((one) => one.use !== "font" && one.bytes.length > 0);
  const groups = Array.from({ length: BATCHES_OF_A_ROUND }, (_, i) => ({
    members: media.filter((_one, at) => at % BATCHES_OF_A_ROUND === i),
    outputs: drawOutputs(random, OUTPUTS_OF_A_BATCH),
  }));
  const results = await Promise.all(
    groups.filter(({ members }) => members.length > 0).map((group) => runGroup(pipeline, group, hashOf, withinSeconds)),
  );
  const sum = (of: "delivered" | "refused" | "hangs") => results.reduce((all, one) => all + one[of], 0);
  return {
    problems: results.flatMap(({ problems }) => problems),
    ...{ delivered: sum("delivered"), refused: sum("refused"), hangs: sum("hangs") },
  };
}

interface Group {
  readonly members: readonly HostileCase[];
  readonly outputs: ReturnType<typeof drawOutputs>;
}

async function runGroup(
  pipeline: Pipeline,
  { members, outputs }: Group,
  hashOf: (one: HostileCase) => string,
  withinSeconds: number,
): Promise<InputResults> {
  const inputs = members.map((one) => ({
    label: one.label,
    source: { name: one.name, location: { case: "sha256" as const, value: hashOf(one) } },
  }));
  const batchId = await submit(pipeline, { inputs, outputs });
  let hangs = 0;
  const { combinations } = await endOf(pipeline, batchId, { withinSeconds }).catch(async () => {
    hangs++;
    return { combinations: await combinationsOf(pipeline, batchId) };
  });
  const results = { problems: [] as string[], delivered: 0, refused: 0, hangs };
  for (const one of members) {
    const status = combinations.find((combination) => labels(combination) === one.label);
    for (const [i, { operation }] of outputs.entries()) {
      const verdict = await verdictOf(pipeline, status, i);
      if (verdict.kind !== "wrong") results[verdict.kind]++;
      else results.problems.push(`${one.label}, ${one.how}, as ${describe(operation)}: ${verdict.what}`);
    }
  }
  return results;
}

const verdictOf = async (pipeline: Pipeline, status: CombinationStatus | undefined, delivery: number) => {
  const found = status?.outputs.find((one) => one.delivery === delivery);
  return found ? await judgeDelivery(pipeline, found) : ({ kind: "wrong", what: "nothing came of it" } as const);
};

/** With durations as seconds, such as `transcode {"width":64}`. */
const describe = (operation: Group["outputs"][number]["operation"] | Output["operation"]): string =>
  `${operation?.case} ${JSON.stringify(operation?.value, (_, value) => (typeof value === "bigint" ? Number(value) : value))}`;

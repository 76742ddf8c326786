import { join } from "node:path";
import {
  type Certificate,
  type ClipRecipe,
  type CombinationFailed,
  type JoinCertificate,
  joinOf,
  type SoundRecipe,
} from "@polyreel/contract";
import { runBatch } from "./batches.js";
import type { Pipeline } from "./pipeline.js";

/** A delivered combination, according to the facts. */
export interface RenderedOutput {
  readonly path: string;
  /** Labels by block. */
  readonly choices: Readonly<Record<string, string>>;
  readonly certificate: JoinCertificate & Pick<Certificate, "sizeBytes">;
  /** Its clips in order, by hash and recipe. */
  readonly clips: readonly { readonly hash: string; readonly recipe: ClipRecipe }[];
  /** Undefined if it has no sound. */
  readonly sound: SoundRecipe | undefined;
}

export interface RenderedBatch {
  readonly batchId: string;
  /** In the order of the batch. */
  readonly outputs: readonly RenderedOutput[];
  readonly failures: readonly CombinationFailed[];
}

/** Submits a batch and waits until all of it is delivered or has failed. */
export async function render(
  pipeline: Pipeline,
  batch: Parameters<typeof runBatch>[1],
  { withinSeconds = 120 } = {},
): Promise<RenderedBatch> {
  const { batchId, combinations, updates } = await runBatch(pipeline, batch, { withinSeconds });
  const clips = new Map<string, ClipRecipe>();
  const sounds = new Map<string, SoundRecipe>();
  for (const { update } of updates) {
    if (update.case !== "part" || update.value.event.case !== "requested") continue;
    const { hash, recipe } = update.value.event.value;
    if (recipe.case === "clip") clips.set(hash, recipe.value);
    if (recipe.case === "sound") sounds.set(hash, recipe.value);
  }
  const failures = updates.flatMap(({ update }) => (update.case === "combinationFailed" ? [update.value] : []));
  const planned = updates.flatMap(({ update }) =>
    update.case === "combinationPlanned" ? [update.value.combination] : [],
  );
  const outputs = combinations.flatMap(({ id, path, certificate }): RenderedOutput[] => {
    const combination = planned.find((one) => one?.id === id);
    const joined = joinOf(certificate);
    if (!combination || !path || !certificate || !joined) return [];
    return [
      {
        path: join(pipeline.out, path),
        choices: Object.fromEntries(combination.choices.map(({ block, choice }) => [block, choice])),
        certificate: { ...joined, sizeBytes: certificate.sizeBytes },
        clips: combination.clips.map(({ hash }) => ({ hash, recipe: clips.get(hash) as ClipRecipe })),
        sound: sounds.get(combination.soundHash),
      },
    ];
  });
  return { batchId, outputs, failures };
}

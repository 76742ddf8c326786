import type { EstimateBatchResponse, PartEstimate } from "@polyreel/contract";

/** An estimate as a plain object, for JSON. */
export function plainEstimate(estimate: EstimateBatchResponse): object {
  const { clips, voices, soundtracks } = estimate;
  return {
    combinations: Number(estimate.combinations),
    parts: { clips: plainParts(clips), voices: plainParts(voices), soundtracks: plainParts(soundtracks) },
    combinationSeconds: estimate.combinationSeconds,
    clipSeconds: estimate.clipSeconds,
    outputBytes: Number(estimate.outputBytes),
    predictedSeconds: estimate.predictedSeconds,
    saving: estimate.saving,
    unknown: estimate.unknown.map(({ block, choice, reason, remedy }) => ({ block, choice, reason, remedy })),
  };
}

function plainParts(parts: PartEstimate | undefined): object {
  const { distinct = 0n, there = 0n } = parts ?? {};
  return { distinct: Number(distinct), there: Number(there), toMake: Number(distinct - there) };
}

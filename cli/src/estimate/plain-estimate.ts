import type { EstimateBatchResponse, PartEstimate } from "@polyreel/contract";
import { plainFailure } from "@polyreel/spec/rows";
import { notMeasured } from "./basis.js";
import { scopeName } from "./scope-text.js";

/** An estimate as a plain object, for JSON. */
export function plainEstimate(estimate: EstimateBatchResponse): object {
  const { clips, voices, soundtracks, renditions } = estimate;
  return {
    combinations: Number(estimate.combinations),
    parts: {
      ...{ clips: plainParts(clips), voices: plainParts(voices), soundtracks: plainParts(soundtracks) },
      renditions: plainParts(renditions),
    },
    scopes: estimate.scopes.map(({ output, operation, scope, distinct, videos }) => ({
      ...{ output, operation, scope: scopeName(scope), distinct: Number(distinct), videos: Number(videos) },
    })),
    speech: estimate.speech.map(({ engine, characters, unspoken, charactersPerBatch }) => ({
      ...{ engine, characters: Number(characters), unspoken: Number(unspoken) },
      charactersPerBatch: Number(charactersPerBatch),
    })),
    combinationSeconds: estimate.combinationSeconds,
    clipSeconds: estimate.clipSeconds,
    outputBytes: Number(estimate.outputBytes),
    writtenBytes: Number(estimate.writtenBytes),
    storeBytes: Number(estimate.storeBytes),
    encodeCoreSeconds: estimate.encodeCoreSeconds,
    predictedSeconds: estimate.predictedSeconds,
    firstVideoSeconds: estimate.firstVideoSeconds,
    cores: estimate.cores,
    saving: estimate.saving,
    measuredCombinations: Number(estimate.measuredCombinations),
    notMeasured: notMeasured(estimate),
    drawn: Number(estimate.drawn),
    unknown: estimate.unknown.map(plainFailure),
    failing: Number(estimate.failing),
    failures: estimate.failures.map(({ failure, combinations, about }) => ({
      combinations: Number(combinations),
      about,
      ...(failure && plainFailure(failure)),
    })),
  };
}

function plainParts(parts: PartEstimate | undefined): object {
  const { distinct = 0n, there = 0n, measured = 0n, about = false } = parts ?? {};
  const toMake = Number(distinct - there);
  return { distinct: Number(distinct), there: Number(there), toMake, measured: Number(measured), about };
}

import { type Combination, type OutputPlan, Stage } from "@polyreel/contract";
import type { PartName } from "../read-model/read-model.js";

/** One step of the way to an output. */
export interface PlannedStep {
  readonly stage: Stage;
  /** The part's hash; of the layout and the delivery the combination's id. */
  readonly id: string;
  /** Of a clip: the choice that it comes from; empty otherwise. */
  readonly block: string;
  readonly choice: string;
  /** Which of the combination's steps of this stage it is, from 1, and how many there are. */
  readonly index: number;
  readonly count: number;
  /** The part that it makes; undefined for the layout and the delivery. */
  readonly part: PartName | undefined;
}

/**
 * The steps to an output of a combination: clips in their order, the soundtrack, the layout, the delivery. A picture waits for
 * no soundtrack, and for no clip behind those that it shows; sound alone for no clip, and subtitles for neither.
 */
export function stepsOf(combination: Combination, output: Pick<OutputPlan, "operation"> | undefined): PlannedStep[] {
  const { id } = combination;
  const { clips, soundHash } = partsOf(combination, output);
  const only = { block: "", choice: "", index: 1, count: 1 };
  const whole = (stage: Stage): PlannedStep => ({ ...only, stage, id, part: undefined });
  return [
    ...clips.map(({ hash, block, choice }, i) => ({
      ...{ stage: Stage.CLIP, id: hash, block, choice, index: i + 1, count: clips.length },
      part: { kind: "clip", hash } as const,
    })),
    ...(soundHash
      ? [{ ...only, stage: Stage.SOUND, id: soundHash, part: { kind: "sound", hash: soundHash } as const }]
      : []),
    whole(Stage.JOIN),
    whole(Stage.DELIVERY),
  ];
}

type Parts = Pick<Combination, "clips" | "soundHash">;

/** The parts that an output waits for; of an unknown one those of a video. */
function partsOf({ clips, soundHash }: Combination, output: Pick<OutputPlan, "operation"> | undefined): Parts {
  const operation = output?.operation;
  switch (operation?.case) {
    case "picture": {
      const { clips: count } = operation.value;
      return { clips: count > 0 ? clips.slice(0, count) : clips, soundHash: "" };
    }
    case "audio":
      return { clips: [], soundHash };
    case "subtitles":
    case "inputThumbnail":
    case "inputContactSheet":
      return { clips: [], soundHash: "" };
    case undefined:
      return { clips, soundHash };
  }
}

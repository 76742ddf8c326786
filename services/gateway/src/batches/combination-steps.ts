import { type Combination, Stage } from "@polyreel/contract";
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

/** The steps to a combination's video: its clips in their order, its soundtrack, the layout, the delivery. */
export function stepsOf({ id, clips, soundHash }: Combination): PlannedStep[] {
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

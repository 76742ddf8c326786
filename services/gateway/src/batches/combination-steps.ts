import { type Combination, type OutputPlan, Stage } from "@polyreel/contract";
import { partKinds, partsOfOutput } from "@polyreel/parts/kinds";
import type { PartName } from "../read-model/read-model.js";

/** A step towards an output. */
export interface PlannedStep {
  readonly stage: Stage;
  /** The part's hash; for the layout and the delivery the combination's id. */
  readonly id: string;
  /** For a clip: the choice it is made from; otherwise empty. */
  readonly block: string;
  readonly choice: string;
  /** Position among the combination's steps of this stage, from 1, and their number. */
  readonly index: number;
  readonly count: number;
  /** The part that it makes; undefined for the layout and the delivery. */
  readonly part: PartName | undefined;
}

/**
 * The steps of a combination's output: clips in order, the soundtrack, the layout, the delivery. A picture needs
 * neither the soundtrack nor clips after those that it shows; audio needs no clips, and subtitles need neither.
 */
export function stepsOf(combination: Combination, output: Pick<OutputPlan, "operation"> | undefined): PlannedStep[] {
  const { id } = combination;
  const { clips, soundHash } = partsOf(combination, output);
  const files = output ? partsOfOutput(output) : [];
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
    ...files.map((part, i) => ({
      ...{ ...only, stage: partKinds[part.kind].stage, id: part.hash, part },
      ...{ index: i + 1, count: files.length },
    })),
    whole(Stage.JOIN),
    whole(Stage.DELIVERY),
  ];
}

type Parts = Pick<Combination, "clips" | "soundHash">;

/** The parts that an output needs; those of a video if it is unknown. */
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
    case "image":
      return { clips: [], soundHash: "" };
    case "rendition":
    case undefined:
      return { clips, soundHash };
  }
}

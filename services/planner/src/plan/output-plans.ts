import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Batch,
  type ContactSheet,
  deliveriesOf,
  type Format,
  fileSuffixes,
  type Output,
  type OutputPlan,
  OutputPlanSchema,
  onlyDeliveries,
  type Target,
  type Thumbnail,
} from "@polyreel/contract";
import { secondsToFrames } from "@polyreel/media/clip/format.js";
import { secondsOf } from "./stretch.js";

/** What outputs of a combination are made of. */
interface Picture {
  /** File name of the combination, without extension. */
  readonly name: string;
  readonly frames: number;
  readonly format: Format;
}

/** Plans the outputs of a batch's combinations; pure. What all combinations share is made once. */
export class OutputPlanner {
  readonly #suffixes: readonly string[];
  readonly #targets: readonly (readonly Target[])[];

  constructor(
    private readonly batch: Batch,
    targets: readonly Target[],
  ) {
    this.#suffixes = fileSuffixes(batch.outputs);
    const deliveries = deliveriesOf(batch);
    this.#targets = batch.outputs.map((_, output) =>
      targets.filter(({ delivery }) => deliveries[delivery]?.output === output),
    );
  }

  /** Those with a delivery in the mask; 0n: all. */
  plans({ name, frames, format }: Picture, mask: bigint): OutputPlan[] {
    const plans = this.batch.outputs.map((output, number) =>
      create(OutputPlanSchema, {
        number,
        fileName: number === 0 ? "" : name + (this.#suffixes[number] ?? ""),
        targets: [...(this.#targets[number] ?? [])],
        ...operationOf(output, frames, format),
      }),
    );
    return mask === 0n ? plans : onlyDeliveries(plans, mask);
  }
}

type Operation = Pick<MessageInitShape<typeof OutputPlanSchema>, "operation">;

function operationOf({ operation }: Output, frames: number, format: Format): Operation {
  if (operation.case === "thumbnail") return thumbnailOf(operation.value, frames, format);
  if (operation.case === "sheet") return sheetOf(operation.value, frames);
  return {};
}

/** A time after the end of the video is its last frame. */
function thumbnailOf({ at, width, format: picture }: Thumbnail, frames: number, format: Format): Operation {
  const frame = Math.min(frames - 1, secondsToFrames(secondsOf(at), format));
  return { operation: { case: "picture", value: { frames: [frame], columns: 1, frameWidth: width, format: picture } } };
}

/** Each frame from the middle of its share, so that neither the first nor the last is black for a fade. */
function sheetOf({ columns, rows, width }: ContactSheet, frames: number): Operation {
  const count = columns * rows;
  const positions = Array.from({ length: count }, (_, i) =>
    Math.min(frames - 1, Math.floor(((i + 0.5) * frames) / count)),
  );
  return { operation: { case: "picture", value: { frames: positions, columns, frameWidth: width } } };
}

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  type Batch,
  type ContactSheet,
  type Format,
  type Output,
  type OutputPlan,
  OutputPlanSchema,
  onlyDeliveries,
  type Target,
  type Thumbnail,
} from "@polyreel/contract";
import { framesToSeconds } from "@polyreel/media/clip";
import { candidateFrames, frameOnScreen, framesAtIntervals, thumbnailMoment } from "@polyreel/media/operations";
import { PolyreelError } from "@polyreel/platform";
import { deliveriesOf, hasInputs } from "@polyreel/spec";
import type { Assembly } from "./assemble.js";
import type { ClipPart } from "./clips.js";
import type { FilePart } from "./file-part.js";
import { Subtitles } from "./subtitles.js";

/** What the outputs of a combination depend on. */
type Planned = Pick<Assembly, "fileNames" | "format" | "frames" | "spoken" | "files"> & {
  readonly clips: readonly Pick<ClipPart, "frames">[];
};

/** Plans the outputs of a batch's combinations; pure. What all combinations share is computed once. */
export class OutputPlanner {
  readonly #targets: readonly (readonly Target[])[];
  /** Of the first output if it is the joined video without subtitles, whose plan is the same for all combinations. */
  readonly #video: OutputPlan | undefined;
  readonly #subtitles: Subtitles;

  constructor(
    private readonly batch: Batch,
    targets: readonly Target[],
  ) {
    const deliveries = deliveriesOf(batch);
    this.#subtitles = new Subtitles(batch.outputs.filter(({ operation }) => operation.case === "subtitles").length);
    this.#targets = batch.outputs.map((_, output) =>
      targets.filter(({ delivery }) => deliveries[delivery]?.output === output),
    );
    const [first] = batch.outputs;
    this.#video =
      !hasInputs(batch) && (!first || isPlainVideo(first))
        ? create(OutputPlanSchema, { number: 0, targets: [...(this.#targets[0] ?? [])] })
        : undefined;
  }

  /** Those with a delivery in the mask; 0n: all. They must not be modified: combinations share some. */
  plans(planned: Planned, mask: bigint): OutputPlan[] {
    const plans = this.batch.outputs.map((output, number) =>
      number === 0 && this.#video ? this.#video : this.#plan(output, number, planned),
    );
    for (const { operation } of plans) {
      if (operation.case === "picture")
        operation.value.clips = clipsUpTo(Math.max(0, ...operation.value.frames), planned.clips);
    }
    return mask === 0n ? plans : onlyDeliveries(plans, mask);
  }

  #plan(output: Output, number: number, planned: Planned): OutputPlan {
    const file = planned.files[number];
    return create(OutputPlanSchema, {
      number,
      fileName: number === 0 ? "" : (planned.fileNames[number] ?? ""),
      targets: [...(this.#targets[number] ?? [])],
      ...(file ? operationOfFile(output, number, file) : this.#possible(output, number, planned)),
    });
  }

  /** Its operation, or why it cannot be made; then it has no frames. */
  #possible(output: Output, number: number, planned: Planned): Operation | Impossible {
    try {
      return this.#operationOf(output, planned);
    } catch (error) {
      if (!(error instanceof PolyreelError) || error.code !== "invalid") throw error;
      return impossible(output, number, error);
    }
  }

  #operationOf(output: Output, { frames, format, spoken }: Planned): Operation {
    if (!format) return ofInput(output);
    const { operation } = output;
    switch (operation.case) {
      case "thumbnail":
        return thumbnailOf(operation.value, frames, format);
      case "contactSheet":
        return sheetOf(operation.value, frames);
      case "subtitles": {
        const { format: file, language } = operation.value;
        const cues = this.#subtitles.of(spoken, framesToSeconds(frames, format), language);
        return { operation: { case: "subtitles", value: { format: file, cues } } };
      }
      case "audio":
      case "waveform": // Without sound, which fails as an audio does.
        return { operation: { case: "audio", value: {} } };
      case "transcode":
      case "compress":
      case "metadata":
      case "preview":
      case "storyboard":
      case "image":
        throw new PolyreelError("internal", `${operation.case} was planned without its part.`);
      case "mp4":
        if (!operation.value.subtitles) return {};
        return { subtitleTracks: this.#subtitles.tracks(spoken, framesToSeconds(frames, format)) };
      case undefined:
        return {};
    }
  }
}

const isPlainVideo = ({ operation }: Output): boolean =>
  operation.case === undefined || (operation.case === "mp4" && !operation.value.subtitles);

/** Number of clips up to the one that contains a frame. */
function clipsUpTo(frame: number, clips: readonly Pick<ClipPart, "frames">[]): number {
  let end = 0;
  const index = clips.findIndex((clip) => {
    end += clip.frames;
    return frame < end;
  });
  return index + 1;
}

type Operation = Pick<MessageInitShape<typeof OutputPlanSchema>, "operation" | "subtitleTracks">;

type Impossible = Pick<MessageInitShape<typeof OutputPlanSchema>, "operation" | "failure">;

function impossible({ operation }: Output, number: number, { failure }: PolyreelError): Impossible {
  const { field: setting, reason, remedy, code } = failure;
  const field = [`outputs[${number}]`, operation.case, setting].filter(Boolean).join(".");
  return { operation: { case: "picture", value: {} }, failure: { field, reason, remedy, code } };
}

/** An output whose file is a part. */
function operationOfFile(output: Output, number: number, file: FilePart): Operation | Impossible {
  if (file.kind === "refused") return impossible(output, number, file.error);
  const { operation } = output;
  if (file.kind !== "image") return { operation: { case: "rendition", value: file.plan } };
  if (operation.case !== "image") throw new PolyreelError("internal", `An image was planned as ${operation.case}.`);
  const { format, width, height, maxBytes } = operation.value;
  return { operation: { case: "image", value: { hash: file.hash, format, width, height, maxBytes } } };
}

/** As in the specification: the renderer reads the input. */
function ofInput({ operation }: Output): Operation {
  if (operation.case === "thumbnail") return { operation: { case: "inputThumbnail", value: operation.value } };
  if (operation.case === "contactSheet") return { operation: { case: "inputContactSheet", value: operation.value } };
  if (operation.case === "audio") return { operation: { case: "audio", value: {} } };
  throw new PolyreelError("internal", `An input was planned as ${operation.case}.`);
}

/** Throws PolyreelError `invalid` for a frame that the video does not have. */
function thumbnailOf(thumbnail: Thumbnail, frames: number, format: Format): Operation {
  const moment = thumbnailMoment(thumbnail, framesToSeconds(frames, format));
  const best = moment.kind === "best";
  const shown = best ? candidateFrames(moment, frames, format) : [frameOnScreen(moment.seconds, frames, format)];
  const { width, format: picture } = thumbnail;
  return {
    operation: { case: "picture", value: { frames: shown, columns: 1, frameWidth: width, format: picture, best } },
  };
}

function sheetOf({ columns, rows, width }: ContactSheet, frames: number): Operation {
  const shown = framesAtIntervals(columns * rows, frames);
  return { operation: { case: "picture", value: { frames: shown, columns, frameWidth: width } } };
}

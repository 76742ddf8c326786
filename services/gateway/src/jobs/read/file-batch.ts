import { create, type MessageInitShape } from "@bufbuild/protobuf";
import {
  AudioFormat,
  type Batch,
  BatchSchema,
  DestinationSchema,
  MediaContainer,
  type OutputSchema,
  PictureFormat,
  SourceSchema,
} from "@polyreel/contract";
import { extensionOf, parsePlaced } from "@polyreel/spec";

type Operation = NonNullable<MessageInitShape<typeof OutputSchema>["operation"]>;

const thumbnail = (format: PictureFormat): Operation => ({ case: "thumbnail", value: { format } });
const audio = (format: AudioFormat): Operation => ({ case: "audio", value: { format } });
/** What the container can hold is copied, the rest encoded. */
const transcode = (container: MediaContainer): Operation => ({ case: "transcode", value: { container } });

/** Operations on a file as it is, by the ending of the output's key. */
const OPERATIONS: Readonly<Record<string, Operation>> = {
  ".jpg": thumbnail(PictureFormat.JPEG),
  ".png": thumbnail(PictureFormat.PNG),
  ".webp": thumbnail(PictureFormat.WEBP),
  ".m4a": audio(AudioFormat.M4A),
  ".mp3": audio(AudioFormat.MP3),
  ".opus": audio(AudioFormat.OPUS),
  ".wav": audio(AudioFormat.WAV),
  ".flac": audio(AudioFormat.FLAC),
  ".mp4": transcode(MediaContainer.MP4),
  ".mov": transcode(MediaContainer.MOV),
  ".mkv": transcode(MediaContainer.MKV),
  ".webm": transcode(MediaContainer.WEBM),
  ".json": { case: "metadata", value: {} },
  ".sheet.jpg": { case: "contactSheet", value: {} },
};

export const endings = (): string => Object.keys(OPERATIONS).join(", ");

function operationFor(outputKey: string): Operation | undefined {
  const sheet = ".sheet.jpg";
  return OPERATIONS[outputKey.endsWith(sheet) ? sheet : extensionOf(outputKey)];
}

/**
 * The batch of a job on one file: one input, and one output under exactly that key. It has no name, so that a later job
 * may replace the file. Undefined if no operation gives a file of that ending.
 */
export function batchOfFile(outputKey: string, output: string): Batch | undefined {
  const operation = operationFor(outputKey);
  if (!operation) return undefined;
  const { destination, path } = parsePlaced(output);
  const to = [create(DestinationSchema, { kind: { case: "folder", value: { destination, path: path || "." } } })];
  return create(BatchSchema, {
    inputs: [{ label: "input", source: create(SourceSchema) }],
    outputs: [{ operation, as: outputKey, to }],
  });
}

import { create, type Message, type MessageInitShape, toBinary } from "@bufbuild/protobuf";
import {
  type Batch,
  type Block,
  CombinationDeliveredSchema,
  CombinationPlannedSchema,
  CombinationRenderedSchema,
  type Destination,
  factSubject,
  MediaContainer,
  OriginSchema,
  type Output,
  type OutputPlanSchema,
  outputUrlPath,
  PartRequestedSchema,
  Sound,
  SoundRecipeSchema,
  SoundRole,
  type SubtitleCueSchema,
  type SubtitleTrackSchema,
} from "@polyreel/contract";
import {
  choicesOf,
  deliveriesOf,
  fileSuffixes,
  folderOf,
  hasInputs,
  objectSettingsOf,
  renditionTypeOf,
  spokenLines,
  subtitleLanguages,
  writtenIn,
} from "@polyreel/spec";

/** A hash, a trace id, a batch's id: strings of constant length. */
const HASH = "0".repeat(64);
const TRACE = "0".repeat(32);
const BATCH_ID = "b".repeat(21);
/** Address of a folder in a configured destination: few are longer. */
const ADDRESS = "a".repeat(100);
const COMBINATION_ID = "c".repeat(12);
const ORDINAL = 1_000_000n;
const SAMPLES = 1_000_000n;
const MILLISECONDS = 1_000_000;
const FRAME = 1000;
const JOIN = {
  headerSha256: HASH,
  frames: 1000n,
  frameStep: 1000,
  timescale: 30_000,
  videoSeconds: 33,
  audioSeconds: 33,
  loudnessLufs: -16,
  truePeakDbtp: -2,
  predictedMinLufs: -20,
  predictedMaxLufs: -10,
};
/** No other operation has a longer one. */
const certificateOf = (subtitleTracks: readonly unknown[]) => ({
  sizeBytes: 10_000_000n,
  operation: { case: "join" as const, value: { ...JOIN, subtitleTracks: subtitleTracks.map(() => TRACK) } },
});
const TRACK = { language: "zh-Hant", cues: 100, startSeconds: 0.5, endSeconds: 33 };
type OutputPlanInit = Exclude<MessageInitShape<typeof OutputPlanSchema>, Message>;

/** Overhead of a message in the stream: its subject, headers (message id, type, trace) and the stream's own record. */
const AROUND_BYTES = factSubject("combination.rendered", BATCH_ID).length + 240;
/** Margin for what is not counted: clips and voices, which are few, and combinations with longer names than average. */
const MARGIN = 1.25;
/** The message of a ready part. */
const READY_BYTES = 120;

/**
 * Estimates the bytes of the event stream that the combinations of a normalised batch take: planned, rendered and
 * delivered facts, and soundtracks, of which each may need its own. An upper estimate: if the stream has room for it,
 * the batch fits. Pure.
 */
export function streamBytes(batch: Batch, combinations: number): number {
  const sounds = Math.min(combinations, distinctSounds(batch));
  return MARGIN * (combinations * combinationBytes(batch) + sounds * soundBytes(batch));
}

function combinationBytes(batch: Batch): number {
  const blocks = batch.blocks.map(averageOf);
  const choices = blocks.map(({ block, choice }) => ({ block, choice }));
  const metadata = Object.fromEntries(blocks.flatMap((block, i) => (block.metadata ? [[`${i}`, block.metadata]] : [])));
  const suffixes = fileSuffixes(batch.outputs);
  const name = choices.map(({ choice }) => choice).join("_");
  const files = batch.outputs.map(({ as }, output) => as || name + (suffixes[output] ?? ""));
  const fileName = files[0] ?? "";
  const clips = batch.blocks.flatMap(({ kind }, i) => (kind.case === "video" ? [{ hash: HASH, ...choices[i] }] : []));
  const ids = { batchId: BATCH_ID, tenant: batch.tenant, attempt: 1 };
  const made = hasInputs(batch)
    ? { input: { sha256: HASH, sourceName: choices[0]?.choice ?? "" } }
    : { clips, soundHash: HASH };
  const combination = { id: COMBINATION_ID, ordinal: ORDINAL, choices, fileName, metadata, ...made };
  const plans = batch.outputs.map(({ to, operation }, number) => ({
    number,
    fileName: number === 0 ? "" : (files[number] ?? ""),
    operation: plannedOperation(operation, batch),
    subtitleTracks: tracksOf(operation, batch),
    targets: to.map((destination, delivery) => ({ folder: BATCH_ID, delivery, ...settingsIn(destination) })),
  }));
  const planned = create(CombinationPlannedSchema, { ...ids, combination, outputs: plans });
  const rendered = plans.map((outputPlan) => {
    const certificate = certificateOf(outputPlan.subtitleTracks);
    return create(CombinationRenderedSchema, { ...ids, combination, certificate, outputPlan });
  });
  const mostTracks = plans.reduce<readonly unknown[]>(
    (most, { subtitleTracks: its }) => (its.length > most.length ? its : most),
    [],
  );
  const delivered = create(CombinationDeliveredSchema, {
    ...ids,
    combinationId: COMBINATION_ID,
    ordinal: ORDINAL,
    choices,
    path: `${BATCH_ID}/${fileName}`,
    location: isAddressed(batch) ? ADDRESS + fileName : "",
    urlPath: outputUrlPath(BATCH_ID, COMBINATION_ID, fileName),
    certificate: certificateOf(mostTracks),
    traceId: TRACE,
    metadata,
  });
  const deliveries = deliveriesOf(batch).length;
  const layouts = batch.approve ? 2 : 1; // An approval publishes them again.
  return (
    toBinary(CombinationPlannedSchema, planned).length +
    layouts * rendered.reduce((sum, one) => sum + toBinary(CombinationRenderedSchema, one).length, 0) +
    deliveries * toBinary(CombinationDeliveredSchema, delivered).length +
    (1 + layouts * plans.length + deliveries) * AROUND_BYTES
  );
}

const isAddressed = (batch: Batch): boolean =>
  deliveriesOf(batch).some(({ destination }) => folderOf(destination)?.destination);

function settingsIn(destination: Destination) {
  const object = objectSettingsOf(destination);
  return object && { object };
}

/** An output's operation as planned. */
function plannedOperation(operation: Output["operation"], batch: Batch): NonNullable<OutputPlanInit["operation"]> {
  const { case: kind, value } = operation;
  if (kind === "thumbnail") return { case: "picture", value: { frames: [FRAME] } };
  if (kind === "contactSheet")
    return { case: "picture", value: { frames: Array(value.columns * value.rows).fill(FRAME) } };
  if (kind === "subtitles") return { case: "subtitles", value: { cues: cuesOf(batch.blocks, value.language) } };
  if (kind === "image")
    return { case: "image", value: { hash: HASH, format: value.format, width: value.width, height: value.height } };
  const type = renditionTypeOf({ operation });
  if (type) {
    const clipHashes = kind === "transcode" ? batch.blocks.flatMap((block) => (isSeen(block) ? HASH : [])) : [];
    const tracks = { container: MediaContainer.WEBM, clipHashes, soundRenditionHash: HASH };
    const joined = clipHashes.length > 0 && { joined: tracks };
    return {
      case: "rendition",
      value: { hash: HASH, operation: kind ?? "", contentType: type.contentType, ...joined },
    };
  }
  return kind === "audio" ? { case: "audio", value: {} } : { case: undefined };
}

/** Average number of characters of a subtitle. */
const CUE_LETTERS = 30;

/** The subtitle tracks of an MP4. */
function tracksOf(operation: Output["operation"], { blocks }: Batch): MessageInitShape<typeof SubtitleTrackSchema>[] {
  if (operation.case !== "mp4") return [];
  const languages = subtitleLanguages({ operation }, blocks);
  return languages.map((language) => ({ language, cues: cuesOf(blocks, language) }));
}

function cuesOf(blocks: readonly Block[], language: string): MessageInitShape<typeof SubtitleCueSchema>[] {
  const letters = blocks.reduce((sum, { kind }) => {
    if (kind.case !== "voice") return sum;
    const { choices } = kind.value;
    const texts = choices.flatMap(spokenLines).map((line) => writtenIn(line, language));
    return sum + texts.reduce((all, text) => all + Buffer.byteLength(text), 0) / Math.max(1, choices.length);
  }, 0);
  const cue = { startMilliseconds: MILLISECONDS, endMilliseconds: MILLISECONDS, lines: ["x".repeat(CUE_LETTERS)] };
  return Array(Math.ceil(letters / CUE_LETTERS)).fill(cue);
}

/** A block's choice of average length. */
function averageOf(block: Block): { block: string; choice: string; metadata: string } {
  const choices = choicesOf(block);
  const filler = (lengthOf: (choice: (typeof choices)[number]) => number) =>
    "x".repeat(Math.ceil(choices.reduce((sum, choice) => sum + lengthOf(choice), 0) / Math.max(1, choices.length)));
  return {
    block: block.name,
    choice: filler(({ label }) => Buffer.byteLength(label)),
    metadata: filler(({ metadata }) => {
      const entries = Object.entries(metadata);
      return entries.reduce((sum, [key, value]) => sum + key.length + block.name.length + Buffer.byteLength(value), 0);
    }),
  };
}

const isSeen = ({ kind }: Block): boolean => kind.case === "video";

const isHeard = ({ kind }: Block): boolean =>
  kind.case === "audio" ||
  kind.case === "voice" ||
  (kind.case === "video" && kind.value.choices.some(({ sound }) => sound !== Sound.MUTED));

/**
 * Upper bound for the distinct soundtracks: one for each combination of audible choices, ignoring lengths of muted
 * video.
 */
const distinctSounds = ({ blocks }: Batch): number =>
  blocks.filter(isHeard).reduce((product, block) => product * choicesOf(block).length, 1);

function soundBytes({ blocks, tenant }: Batch): number {
  const heard = blocks.filter(isHeard).map(averageOf);
  const events = heard.map(() => ({
    input: { case: "sourceSha256" as const, value: HASH },
    role: SoundRole.CLIP,
    start: SAMPLES,
    samples: SAMPLES,
    fadeOut: SAMPLES,
  }));
  const requested = create(PartRequestedSchema, {
    batchId: BATCH_ID,
    tenant,
    attempt: 1,
    hash: HASH,
    recipe: { case: "sound", value: create(SoundRecipeSchema, { samples: SAMPLES, encoder: HASH, events }) },
    origins: heard.map(({ block, choice }) => create(OriginSchema, { block, choice, sourceName: choice })),
  });
  return toBinary(PartRequestedSchema, requested).length + READY_BYTES + 2 * AROUND_BYTES;
}

import {
  type Batch,
  type Block,
  type Canvas,
  type Output,
  Sound,
  type Transcode,
  type VoiceChoice,
  type VoiceLine,
} from "@polyreel/contract";
import { enlargementFault } from "../enlargement.js";
import { type Mistake, SpecError } from "../mistake.js";
import { operationOf } from "../operations.js";
import { sizeInSheet } from "../picture-size.js";
import { quote } from "../quote.js";
import { spokenLines, subtitleLanguages, writtenIn } from "../voice-lines.js";

/** Mistakes in the operations of a normalised batch's outputs: what no combination has, and pictures that are too large. */
export function checkOperations(batch: Batch): Mistake[] {
  const ofEach = batch.outputs.flatMap((output, i): Mistake[] => {
    const field = `outputs[${i}].${output.operation.case}`;
    if (output.operation.case === "image") return [{ field, ...ofBlocks(output) }];
    const { needs } = operationOf(output);
    if (needs.speech && !batch.blocks.some(speaks)) {
      return needs.clips
        ? [{ field: `${field}.subtitles`, ...withoutSubtitles(output) }]
        : [{ field, ...speechless(output) }];
    }
    const isAudio = needs.sound && !needs.clips;
    if (isAudio && !batch.blocks.some((block) => speaks(block) || mayBeAudible(block)))
      return [{ field, ...soundless(output) }];
    return checkPicture(output, field, batch);
  });
  return [...ofEach, ...checkSubtitles(batch)];
}

/** Limit for the subtitles of one combination in all its outputs: they are planned in one message of at most a megabyte. */
export const MAX_SUBTITLE_BYTES = 100_000;

function checkSubtitles({ outputs, blocks }: Batch): Mistake[] {
  const languages = outputs.map((output) => subtitleLanguages(output, blocks));
  const first = languages.findIndex(({ length }) => length > 0);
  const count = languages.filter(({ length }) => length > 0).length;
  const bytes = languages.flat().reduce((sum, language) => sum + longestSpeech(blocks, language), 0);
  if (bytes <= MAX_SUBTITLE_BYTES) return [];
  return [
    {
      field: `outputs[${first}].${outputs[first]?.operation.case === "mp4" ? "mp4.subtitles" : "subtitles"}`,
      reason: `A combination has up to ${bytes} bytes of subtitles, in ${count === 1 ? "one output" : `${count} outputs`} with them; ${MAX_SUBTITLE_BYTES} are possible in all.`,
      remedy: "Shorten the texts, or make subtitles of fewer formats and languages.",
    },
  ];
}

const longestSpeech = (blocks: readonly Block[], language: string): number =>
  blocks.reduce((sum, { kind }) => {
    if (kind.case !== "voice") return sum;
    return sum + kind.value.choices.reduce((longest, choice) => Math.max(longest, bytesOf(choice, language)), 0);
  }, 0);

const bytesOf = (choice: VoiceChoice, language: string): number =>
  spokenLines(choice).reduce((sum, line) => sum + Buffer.byteLength(writtenIn(line, language)), 0);

const speaks = ({ kind }: Block): boolean =>
  kind.case === "voice" && kind.value.choices.some((choice) => [choice, ...choice.next].some(isSpoken));

const isSpoken = ({ text, source }: Pick<VoiceLine, "text" | "source">): boolean =>
  text.trim() !== "" || source !== undefined;

/** Whether it may be audible: footage may turn out to be silent. */
function mayBeAudible({ kind }: Block): boolean {
  if (kind.case === "audio") return kind.value.choices.some(({ source }) => source !== undefined);
  if (kind.case !== "video") return false;
  return kind.value.choices.some(({ media, sound }) => media.case === "source" && sound !== Sound.MUTED);
}

function checkPicture({ operation }: Output, field: string, { canvas, canvases }: Batch): Mistake[] {
  const sizes = canvases.length > 0 ? canvases : canvas ? [canvas] : [];
  if (operation.case === "transcode") return checkSizes(operation.value, field, sizes);
  if (operation.case !== "thumbnail" && operation.case !== "contactSheet") return [];
  const { width } = operation.value;
  const { columns, rows } = operation.case === "contactSheet" ? operation.value : { columns: 1, rows: 1 };
  try {
    for (const one of sizes) sizeInSheet({ width, columns, count: columns * rows }, one);
    return [];
  } catch (error) {
    if (!(error instanceof SpecError)) throw error;
    const { reason, remedy } = error.mistakes[0];
    return [{ field: `${field}.width`, reason, remedy }];
  }
}

/** A transcode that no canvas allows: videos are as large as their canvas. */
function checkSizes(settings: Transcode, field: string, canvases: readonly Canvas[]): Mistake[] {
  const faults = canvases.map((canvas) => sizeFault(settings, canvas));
  const [first] = faults;
  return first && faults.every((fault) => fault !== undefined) ? [{ ...first, field: `${field}.${first.field}` }] : [];
}

function sizeFault(settings: Transcode, canvas: Canvas): Mistake | undefined {
  const { crop, rotate } = settings;
  const { width, height } = crop ?? canvas;
  return enlargementFault(rotate % 180 === 0 ? { width, height } : { width: height, height: width }, settings);
}

const ofBlocks = ({ name }: Output) => ({
  reason: `Output ${quote(name)} is image, which can be made of inputs only, not of blocks.`,
  remedy: "Make a thumbnail of the videos, or list images under inputs instead of blocks.",
});

const speechless = ({ name }: Output) => ({
  reason: `Output ${quote(name)} would be empty: no voice block of the batch has a text.`,
  remedy: "Add a voice block, or leave the output out.",
});

const withoutSubtitles = ({ name }: Output) => ({
  reason: `Output ${quote(name)} would have no subtitles: no voice block of the batch has a text.`,
  remedy: "Add a voice block, or leave subtitles out.",
});

const soundless = ({ name }: Output) => ({
  reason: `Output ${quote(name)} would be empty: all videos are muted or stills, and no voice or audio block is heard.`,
  remedy: "Keep the sound of a video, add a voice or an audio block, or leave the output out.",
});

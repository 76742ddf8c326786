import { createRequire } from "node:module";
import { toJson } from "@bufbuild/protobuf";
import { type TextOverlay, TextOverlaySchema } from "@polyreel/contract";
import { PolyreelError, sourceError } from "@polyreel/platform";
import { collectOutput, type RunEnding } from "@polyreel/platform/process";
import type { TextScene } from "../render-texts.js";
import type { DrawnText, FactMessage, Job } from "./job.js";

/** The compiled program: a child process cannot run the TypeScript sources. */
const PROGRAM = createRequire(import.meta.url).resolve("@polyreel/media/text/sandboxed/main.js");

/** CPU seconds. A start and a text take half a second; this allows for a machine twenty times slower. */
const START_PROCESSOR_SECONDS = 10;
/** CPU seconds per word of captions, which takes up to four pictures; normally some hundredths. */
const WORD_PROCESSOR_SECONDS = 1;
/** The machine may be busy. */
const DEADLINE_SECONDS = 1800;
const STALL_SECONDS = 120;
/** Limit of a picture: the largest canvas, uncompressed. */
const FILE_BYTES = 128 << 20;
const STDOUT_BYTES = 64 << 20;

const REMEDY = "Use another font, or save it again with a font editor.";

/**
 * Draws texts that use uploaded font files, as `writeTexts` does, in a separate program: fonts contain programs, and
 * tables that can trap parsers in loops. The effects are confined by `runConfined` and a limit of CPU time. Throws
 * PolyreelError as `renderTexts`, and `invalid` for a font that takes too long or crashes it.
 */
export async function drawSandboxed(
  texts: readonly TextOverlay[],
  { canvas, stretch, fontPath }: TextScene,
  { folder, signal }: { folder: string; signal: AbortSignal },
): Promise<DrawnText[]> {
  const hashes = [...new Set(texts.flatMap(({ fontSha256 }) => (fontSha256 ? [fontSha256] : [])))];
  const fonts = Object.fromEntries(
    await Promise.all(hashes.map(async (hash) => [hash, await fontPath(hash)] as const)),
  );
  const { width, height } = canvas;
  const json = texts.map((one) => toJson(TextOverlaySchema, one));
  const job: Job = { texts: json, canvas: { width, height }, stretch, fonts, folder };
  const words = texts.reduce((sum, one) => sum + one.words.length, 0);
  const ending = await collectOutput({
    program: process.execPath,
    args: [PROGRAM],
    stdin: JSON.stringify(job),
    signal,
    deadlineSeconds: DEADLINE_SECONDS,
    stallSeconds: STALL_SECONDS,
    remedies: { late: REMEDY, stalled: REMEDY },
    bounds: { fileBytes: FILE_BYTES, processorSeconds: START_PROCESSOR_SECONDS + words * WORD_PROCESSOR_SECONDS },
    maxStdoutBytes: STDOUT_BYTES,
    tooMuch: () => new PolyreelError("internal", "The program that draws texts produces endless output."),
  });
  if (ending.code !== 0) throw brokenBy(texts, ending);
  return ending.stdout.split("\n").filter(Boolean).map(drawnOf);
}

function drawnOf(line: string): DrawnText {
  const message = JSON.parse(line) as FactMessage;
  if ("drawn" in message) return message.drawn;
  const { code, failureCode, ...failure } = message.failed;
  throw new PolyreelError(code, { ...failure, code: failureCode });
}

/** Names the first of several fonts: it is unknown which one was to blame. */
function brokenBy(texts: readonly TextOverlay[], { code, signal, stderr }: RunEnding): PolyreelError {
  const cause = new Error(`The program that draws texts ended by ${signal ?? `code ${code}`}\n${stderr}`);
  const isExternal = signal === "SIGTERM" || signal === "SIGKILL" || signal === "SIGINT";
  if (isExternal) {
    const remedy = "Try again; if it repeats, see what ends it: a machine short of memory does.";
    return new PolyreelError(
      "unavailable",
      { reason: `The program that draws texts was ended by ${signal}.`, remedy },
      { cause, outage: false },
    );
  }
  const first = texts.findIndex(({ fontSha256 }) => fontSha256 !== "");
  const what =
    signal === "SIGXCPU"
      ? "takes too long to draw with"
      : "can't be drawn with: that crashes, or takes too much memory";
  const reason = `The font file ${texts[first]?.fontSha256.slice(0, 12)}… ${what}.`;
  return sourceError({ field: `texts[${first}]`, reason, remedy: REMEDY }, { cause });
}

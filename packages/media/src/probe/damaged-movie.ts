import { PolyreelError, sourceError } from "@polyreel/platform";
import { ProgramFailure } from "../ffmpeg/failure.js";
import { breaksOff } from "./breaks-off.js";
import type { FfprobeJson } from "./ffprobe-json.js";
import { type Findings, pictureStream } from "./parse.js";

const MOVIE = "mov";
/** What failure.ts has better words for. */
const BETTER_KNOWN = /moov atom not found|max_streams|whitelist/;

/**
 * What is wrong with an MP4 or MOV that ffprobe gave up on. undefined for other files, and where the end was not ffprobe's own.
 * Its tables tell where each picture lies: where they are wrong, ffmpeg fails in many ways, at the codec or for want of memory.
 */
export async function damagedMovie(error: unknown, path: string): Promise<PolyreelError | undefined> {
  if (!(error instanceof PolyreelError) || !(error.cause instanceof ProgramFailure)) return undefined;
  const { stderr, signal } = error.cause.ending;
  if (signal || !/\[mov,mp4.*error reading header/.test(stderr) || BETTER_KNOWN.test(stderr)) return undefined;
  if (await breaksOff(path, MOVIE)) {
    return incomplete(error);
  }
  return damaged("the tables that tell where its pictures and sound lie are wrong", error);
}

/**
 * Refuses an MP4 or MOV whose tables are not all there, of which no picture can be decoded, or whose codec has no name that could be one. Throws PolyreelError
 * `invalid`.
 */
export function refuseUndecodable(json: FfprobeJson, { pictures, breaksOff }: Findings): void {
  if (breaksOff === "index") throw incomplete(); // some of its tracks are missing
  const stream = pictureStream(json);
  if (!stream || !json.format?.format_name?.startsWith(MOVIE)) return;
  // ffprobe writes bytes that are no letters as numbers in brackets.
  if (!stream.codec_name && stream.codec_tag_string?.includes("[")) throw damaged("it has no name of a codec");
  if (stream.codec_name && pictures && pictures.firstSeconds === undefined) throw damaged("no picture can be decoded");
}

const incomplete = (cause?: unknown): PolyreelError =>
  sourceError(
    { reason: "The file is incomplete: it breaks off before its end.", remedy: "Fetch or export it again." },
    { cause },
  );

const damaged = (how: string, cause?: unknown): PolyreelError =>
  sourceError(
    { reason: `The file is damaged: ${how}.`, remedy: "Check that it plays, and fetch or export it again." },
    { cause },
  );

import { PolyreelError, sourceError } from "@polyreel/platform";
import { ProgramFailure } from "../ffmpeg/failure.js";
import { breaksOff } from "./breaks-off.js";
import { pictureStream } from "./chosen-streams.js";
import type { FfprobeJson } from "./ffprobe-json.js";
import type { Findings } from "./parse.js";

const MOVIE = "mov";
/** Errors that failure.ts explains better. */
const EXPLAINED_ELSEWHERE = /moov atom not found|max_streams|whitelist/;

/**
 * Explains why ffprobe failed on an MP4 or MOV. Undefined for other files, and if ffprobe did not exit by itself. These
 * files' tables locate each picture: if they are wrong, ffmpeg fails in many ways, such as in the codec or by
 * exhausting memory.
 */
export async function damagedMovie(error: unknown, path: string): Promise<PolyreelError | undefined> {
  if (!(error instanceof PolyreelError) || !(error.cause instanceof ProgramFailure)) return undefined;
  const { stderr, signal } = error.cause.ending;
  if (signal || !/\[mov,mp4.*error reading header/.test(stderr) || EXPLAINED_ELSEWHERE.test(stderr)) return undefined;
  if (await breaksOff(path, MOVIE)) {
    return incomplete(error);
  }
  return damaged("its tables of pictures and sound are wrong", error);
}

/**
 * Refuses an MP4 or MOV with incomplete tables, without a decodable picture, or with an impossible codec name. Throws
 * PolyreelError `invalid`.
 */
export function refuseUndecodable(json: FfprobeJson, { pictures, breaksOff }: Findings): void {
  if (breaksOff === "index") throw incomplete(); // Some of its tracks are missing.
  const stream = pictureStream(json);
  if (!stream || !json.format?.format_name?.startsWith(MOVIE)) return;
  // ffprobe prints bytes that are no letters as numbers in brackets.
  if (!stream.codec_name && stream.codec_tag_string?.includes("[")) throw damaged("it has no name of a codec");
  if (stream.codec_name && pictures && pictures.firstSeconds === undefined) throw damaged("no picture can be decoded");
}

const incomplete = (cause?: unknown): PolyreelError =>
  sourceError(
    { reason: "The file is incomplete: it breaks off before its end.", remedy: "Fetch or export it again." },
    { cause },
  );

const damaged = (what: string, cause?: unknown): PolyreelError =>
  sourceError(
    { reason: `The file is damaged: ${what}.`, remedy: "Check that it plays, and fetch or export it again." },
    { cause },
  );

import { PolyreelError, sourceError } from "@polyreel/platform";
import { EXPORT } from "../heif/decode-heif.js";
import type { FfprobeJson } from "./ffprobe-json.js";
import type { Sniffed } from "./sniff.js";

const LIBHEIF = "or install libheif's heif-dec or heif-convert (Debian and Ubuntu: apt install libheif-examples)";

/** Refuses stills that ffmpeg would read wrongly, if libheif's program is missing. */
export function refuseUnreadable(sniffed: Sniffed): void {
  if (sniffed.kind === "heif" && sniffed.needsLibheif) throw heif(sniffed.format, undefined);
}

/** Refuses files that ffmpeg reads without an error, but of which it finds no picture, or only tiles. */
export function refuseTiles(sniffed: Sniffed, { streams = [] }: FfprobeJson): void {
  const pictures = streams.filter(({ codec_type, width }) => codec_type === "video" && width);
  if (sniffed.kind === "animatedWebp" && pictures.length === 0) throw animatedWebp(undefined);
  if (sniffed.kind === "heif" && pictures.length !== 1) throw heif(sniffed.format, undefined);
}

/** An error for a format that this ffmpeg does not read; undefined for all others. */
export function unreadable(error: unknown, sniffed: Sniffed): PolyreelError | undefined {
  if (!(error instanceof PolyreelError) || error.code === "cancelled" || error.code === "unavailable") return undefined;
  if (sniffed.kind === "animatedWebp") return animatedWebp(error);
  return sniffed.kind === "heif" ? heif(sniffed.format, error) : undefined;
}

const animatedWebp = (cause: unknown): PolyreelError =>
  sourceError(
    {
      reason: "The file is an animated WebP, which this ffmpeg cannot decode.",
      remedy: "Export it as GIF or MP4, or use ffmpeg 9 or newer.",
    },
    { cause },
  );

const heif = (format: string, cause: unknown): PolyreelError =>
  sourceError(
    { reason: `The file is a picture in ${format}, which cannot be decoded here.`, remedy: `${EXPORT}, ${LIBHEIF}.` },
    { cause },
  );

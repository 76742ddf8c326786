import type { MediaFacts } from "./media-facts.js";

/** Formats of videos that installations may accept. */
export const VIDEO_FORMATS = ["mp4", "mov", "avi", "mkv", "webm"] as const;

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ...{ mp4: "video/mp4", mov: "video/quicktime", avi: "video/x-msvideo" },
  ...{ mkv: "video/x-matroska", webm: "video/webm" },
};

const WEBM_CODECS: ReadonlySet<string> = new Set(["vp8", "vp9", "av1", "opus", "vorbis"]);

/**
 * Format of a file, by its bytes. Where one container has two names (MP4 and QuickTime; Matroska and WebM), the file's own
 * name decides, as far as its codecs permit. "image" for stills. Pure.
 */
export function formatOf({ container, picture, sound }: MediaFacts, fileName: string): string {
  if (picture?.still) return "image";
  const extension = /\.([a-z0-9]+)$/i.exec(fileName)?.[1]?.toLowerCase();
  if (container.startsWith("mov,")) return extension === "mov" || extension === "qt" ? "mov" : "mp4";
  if (container.startsWith("matroska")) {
    const fits = [picture, sound].every((stream) => stream === undefined || WEBM_CODECS.has(stream.codec));
    return fits && extension !== "mkv" ? "webm" : "mkv";
  }
  return container.split(",", 1)[0] ?? "";
}

export const contentTypeOf = (format: string): string => CONTENT_TYPES[format] ?? "application/octet-stream";

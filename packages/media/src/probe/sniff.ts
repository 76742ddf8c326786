import type { HeifFormat } from "../heif/decode-heif.js";

/** What the first bytes of a file reveal, before ffprobe runs. */
export type Sniffed =
  | { kind: "empty" }
  /** `demuxer`: the one that reads just this file. By default ffmpeg treats pictures as numbered sequences (image2). */
  | { kind: "still"; demuxer: string }
  /** May be a still or an animation. */
  | { kind: "gif" }
  /** `needsLibheif`: ffmpeg would show a tile of it, or rotate it wrongly, or drop its transparency. */
  | { kind: "heif"; format: HeifFormat; needsLibheif: boolean }
  | { kind: "animatedWebp" }
  | { kind: "html" | "svg" | "playlist" | "text" }
  | { kind: "unknown" };

/** Number of bytes that `sniff` needs. */
export const SNIFFED_BYTES = 4096;

const MAGIC: readonly { demuxer: string; at: number; bytes: string }[] = [
  { demuxer: "jpeg_pipe", at: 0, bytes: "\xff\xd8\xff" },
  { demuxer: "webp_pipe", at: 8, bytes: "WEBPVP8" },
  { demuxer: "tiff_pipe", at: 0, bytes: "II*\0" },
  { demuxer: "tiff_pipe", at: 0, bytes: "MM\0*" },
];

/** Recognises stills, texts and empty files by the first bytes. */
export function sniff(head: Uint8Array): Sniffed {
  if (head.length === 0) return { kind: "empty" };
  const text = Buffer.from(head).toString("latin1");
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return png(text);
  if (text.startsWith("GIF8")) return { kind: "gif" };
  // "BM" alone is ambiguous: the size of a BMP's second header must match too.
  if (text.startsWith("BM") && "\x0c\x28\x40\x6c\x7c".includes(text[14] ?? "-")) {
    return { kind: "still", demuxer: "bmp_pipe" };
  }
  if (text.startsWith("ftyp", 4)) return movie(text);
  // A flag of the extended header.
  if (text.startsWith("WEBPVP8X", 8) && ((head[20] ?? 0) & 2) !== 0) return { kind: "animatedWebp" };
  const still = MAGIC.find(({ at, bytes }) => text.startsWith(bytes, at));
  if (still) return { kind: "still", demuxer: still.demuxer };
  return { kind: isText(head) ? textKind(text) : "unknown" };
}

/**
 * MP4 and derived formats. In stills (ISO/IEC 23008-12) the first brand states the file's purpose, the others the
 * codec; sequences are read as videos.
 */
function movie(text: string): Sniffed {
  const brands = text.slice(8, Math.min(200, text.charCodeAt(2) * 256 + text.charCodeAt(3)));
  if (!/^(mif1|heic|heix|heim|heis|avif)/.test(brands)) return { kind: "unknown" };
  const format = /hei[cxms]/.test(brands) ? "HEIC" : brands.includes("avif") ? "AVIF" : "HEIF";
  // Tiled and rotated pictures, and those with an auxiliary picture for transparency.
  const needsLibheif = /grid|iovl|irot|imir|:auxid:1|auxiliary:alpha/.test(text);
  return { kind: "heif", format, needsLibheif };
}

/** An animated PNG has an acTL chunk before its first picture (IDAT). */
function png(text: string): Sniffed {
  const animation = text.indexOf("acTL");
  const picture = text.indexOf("IDAT");
  if (animation >= 0 && (picture < 0 || animation < picture)) return { kind: "unknown" };
  return { kind: "still", demuxer: "png_pipe" };
}

function isText(head: Uint8Array): boolean {
  try {
    // The last character may be cut in two: `stream` allows that.
    const text = new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: text contains no control characters
    return !/[\x00-\x08\x0e-\x1a\x1c-\x1f]/.test(text);
  } catch {
    return false;
  }
}

function textKind(text: string): "html" | "svg" | "playlist" | "text" {
  const start = text.slice(0, 1000).toLowerCase();
  if (/^\s*(#extm3u|ffconcat version|\[playlist\])/.test(start) || start.includes("<mpd")) return "playlist";
  if (start.includes("<svg")) return "svg";
  return /^\s*(<!doctype html|<html|<head|<body)/.test(start) ? "html" : "text";
}

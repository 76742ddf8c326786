import { expect, it } from "vitest";
import { sniff } from "./sniff.js";

const bytes = (text: string) => Buffer.from(text, "latin1");

it.each([
  ["nothing", "", { kind: "empty" }],
  ["JPEG", "\xff\xd8\xff\xe0\0\x10JFIF", { kind: "still", demuxer: "jpeg_pipe" }],
  ["PNG", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR....IDAT", { kind: "still", demuxer: "png_pipe" }],
  ["animated PNG", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR....acTL....IDAT", { kind: "unknown" }],
  ["WebP", "RIFF\0\0\0\0WEBPVP8 ", { kind: "still", demuxer: "webp_pipe" }],
  ["BMP", "BM\x36\0\0\0\0\0\0\0\x36\0\0\0\x28\0\0\0", { kind: "still", demuxer: "bmp_pipe" }],
  ["a text that begins with BM", "BM is what they say, and much more", { kind: "text" }],
  ["TIFF", "MM\0*\0\0\0\x08", { kind: "still", demuxer: "tiff_pipe" }],
  ["GIF", "GIF89a", { kind: "gif" }],
  ["a web page", "\n<!DOCTYPE html><title>404</title>", { kind: "html" }],
  ["SVG", '<?xml version="1.0"?><svg xmlns="">', { kind: "svg" }],
  ["a playlist", "#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n", { kind: "playlist" }],
  ["ffmpeg's own kind of playlist", "ffconcat version 1.0\nfile x.mp4\n", { kind: "playlist" }],
  ["words", "just words, gr\xc3\xbc\xc3\x9fe", { kind: "text" }],
  ["words cut within a character", "gr\xc3", { kind: "text" }],
  ["MP4", "\0\0\0\x20ftypisom", { kind: "unknown" }],
  [
    "a phone's picture, of tiles",
    "\0\0\0\x1cftypheic\0\0\0\0mif1heicmiaf....infegrid",
    { kind: "heif", format: "HEIC", needsLibheif: true },
  ],
  ["AVIF", "\0\0\0\x1cftypavif\0\0\0\0mif1avifmiaf", { kind: "heif", format: "AVIF", needsLibheif: false }],
  ["AVIF by its second brand", "\0\0\0\x18ftypmif1\0\0\0\0avif", { kind: "heif", format: "AVIF", needsLibheif: false }],
  ["HEIF of no known codec", "\0\0\0\x14ftypmif1\0\0\0\0", { kind: "heif", format: "HEIF", needsLibheif: false }],
  ["animated AVIF", "\0\0\0\x1cftypavis\0\0\0\0avifavis", { kind: "unknown" }],
  ["animated WebP", "RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0", { kind: "animatedWebp" }],
  ["WebP with a profile", "RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\x20\0\0\0", { kind: "still", demuxer: "webp_pipe" }],
  ["MP3", "ID3\x04\0\0\0\0\0\0", { kind: "unknown" }],
])("recognises %s", (_what, head, expected) => {
  expect(sniff(bytes(head))).toEqual(expected);
});

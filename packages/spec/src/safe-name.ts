import { foldName } from "./fold-name.js";

const RESERVED_ON_WINDOWS = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** Nothing to see: control characters, halves of characters, private and unassigned ones, line breaks, direction marks. */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** What a shell, Windows, a URL or a naming template reads as more than a character. */
const SPECIAL = /[/\\:*?"'<>|$`%{}()[\]!#&;^]/g;
/** File systems take 255 bytes a name; extensions, temporary names, canvases and ids need some of them. */
const MAX_BYTES = 180;

/**
 * A label as a part of a file name that every file system takes: no separators, no control or direction characters,
 * nothing that a shell or Windows makes special, no leading dot or dash. Letters of all scripts and emoji stay.
 */
export function safeName(label: string): string {
  const plain = label
    .normalize("NFC")
    .replace(INVISIBLE, " ")
    .replace(SPECIAL, "-")
    .replace(/\s+/g, "-")
    .replace(/-{2,}/g, "-")
    .replace(/^[.\-~]+|[.\-\s]+$/g, "");
  return RESERVED_ON_WINDOWS.test(plain) ? `_${plain}` : plain;
}

/** The name cut to what file systems take, never within a character; whether it was cut. */
export function cutName(name: string, maxBytes = MAX_BYTES): { name: string; cut: boolean } {
  if (Buffer.byteLength(name) <= maxBytes) return { name, cut: false };
  let kept = "";
  let bytes = 0;
  for (const { segment } of new Intl.Segmenter().segment(name)) {
    bytes += Buffer.byteLength(segment);
    if (bytes > maxBytes) break;
    kept += segment;
  }
  return { name: kept, cut: true };
}

/** The same names; of those that file systems may take for one another, and empty ones, each with its place from 1. */
export function distinctNames(names: readonly string[]): string[] {
  const plain = names.map(foldName);
  const named = names.map((name, i) =>
    name !== "" && plain.indexOf(plain[i] ?? "") === plain.lastIndexOf(plain[i] ?? "") ? name : `${name}-${i + 1}`,
  );
  const unchanged = named.every((name, i) => name === names[i]);
  return unchanged ? named : distinctNames(named);
}

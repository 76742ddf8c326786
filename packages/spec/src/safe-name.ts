import { foldName } from "./fold-name.js";

const RESERVED_ON_WINDOWS = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** Invisible characters: control characters, surrogates, private and unassigned ones, line breaks, direction marks. */
const INVISIBLE = /[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;
/** Characters with a meaning in a shell, Windows, a URL or a naming template. */
const SPECIAL = /[/\\:*?"'<>|$`%{}()[\]!#&;^]/g;
/** File systems allow 255 bytes; extensions, temporary names, canvases and ids need some of them. */
const MAX_BYTES = 180;

/**
 * A label as a part of a file name that every file system accepts: no separators, no control or direction characters,
 * nothing special to a shell or Windows, no leading dot or dash. Letters of all scripts and emoji are kept.
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

/** The name cut to a length that file systems accept, never within a character; and whether it was cut. */
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

/** The same names; those that file systems may treat as equal, and empty ones, get their position from 1 appended. */
export function distinctNames(names: readonly string[]): string[] {
  const plain = names.map(foldName);
  const named = names.map((name, i) =>
    name !== "" && plain.indexOf(plain[i] ?? "") === plain.lastIndexOf(plain[i] ?? "") ? name : `${name}-${i + 1}`,
  );
  const unchanged = named.every((name, i) => name === names[i]);
  return unchanged ? named : distinctNames(named);
}

const RESERVED_ON_WINDOWS = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i;
/** File systems take 255 bytes a name; extensions, temporary names and ids need some of them. */
const MAX_BYTES = 180;

/**
 * A label as a part of a file name that every file system takes: no separators, no control or direction characters,
 * nothing that a shell or Windows makes special, no leading dot or dash. Letters of all scripts and emoji stay.
 */
export function safeName(label: string): string {
  const plain = label
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069\ufeff]/gu, " ")
    .replace(/[/\\:*?"<>|$`%{}]/g, "-")
    .replace(/\s+/g, "-")
    .replace(/-{2,}/g, "-")
    .replace(/^[.\-~]+|[.\-\s]+$/g, "");
  return RESERVED_ON_WINDOWS.test(plain) ? `_${plain}` : plain;
}

/** The name cut to what file systems take, never within a character; whether it was cut. */
export function cutName(name: string): { name: string; cut: boolean } {
  if (Buffer.byteLength(name) <= MAX_BYTES) return { name, cut: false };
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(name)) {
    if (Buffer.byteLength(kept + segment) > MAX_BYTES) break;
    kept += segment;
  }
  return { name: kept, cut: true };
}

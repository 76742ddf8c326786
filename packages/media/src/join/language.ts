import { iso6392 } from "iso-639-2";

/** Codes of ISO 639-2/T, three letters, by the two letters of ISO 639-1. */
const CODES: ReadonlyMap<string, string> = new Map(
  iso6392.flatMap(({ iso6391, iso6392T, iso6392B }) => (iso6391 ? [[iso6391, iso6392T ?? iso6392B]] : [])),
);

const UNDETERMINED = "und";

/** The language of a track as ISO 639-2/T, "deu", by its BCP 47 tag, "de-AT"; "und" if it has none. */
function languageCode(tag: string): string {
  const [primary = ""] = tag.toLowerCase().split("-");
  return CODES.get(primary) ?? (/^[a-z]{3}$/.test(primary) ? primary : UNDETERMINED);
}

/** The same as `mdhd` has it: three letters of 5 bits. */
export const packedLanguage = (tag: string): number =>
  [...languageCode(tag)].reduce((packed, letter) => packed * 32 + letter.charCodeAt(0) - 0x60, 0);

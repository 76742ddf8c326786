import { taggedGamut } from "../colour/gamut.js";
import type { PixelProbe } from "./parse.js";

/** A stream's colour tags, as reported by ffprobe. */
interface ColourTags {
  color_space?: string;
  color_primaries?: string;
  color_transfer?: string;
}

/** Converts a picture's tags into what is needed to show its colours as BT.709. */
export function colourProbe({ color_space, color_primaries, color_transfer = "" }: ColourTags): ColourProbe {
  const hdr = color_transfer === "smpte2084" || color_transfer === "arib-std-b67";
  const matrixStated = isStated(color_space);
  if (hdr) return { matrixStated, hdr, ...(!isStated(color_primaries) && { primariesUnstated: true }) };
  const gamut = taggedGamut(color_primaries, color_transfer);
  const matrix = MATRICES[color_space ?? ""];
  return { matrixStated, hdr, ...(matrix && { matrix }), ...(gamut && { gamut }) };
}

/** By ffprobe's names. */
const MATRICES: Partial<Record<string, "bt709" | "bt601">> = { bt709: "bt709", smpte170m: "bt601", bt470bg: "bt601" };

type ColourProbe = Pick<PixelProbe, "matrixStated" | "matrix" | "hdr" | "primariesUnstated" | "gamut">;

const isStated = (tag: string | undefined): boolean => tag !== undefined && !/^(unknown|reserved)$/.test(tag);

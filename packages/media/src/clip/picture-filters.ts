import type { PixelProbe, VideoProbe } from "../probe/parse.js";
import { inOurGamut } from "./gamut-filters.js";
import type { Placement } from "./geometry.js";
import { watchedWidth } from "./shape-watch.js";

/** bitexact: the same pixels on every kind of processor. */
export const SCALER = "flags=bicubic+accurate_rnd+full_chroma_inp+bitexact";
/** The one colour all clips are of: what a decoder needs to know of it stands in the part that all clips share. */
export const COLOUR = "out_color_matrix=bt709:out_range=tv";
export const DECLARED = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709:field_mode=prog";

/** Where the stream says nothing, pictures that are marked one by one are: others pass as they are. */
export function deinterlaced({ pixels }: VideoProbe): string[] {
  if (pixels?.interlaced) return ["bwdif=mode=send_frame:deint=all"];
  return pixels?.interlacedPictures ? ["bwdif=mode=send_frame:deint=interlaced"] : [];
}

/** What must go of a picture of an extreme shape before it is scaled. */
export const roughlyCut = ({ precut }: Placement): string[] =>
  precut ? [`crop=w=iw*${precut.width.toFixed(6)}:h=ih*${precut.height.toFixed(6)}`] : [];

/**
 * A picture at its placement's size, in the canvas's colour, with its transparency where it has some. `chroma`: the canvas has
 * colour at half the resolution; what becomes a picture of its own keeps all of it (444).
 */
export function scaled(placement: Placement, picture: VideoProbe, chroma: "420" | "444" = "420"): string[] {
  const { width, height } = placement.scaled;
  const { pixels } = picture;
  // Behind other filters that are set up once it is too late to see what comes in.
  const watched = !picture.still && !placement.precut && !pixels?.hdr;
  const sizes = `h=${height}:${SCALER}`;
  const first = `scale=${watched ? watchedWidth(width, picture) : `w=${width}`}:${sizes}${inputMatrix(picture)}`;
  // Scaled down first, as HDR is.
  const ours = pixels?.gamut
    ? [first, ...inOurGamut(pixels.gamut, pixels.alpha), `scale=w=${width}:${sizes}:${COLOUR}`]
    : [`${first}:${COLOUR}`];
  return [
    ...roughlyCut(placement),
    ...toneMapped(placement, picture),
    ...ours,
    `format=${layoutOf(picture)}${chroma}p`,
    "setsar=1",
  ];
}

const layoutOf = ({ pixels }: VideoProbe): string => (pixels?.alpha ? "yuva" : "yuv");

/**
 * What says nothing of its matrix is taken as television has it: by its size. Of VP8 what the container states is passed on:
 * from some version on ffmpeg marks its pictures as BT.601's, and takes that over the container (docs/decisions/0029).
 */
export const inputMatrix = (picture: VideoProbe): string => {
  const { pixels, codec } = picture;
  if (!pixels || pixels.hdr || (pixels.matrixStated && codec !== "vp8")) return "";
  return `:in_color_matrix=${pixels.matrix ?? unstatedMatrix(picture)}`;
};

/**
 * HDR to the brightness and colours of ordinary screens; without it such pictures look grey. Scaled down first: it is done in
 * floating point and would take longer than all else. 203 cd/m2 is HDR's white (ITU-R BT.2408).
 */
const toneMapped = ({ scaled: { width, height } }: Placement, { pixels }: VideoProbe): string[] =>
  pixels?.hdr
    ? [
        `scale=w=${width}:h=${height}:${SCALER}`,
        ...assumedOfHdr(pixels),
        "zscale=transfer=linear:npl=203,format=gbrpf32le,zscale=primaries=bt709",
        "tonemap=tonemap=mobius:desat=0,zscale=transfer=bt709:matrix=bt709:range=tv,format=yuv420p10le",
      ]
    : [];

/** HDR of which only the brightness is tagged is BT.2020's otherwise (ITU-R BT.2100): zscale must have all three. */
function assumedOfHdr({ matrixStated, primariesUnstated }: PixelProbe): string[] {
  const primaries = primariesUnstated ? ["color_primaries=bt2020"] : [];
  const matrix = matrixStated ? [] : ["colorspace=bt2020nc"];
  const assumed = [...primaries, ...matrix];
  return assumed.length > 0 ? [`setparams=${assumed.join(":")}`] : [];
}

const unstatedMatrix = ({ width, height }: { width: number; height: number }): string =>
  Math.max(width, height) >= 1280 || Math.min(width, height) >= 720 ? "bt709" : "bt601";

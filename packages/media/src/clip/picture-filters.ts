import type { PixelProbe, VideoProbe } from "../probe/parse.js";
import { toBt709 } from "./gamut-filters.js";
import type { Placement } from "./geometry.js";
import { watchedWidth } from "./shape-watch.js";

/** bitexact: the same pixels on every CPU. */
export const SCALER = "flags=bicubic+accurate_rnd+full_chroma_inp+bitexact";
/** The one colour space of all clips, described in the decoder configuration that they share. */
export const COLOUR = "out_color_matrix=bt709:out_range=tv";
export const DECLARED = "setparams=range=tv:color_primaries=bt709:color_trc=bt709:colorspace=bt709:field_mode=prog";

/** If the stream does not state its field order, only pictures marked as interlaced are deinterlaced. */
export function deinterlaced({ pixels }: VideoProbe): string[] {
  if (pixels?.interlaced) return ["bwdif=mode=send_frame:deint=all"];
  return pixels?.interlacedPictures ? ["bwdif=mode=send_frame:deint=interlaced"] : [];
}

/** Crops a picture of an extreme shape before it is scaled. */
export const roughlyCut = ({ precut }: Placement): string[] =>
  precut ? [`crop=w=iw*${precut.width.toFixed(6)}:h=ih*${precut.height.toFixed(6)}`] : [];

/**
 * Scales a picture to its placement's size and converts it to the canvas's colour space, keeping transparency.
 * `chroma`: 420 for the canvas; 444 for stills, which keep full chroma.
 */
export function scaled(placement: Placement, picture: VideoProbe, chroma: "420" | "444" = "420"): string[] {
  const { width, height } = placement.scaled;
  const { pixels } = picture;
  // Filters that are configured once would hide a change of shape from a later check.
  const watched = !picture.still && !placement.precut && !pixels?.hdr;
  const sizes = `h=${height}:${SCALER}`;
  const first = `scale=${watched ? watchedWidth(width, picture) : `w=${width}`}:${sizes}${inputMatrix(picture)}`;
  // Scaled down first, as for HDR.
  const ours = pixels?.gamut
    ? [first, ...toBt709(pixels.gamut, pixels.alpha), `scale=w=${width}:${sizes}:${COLOUR}`]
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
 * Untagged pictures use the matrix that television uses for their size. For VP8 the container's tags are passed on:
 * newer ffmpegs mark its frames as BT.601, overriding the container (docs/decisions/0029).
 */
export const inputMatrix = (picture: VideoProbe): string => {
  const { pixels, codec } = picture;
  if (!pixels || pixels.hdr || (pixels.matrixStated && codec !== "vp8")) return "";
  return `:in_color_matrix=${pixels.matrix ?? unstatedMatrix(picture)}`;
};

/**
 * Converts HDR to the brightness and colours of SDR screens; without it such pictures look grey. Scaled down first,
 * because this runs in floating point and would take longer than everything else. HDR's white is 203 cd/m2 (ITU-R
 * BT.2408).
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

/** HDR with only a transfer tag is BT.2020 (ITU-R BT.2100): zscale needs all three properties. */
function assumedOfHdr({ matrixStated, primariesUnstated }: PixelProbe): string[] {
  const primaries = primariesUnstated ? ["color_primaries=bt2020"] : [];
  const matrix = matrixStated ? [] : ["colorspace=bt2020nc"];
  const assumed = [...primaries, ...matrix];
  return assumed.length > 0 ? [`setparams=${assumed.join(":")}`] : [];
}

const unstatedMatrix = ({ width, height }: { width: number; height: number }): string =>
  Math.max(width, height) >= 1280 || Math.min(width, height) >= 720 ? "bt709" : "bt601";

import type { TextOverlay } from "@polyreel/contract";
import { type Colour, parseColour } from "./text-colour.js";

export type Position = "top" | "center" | "bottom";
export type Align = "left" | "center" | "right";

/** From each edge, relative to the canvas's height (top, bottom) and width (right, left). */
export interface Margins {
  top: number;
  right: number;
  bottom: number;
  left: number;
}

/** Appearance and position of a text. Lengths are relative to a line's height unless stated otherwise. */
export interface TextStyle {
  position: Position;
  align: Align;
  /** Height of a line relative to the canvas's shorter side. */
  size: number;
  /** Maximum width of a line, relative to the canvas's width. */
  maxWidth: number;
  margins: Margins;
  /** From the position to the right and down, relative to the canvas's width and height. */
  offset: { x: number; y: number };
  /** 100 to 900. */
  weight: number;
  colour: Colour;
  box?: { colour: Colour; padding: number; radius: number };
  /** Width around each letter. */
  outline?: { colour: Colour; width: number };
  /** `offset` to the right and down. */
  shadow?: { colour: Colour; blur: number; offset: number };
}

/** Style of a recipe without alignment, which is older than that field. */
const UNSTYLED = { align: "center", safeArea: 0.06, weight: 700, boxPadding: 0.35, boxRadius: 0.2 };

/** The style of a text in a clip's recipe. Throws PolyreelError `invalid` for an invalid colour. */
export function textStyle(overlay: TextOverlay): TextStyle {
  const given = overlay.align === "" ? { ...overlay, ...UNSTYLED } : overlay;
  const { outlineColor, outlineWidth, shadowColor, shadowBlur, shadowOffset } = given;
  return {
    position: oneOf(["top", "center", "bottom"], given.position) ?? "bottom",
    align: oneOf(["left", "center", "right"], given.align) ?? "center",
    size: given.size,
    maxWidth: given.maxWidth,
    margins: marginsOf(given),
    offset: { x: given.offsetX, y: given.offsetY },
    weight: given.weight || UNSTYLED.weight,
    colour: parseColour(given.color),
    ...(given.boxColor !== "" && {
      box: { colour: parseColour(given.boxColor), padding: given.boxPadding, radius: given.boxRadius },
    }),
    ...(outlineColor !== "" && { outline: { colour: parseColour(outlineColor), width: outlineWidth } }),
    ...(shadowColor !== "" && {
      shadow: { colour: parseColour(shadowColor), blur: shadowBlur, offset: shadowOffset },
    }),
  };
}

export const evenly = (margin: number): Margins => ({ top: margin, right: margin, bottom: margin, left: margin });

function marginsOf({ safeArea, safeAreaSides }: Pick<TextOverlay, "safeArea" | "safeAreaSides">): Margins {
  const { top, right, bottom, left } = safeAreaSides ?? evenly(safeArea);
  return { top, right, bottom, left };
}

const oneOf = <Name extends string>(names: readonly Name[], name: string): Name | undefined =>
  names.find((known) => known === name);

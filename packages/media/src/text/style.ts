import type { TextOverlay } from "@polyreel/contract";
import { type Colour, parseColour } from "./text-colour.js";

export type Position = "top" | "center" | "bottom";
export type Align = "left" | "center" | "right";

/** How a text looks and where it stands. Lengths are relative to the height of a line, where nothing else is said. */
export interface TextStyle {
  position: Position;
  align: Align;
  /** Height of a line relative to the canvas's shorter side. */
  size: number;
  /** Of a line, relative to the canvas's width. */
  maxWidth: number;
  /** Kept from each edge, relative to the canvas's width and height. */
  safeArea: number;
  /** 100 to 900. */
  weight: number;
  colour: Colour;
  box?: { colour: Colour; padding: number; radius: number };
  /** So wide around each letter. */
  outline?: { colour: Colour; width: number };
  /** `offset` to the right and down. */
  shadow?: { colour: Colour; blur: number; offset: number };
}

/** What a recipe means that says nothing of a text's alignment: it is older than that. */
const UNSTYLED = { align: "center", safeArea: 0.06, weight: 700, boxPadding: 0.35, boxRadius: 0.2 };

/** The style of a text in a clip's recipe. Throws PolyreelError `invalid` for what is no colour. */
export function textStyle(overlay: TextOverlay): TextStyle {
  const said = overlay.align === "" ? { ...overlay, ...UNSTYLED } : overlay;
  const { outlineColor, outlineWidth, shadowColor, shadowBlur, shadowOffset } = said;
  return {
    position: oneOf(["top", "center", "bottom"], said.position) ?? "bottom",
    align: oneOf(["left", "center", "right"], said.align) ?? "center",
    size: said.size,
    maxWidth: said.maxWidth,
    safeArea: said.safeArea,
    weight: said.weight || UNSTYLED.weight,
    colour: parseColour(said.color),
    ...(said.boxColor !== "" && {
      box: { colour: parseColour(said.boxColor), padding: said.boxPadding, radius: said.boxRadius },
    }),
    ...(outlineColor !== "" && { outline: { colour: parseColour(outlineColor), width: outlineWidth } }),
    ...(shadowColor !== "" && {
      shadow: { colour: parseColour(shadowColor), blur: shadowBlur, offset: shadowOffset },
    }),
  };
}

const oneOf = <Name extends string>(names: readonly Name[], name: string): Name | undefined =>
  names.find((known) => known === name);

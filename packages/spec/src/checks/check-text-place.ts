import { Align, Position, type TextBlock } from "@polyreel/contract";
import type { Mistake } from "../mistake.js";

/**
 * An offset that pushes a text out of the canvas, however small the text is; smaller ones depend on its size, and are
 * refused when it is drawn. `at`: path of the block's text.
 */
export function checkTextPlace(text: TextBlock, at: string): Mistake[] {
  const { x = 0, y = 0 } = text.offset ?? {};
  return [
    ...beyond("x", x, reachOf(text.align, [Align.LEFT, Align.RIGHT], margins(text, "left", "right")), at),
    ...beyond("y", y, reachOf(text.position, [Position.TOP, Position.BOTTOM], margins(text, "top", "bottom")), at),
  ];
}

type Side = "top" | "right" | "bottom" | "left";

/** The wider ones of two sides on any canvas. */
const margins = ({ safeArea = 0, safeAreaSides: sides }: TextBlock, ...[low, high]: [Side, Side]): [number, number] => [
  Math.max(safeArea, sides?.[low] ?? 0),
  Math.max(safeArea, sides?.[high] ?? 0),
];

/** How far a text can move towards either end: from the middle half the canvas, from an end just its margin. */
function reachOf<Place>(place: Place, [low, high]: [Place, Place], [before, after]: [number, number]) {
  if (place === low) return { least: -before, most: 1 };
  return place === high ? { least: -1, most: after } : { least: -0.5, most: 0.5 };
}

const beyond = (
  axis: "x" | "y",
  offset: number,
  { least, most }: { least: number; most: number },
  at: string,
): Mistake[] =>
  offset >= least && offset <= most
    ? []
    : [
        {
          field: `${at}.offset.${axis}`,
          reason: "The offset pushes the text out of the canvas.",
          remedy: `From its position it can be at most from ${least} to ${most}, less the text's own size.`,
        },
      ];

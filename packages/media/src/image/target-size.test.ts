import { expect, it } from "vitest";
import { type ImageFit, targetSize } from "./target-size.js";

type Case = [box: string, image: string, fit: ImageFit, enlarge: boolean, scaled: string, result: string];

const sizeOf = (text: string) => {
  const [width = 0, height = 0] = text.split("x").map(Number);
  return { width, height };
};
const shown = ({ width, height }: { width: number; height: number }) => `${width}x${height}`;

it.each<Case>([
  // One side: the other follows.
  ["800x0", "4000x3000", "inside", false, "800x600", "800x600"],
  ["0x600", "4000x3000", "inside", false, "800x600", "800x600"],
  ["0x0", "4000x3000", "inside", false, "4000x3000", "4000x3000"],
  ["800x0", "400x300", "inside", false, "400x300", "400x300"],
  ["800x0", "400x300", "inside", true, "800x600", "800x600"],
  ["100x0", "30000x1", "inside", false, "100x1", "100x1"],
  // Both.
  ["800x800", "4000x3000", "inside", false, "800x600", "800x600"],
  ["800x800", "400x300", "inside", false, "400x300", "400x300"],
  ["800x800", "400x300", "inside", true, "800x600", "800x600"],
  ["333x333", "1000x999", "inside", false, "333x333", "333x333"],
  ["800x800", "4000x3000", "outside", false, "1067x800", "1067x800"],
  ["800x800", "4000x3000", "fill", false, "800x800", "800x800"],
  ["800x800", "4000x300", "fill", false, "800x300", "800x300"],
  ["800x800", "400x300", "fill", true, "800x800", "800x800"],
  ["800x800", "4000x3000", "contain", false, "800x600", "800x800"],
  ["800x800", "400x300", "contain", false, "400x300", "800x800"],
  ["800x800", "400x300", "contain", true, "800x600", "800x800"],
  ["800x800", "4000x3000", "cover", false, "1067x800", "800x800"],
  // Smaller than the box: its shape is kept.
  ["800x800", "400x300", "cover", false, "400x300", "300x300"],
  ["800x400", "400x300", "cover", false, "400x300", "400x200"],
  ["800x800", "400x300", "cover", true, "1067x800", "800x800"],
])("fits into %s an image of %s: %s, enlarge %s", (box, image, fit, enlarge, scaled, result) => {
  const found = targetSize(sizeOf(image), { ...sizeOf(box), fit, enlarge });
  expect([shown(found.scaled), shown(found.result)]).toEqual([scaled, result]);
});

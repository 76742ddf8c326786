import { create } from "@bufbuild/protobuf";
import { TextOverlaySchema } from "@polyreel/contract";
import { expect, test } from "vitest";
import { evenly, textStyle } from "./style.js";

const bare = { text: "Hi", size: 0.07, color: "#ffffffff", maxWidth: 0.9 };
const style = (overlay: object) => textStyle(create(TextOverlaySchema, { ...bare, ...overlay }));
const black = { red: 0, green: 0, blue: 0, alpha: 1 };

test("a recipe older than styles gets the defaults", () => {
  expect(style({ position: "top", boxColor: "#000000ff" })).toEqual({
    position: "top",
    align: "center",
    size: 0.07,
    maxWidth: 0.9,
    margins: evenly(0.06),
    offset: { x: 0, y: 0 },
    weight: 700,
    colour: { red: 255, green: 255, blue: 255, alpha: 1 },
    box: { colour: black, padding: 0.35, radius: 0.2 },
  });
});

test("explicit zeros are kept", () => {
  const parsed = style({ align: "left", boxColor: "#000000ff", weight: 300 });
  expect(parsed).toMatchObject({ align: "left", margins: evenly(0), weight: 300, box: { padding: 0, radius: 0 } });
});

test("margins for each side replace the safe area", () => {
  const sides = { top: 0.1, right: 0.2, bottom: 0.3, left: 0 };
  expect(style({ align: "left", safeArea: 0.06, safeAreaSides: sides }).margins).toEqual(sides);
});

test("box, outline and shadow exist if they have a colour", () => {
  expect(style({ align: "center", outlineWidth: 0.1, shadowBlur: 0.1 })).not.toHaveProperty("outline");
  expect(style({ align: "center", outlineColor: "#000000", outlineWidth: 0.1 }).outline).toEqual({
    colour: black,
    width: 0.1,
  });
  const shadow = { shadowColor: "#000000ff", shadowBlur: 0.2, shadowOffset: -0.1 };
  expect(style({ align: "center", ...shadow }).shadow).toEqual({ colour: black, blur: 0.2, offset: -0.1 });
});

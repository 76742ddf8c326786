import { expect, it } from "vitest";
import { all, blueprint, body, hook, speaker } from "./testing/world.js";

it("makes a caption style part of the clips that show captions, and of no others", () => {
  const captions = (style: object) => ({
    name: "captions",
    text: { ...style, choices: [{ label: "on", captions: "speaker" }, { label: "off" }] },
  });
  const clips = (style: object) => all(blueprint([hook, body, speaker(), captions(style)])).flatMap((one) => one.clips);
  const [plain, karaoke] = [{}, { style: "TEXT_STYLE_KARAOKE", size: 0.07 }].map(clips);
  const kept = new Set(plain?.map(({ hash }) => hash));
  for (const { hash, recipe } of karaoke ?? []) {
    if (recipe.case !== "clip") throw new Error("It is another part.");
    const [text] = recipe.value.texts;
    expect(kept.has(hash)).toBe(text === undefined);
    if (text) expect(text).toMatchObject({ reveal: "phrase", highlightColor: "#ffe600ff", maxWords: 6, maxLines: 2 });
  }
  expect(karaoke?.some(({ hash }) => kept.has(hash))).toBe(true);
  for (const { recipe } of plain ?? []) {
    if (recipe.case === "clip") expect(recipe.value.texts[0]?.reveal || recipe.value.texts[0]?.maxWords || 0).toBe(0);
  }
});

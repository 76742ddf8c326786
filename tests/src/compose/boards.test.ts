import { expect, it } from "vitest";
import { unknownIn } from "../alerts/names.js";
import { readBoards } from "./boards.js";

it("has boards of metrics and labels that exist", async () => {
  const panels = await readBoards();
  expect(panels.length).toBeGreaterThan(30);
  for (const { title, expressions } of panels)
    for (const expression of expressions) expect(unknownIn(expression), title).toEqual([]);
});

it("names only labels in legends that their expressions keep", async () => {
  for (const { title, expressions, legends } of await readBoards())
    for (const [at, legend] of legends.entries()) {
      const labels = [...legend.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
      const kept = /\bby \(([^)]*)\)/.exec(expressions[at] ?? "")?.[1]?.split(", ") ?? ["instance"];
      expect(
        labels.filter((label) => !kept.includes(label)),
        title,
      ).toEqual([]);
    }
});

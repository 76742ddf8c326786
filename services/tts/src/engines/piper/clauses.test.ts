import { expect, it } from "vitest";
import { sentencesOf } from "./clauses.js";

/** "Hello,|there." */
const shown = (text: string) =>
  sentencesOf(text).map((clauses) => clauses.map(({ text, mark }) => text + mark).join("|"));

it.each<[string, string[]]>([
  ["Half price", ["Half price"]],
  ["Hello there, world. How are you?!", ["Hello there,|world.", "How are you?"]],
  ["It costs 3.50, at 10:30; see example.com/a,b.", ["It costs 3.50,|at 10:30;|see example.com/a,b."]],
  ['He said "Stop!" and (then...) left', ['He said "Stop!', '" and (then.', ") left"]],
  ["one line\nand the next\n\na paragraph", ["one line and the next", "a paragraph"]],
  ["now — or never - today", ["now,|or never,|today"]],
  ["你好，世界。再见！", ["你好,|世界.", "再见!"]],
  ["هل أنت؟ نعم، أنا", ["هل أنت?", "نعم,|أنا"]],
  ["... !? —", []],
  ["", []],
])("splits %j", (text, sentences) => {
  expect(shown(text)).toEqual(sentences);
});

it("takes a time that grows with the length of a text, whatever it consists of", () => {
  for (const sign of [".", " ", "- ", "\n", "a.", '."', "，", ") "]) {
    const start = performance.now();
    sentencesOf(sign.repeat(50_000));
    expect(performance.now() - start, sign).toBeLessThan(3_000);
  }
});

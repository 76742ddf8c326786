import { expect, test } from "vitest";
import { installedFamily } from "./installed-family.js";

const INSTALLED = ["Noto Sans", "Noto Sans Thai", "Noto Sans Hebrew", "Noto Serif Display", "DejaVu Serif", "Anton"];

test.each([
  ["Noto Sans", "Noto Sans"],
  ["noto sans", "Noto Sans"],
  ["NotoSans-Thai", "Noto Sans Thai"],
  ["ANTON", "Anton"],
])("%s is %s", (name, family) => {
  expect(installedFamily(name, INSTALLED)).toBe(family);
});

const refusal = (name: string) => {
  try {
    return installedFamily(name, INSTALLED);
  } catch (error) {
    return error;
  }
};

test.each([
  ["Antom", '"Anton"?'],
  ["Noto Serif", '"Noto Serif Display"'],
  ["DejaVuSerf", '"DejaVu Serif"?'],
  ["hebrew", '"Noto Sans Hebrew"?'],
  ['"; Noto Sans Thay', '"Noto Sans Thai"?'],
])("%s: suggests %s", (name, near) => {
  expect(refusal(name)).toMatchObject({
    code: "invalid",
    failure: {
      reason: expect.stringContaining(JSON.stringify(name)),
      remedy: expect.stringContaining(`Did you mean `),
    },
  });
  expect(refusal(name)).toMatchObject({ failure: { remedy: expect.stringContaining(near) } });
});

test.each([
  ["of a missing font", "Comic Relief"],
  ["that is empty", ""],
  ["of 5000 letters", "x".repeat(5000)],
])("a name %s is near nothing: lists some, and how to list all", (_what, name) => {
  expect(refusal(name)).toMatchObject({
    code: "invalid",
    failure: {
      reason: expect.stringMatching(/^.{0,200}$/),
      remedy: expect.stringMatching(/^Installed are "Anton", "Noto Sans", .* "fc-list : family" there lists all 6/),
    },
  });
});

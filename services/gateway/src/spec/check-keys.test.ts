import { PictureFormat } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { check, video } from "../testing/checked-batch.js";

/** Invalid exact keys of a video or a PNG, with their messages. */
function wrongKeys() {
  const png = { operation: { case: "thumbnail" as const, value: { format: PictureFormat.PNG } } };
  const noPath = (key: string, name: string) =>
    `The key ${JSON.stringify(key)} is no path below the destination's folder: ${JSON.stringify(name)} can't be a name in it.`;
  const cases: [as: string, reason: string, output?: object][] = [
    ["final/hero.mov", 'The key "final/hero.mov" is no name of a .mp4 file, which the output is.'],
    ["final/.mp4", 'The key "final/.mp4" is no name of a .mp4 file, which the output is.'],
    ["hero.mp4", 'The key "hero.mp4" is no name of a .png file, which the output is.', png],
    ["hero.PNG", 'The key "hero.PNG" is no name of a .png file, which the output is.', png],
    ...["../hero.mp4", "a/../../hero.mp4"].map((as): [string, string] => [as, noPath(as, "..")]),
    ...["/hero.mp4", "a//hero.mp4"].map((as): [string, string] => [as, noPath(as, "")]),
    ["a/./hero.mp4", noPath("a/./hero.mp4", ".")],
    ["a/.hidden.mp4", noPath("a/.hidden.mp4", ".hidden")],
    ["con/hero.mp4", noPath("con/hero.mp4", "con")],
    ["a\\hero.mp4", noPath("a\\hero.mp4", "a\\hero")],
    ["a b.mp4", noPath("a b.mp4", "a b")],
    [`${"x".repeat(181)}.mp4`, "is no path below the destination's folder"],
    [`${"a/".repeat(16)}x.mp4`, "The key has 16 folders; 15 are possible."],
    ["Tenants/hero.mp4", 'The folder "tenants" is that of other tenants.'],
    ["{hok}.mp4", 'The key has "{hok}", and there is no block of that name.'],
    ["{hook.mp4", 'The key "{hook.mp4" has a brace without its other half.'],
  ];
  return cases;
}

describe("checkBatch", () => {
  it.each(["hero.mp4", "spring/{batch}/{hook}-{id}.mp4", "été/ヒーロー.mp4", "e\u0301te\u0301.mp4"])(
    "accepts the key %s",
    (as) => {
      expect(check([video("hook")], { outputs: [{ as }] })).toEqual([]);
    },
  );

  it.each(wrongKeys())("refuses the key %s", (as, reason, output) => {
    const found = check([video("hook")], { outputs: [{ ...output, as }] });
    expect(found).toMatchObject([{ field: "outputs[0].as", reason: expect.stringContaining(reason) }]);
  });
});

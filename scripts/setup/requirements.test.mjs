import { describe, expect, it } from "vitest";
import { missingOf, runtimeRequirements, testRequirements } from "./requirements.mjs";

const names = (requirements) => requirements.map(({ name }) => name);
const has =
  (...programs) =>
  (name) =>
    programs.includes(name);

describe("missingOf", () => {
  const fonts = ["NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "NotoColorEmoji.ttf"];
  const programs = ["ffmpeg", "ffprobe", "nats-server", "espeak-ng", "flite"];

  it.each([
    ["nothing", programs, fonts, []],
    ["everything", [], [], ["ffmpeg", "nats-server", "espeak-ng", "flite", "Noto fonts"]],
    ["an ffmpeg without its ffprobe", programs.filter((name) => name !== "ffprobe"), fonts, ["ffmpeg"]],
    ["emoji", programs, fonts.slice(0, 2), ["Noto fonts"]],
    ["Chinese, Japanese and Korean", programs, ["NotoSans-Regular.ttf", "NotoColorEmoji.ttf"], ["Noto fonts"]],
    ["no fonts where the system has its own", programs, undefined, []],
    ["no fonts under Fedora's names", programs, ["NotoSans[wght].ttf", "NotoSansCJK-VF.ttc", "Noto-COLRv1.ttf"], []],
    [
      "a text font where only the symbols' is there",
      programs,
      ["NotoSansSymbols-Regular.ttf", ...fonts.slice(1)],
      ["Noto fonts"],
    ],
  ])("finds missing: %s", (_title, found, fontFiles, missing) => {
    expect(names(missingOf(runtimeRequirements, { hasProgram: has(...found), fontFiles }))).toEqual(missing);
  });

  it("takes any browser", () => {
    const found = (...list) => names(missingOf(testRequirements, { hasProgram: has(...list), fontFiles: [] }));
    expect(found("pocketsphinx_continuous", "postgres", "google-chrome")).toEqual([]);
    expect(found("pocketsphinx_continuous", "pg_ctlcluster")).toEqual(["chromium"]);
  });
});

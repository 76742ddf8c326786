import { describe, expect, it } from "vitest";
import { missingOf, runtimeRequirements, testRequirements } from "./requirements.mjs";

const names = (requirements) => requirements.map(({ name }) => name);
const has =
  (...programs) =>
  (name) =>
    programs.includes(name);

describe("missingOf", () => {
  const dejavu = ["DejaVuSans.ttf", "DejaVuSansMono.ttf", "DejaVuSerif.ttf"];
  const fonts = ["NotoSans-Regular.ttf", "NotoSansCJK-Regular.ttc", "NotoColorEmoji.ttf", ...dejavu];
  const programs = ["ffmpeg", "ffprobe", "nats-server", "espeak-ng", "flite"];

  it.each([
    ["nothing", programs, fonts, []],
    ["everything", [], [], ["ffmpeg", "nats-server", "espeak-ng", "flite", "Noto fonts", "DejaVu fonts"]],
    ["an ffmpeg without its ffprobe", programs.filter((name) => name !== "ffprobe"), fonts, ["ffmpeg"]],
    ["emoji", programs, fonts.filter((name) => name !== "NotoColorEmoji.ttf"), ["Noto fonts"]],
    ["Chinese, Japanese and Korean", programs, fonts.filter((name) => !/CJK/.test(name)), ["Noto fonts"]],
    ["a serif", programs, fonts.filter((name) => name !== "DejaVuSerif.ttf"), ["DejaVu fonts"]],
    ["no fonts on a system with its own", programs, undefined, []],
    [
      "no fonts under Fedora's names",
      programs,
      ["NotoSans[wght].ttf", "NotoSansCJK-VF.ttc", "Noto-COLRv1.ttf", ...dejavu],
      [],
    ],
    [
      "a text font if only the symbols' one is installed",
      programs,
      ["NotoSansSymbols-Regular.ttf", ...fonts.slice(1)],
      ["Noto fonts"],
    ],
  ])("finds missing: %s", (_title, found, fontFiles, missing) => {
    expect(names(missingOf(runtimeRequirements, { hasProgram: has(...found), fontFiles }))).toEqual(missing);
  });

  it("detects missing encoders by their program's output", () => {
    const found = (text) =>
      names(missingOf(testRequirements, { hasProgram: () => true, fontFiles: [], outputOf: () => text }));
    expect(found("HEIC encoders:\n- x265 = x265\nAVIF encoders:\n- aom = AOMedia\n")).toEqual([]);
    expect(found("HEIC encoders:\nAVIF encoders:\n")).toEqual(["libheif's encoders"]);
  });

  it("accepts any browser", () => {
    const found = (...list) =>
      names(missingOf(testRequirements, { hasProgram: has(...list), fontFiles: [], outputOf: () => "x265, aom" }));
    const programs = ["openssl", "nginx", "heif-enc", "pocketsphinx_continuous", "python3", "pip3"];
    const others = [...programs, "prometheus", "promtool"];
    expect(found(...others, "postgres", "google-chrome")).toEqual([]);
    expect(found(...others, "pg_ctlcluster")).toEqual(["chromium"]);
  });
});

import { create, type MessageInitShape } from "@bufbuild/protobuf";
import { VoiceSchema } from "@polyreel/contract";
import { expect, it } from "vitest";
import { noSuchVoices } from "./no-such-voices.js";

const voice = (init: MessageInitShape<typeof VoiceSchema>) => create(VoiceSchema, init);
const flite = voice({ name: "flite/slt", engine: "flite", language: "en-us", gender: "female" });
const german = voice({ name: "espeak-ng/de", engine: "espeak-ng", language: "de" });
const many = "af am an ar as az ba be bg bn cs".split(" ").map((language) => voice({ ...german, language }));

it.each([
  [{ engine: "espeak" }, '  No voice has the engine "espeak". Did you mean espeak-ng? There are espeak-ng, flite.\n'],
  [{ gender: "femal" }, '  No voice has the gender "femal". Did you mean female? There are female.\n'],
  [{ language: "en-gb" }, '  No voice has the language "en-gb". Did you mean en-us? There are de, en-us.\n'],
  [{ language: "EN", engine: "espeak-ng" }, ""], // Each exists; together they do not.
])("explains why none matches %j", (wanted, why) => {
  const all = { language: "", engine: "", gender: "", ...wanted };
  expect(noSuchVoices(all, [flite, german])).toBe(`No voices match.\n${why}`);
});

it("does not list more than a few", () => {
  const wanted = { language: "xxx", engine: "", gender: "" };
  expect(noSuchVoices(wanted, many)).toBe('No voices match.\n  No voice has the language "xxx".\n');
});

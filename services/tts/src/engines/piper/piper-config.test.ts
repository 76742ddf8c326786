import { describe, expect, it } from "vitest";
import { parsePiperConfig } from "./piper-config.js";

const IDS = { _: [0], "^": [1], $: [2], a: [3] };
const CONFIG = { audio: { sample_rate: 22_050 }, espeak: { voice: "de" }, phoneme_id_map: IDS };
const parse = (changes: object) => parsePiperConfig(JSON.stringify({ ...CONFIG, ...changes }));

it("reads a configuration, with defaults as Piper's", () => {
  expect(parse({})).toMatchObject({
    sampleRate: 22_050,
    language: "de",
    espeakVoice: "de",
    speakers: [],
    lengthScale: 1,
  });
  expect(parse({ language: { code: "pt_BR" }, inference: { length_scale: 1.2 } })).toMatchObject({
    ...{ language: "pt-BR", lengthScale: 1.2 },
  });
  expect(parse({ phoneme_type: "text", language: { code: "uk" } }).espeakVoice).toBeUndefined();
});

it("names speakers, by numbers where the model gives no usable name", () => {
  const speaker_id_map = { ann: 0, "b/c": 1, dora: 2, x: 9 };
  expect(parse({ num_speakers: 3, speaker_id_map }).speakers).toEqual(["ann", "1", "dora"]);
  expect(parse({ num_speakers: 2 }).speakers).toEqual(["0", "1"]);
});

describe("refuses", () => {
  it.each<[object, string]>([
    [{ audio: { sample_rate: 4e9 } }, "has the audio.sample_rate 4000000000; it must be from 8000 to 48000."],
    [{ audio: { sample_rate: "22050" } }, 'has the audio.sample_rate "22050"'],
    [{ audio: undefined }, "has no `audio`."],
    [{ espeak: { voice: "-w/etc/passwd" } }, "names no voice of espeak-ng."],
    [{ espeak: { voice: "../../voice" } }, "names no voice of espeak-ng."],
    [{ espeak: {} }, "names no voice of espeak-ng."],
    [{ language: { code: "../.." } }, 'has the language "../..", which is none.'],
    [{ phoneme_type: "pinyin" }, 'has the phoneme_type "pinyin"; only "espeak" and "text" can be spoken.'],
    [{ phoneme_id_map: {} }, 'has no id for "_".'],
    [{ phoneme_id_map: { ...IDS, b: ["x"] } }, 'has other ids than numbers for the phoneme "b".'],
    [{ phoneme_id_map: { ...IDS, b: [-1] } }, "has other ids than numbers"],
    [
      { phoneme_id_map: { ...IDS, ...Object.fromEntries(Array.from({ length: 10_001 }, (_, i) => [`p${i}`, [i]])) } },
      "has more than 10000 phonemes.",
    ],
    [{ num_speakers: 1e9 }, "has the num_speakers 1000000000; it must be from 1 to 2000."],
    [{ num_speakers: 2, speaker_id_map: { "1": 0 } }, "gives two speakers one name."],
    [{ inference: { length_scale: 1e9 } }, "has the inference.length_scale 1000000000"],
    [{ inference: [] }, "has an `inference` of another kind."],
  ])("%j", (changes, reason) => {
    expect(() => parse(changes)).toThrow(reason);
  });

  it.each(["", "null", "[]", "42", "{", '"a"'])("%j", (text) => {
    expect(() => parsePiperConfig(text)).toThrow(/Its configuration is no JSON/);
  });
});

import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { espeakNg, parseVoices } from "./espeak-ng.js";
import { installedEngineContract } from "./testing/engine-contract.js";
import { voiceHertz } from "./testing/voice-hertz.js";
import { wavSeconds } from "./wav.js";

const { signal } = new AbortController();
let tempDir: string;
beforeAll(async () => {
  tempDir = await mkdtemp(join(tmpdir(), "polyreel-espeak-"));
});
afterAll(() => rm(tempDir, { recursive: true }));

installedEngineContract(espeakNg);

const TABLE = `Pty Language       Age/Gender VoiceName          File                 Other Languages
 5  af              --/M      Afrikaans          gmw/af
 5  en-us           --/M      English_(America)  gmw/en-US            (en 3)
 5  en-gb-x-rp      --/M      English_(Received_Pronunciation) gmw/en-GB-x-rp        (en-gb 4)(en 5)
 5  yue             --/F      Chinese_(Cantonese) sit/yue             (zh-yue 5)
 5  yue             --/M      Chinese_(Cantonese,_latin_as_Jyutping) sit/yue-Latn-jyutping
`;

it.each([
  ["in the printed order", TABLE],
  ["in another order", [...TABLE.split("\n").slice(0, 1), ...TABLE.trim().split("\n").slice(1).reverse()].join("\n")],
])("lists each language once, American English first, %s", (_, table) => {
  expect(parseVoices(table).map(({ name, language, gender }) => [name, language, gender])).toEqual([
    ["en-us", "en-US", "male"],
    ["af", "af", "male"],
    ["en-gb-x-rp", "en-GB-x-rp", "male"],
    ["yue", "yue", "female"],
  ]);
});

it("lists more than a hundred installed languages", async () => {
  const names = (await espeakNg.voices(signal)).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(["en-us", "de", "fr-fr", "ja"]));
  expect(names.length).toBeGreaterThan(100);
});

async function spokenBytes(voice: string, text: string): Promise<number> {
  return (await stat((await espeakNg.speak({ voice, text, rate: 1, pitch: 0, signal, tempDir })).path)).size;
}

it("speaks other scripts, and never treats text as options or phonemes", async () => {
  expect(await spokenBytes("ru", "Привет, мир")).toBeGreaterThan(20_000);
  // As an option it would be silent; as phonemes the second would be one syllable.
  expect(await spokenBytes("en-us", "-q --help")).toBeGreaterThan(20_000);
  expect(await spokenBytes("en-us", "[[a]] [[a]] [[a]] one")).toBeGreaterThan(await spokenBytes("en-us", "a one"));
});

it.each([
  ["ja", "今日は良い天気です", "今日 良 天気"],
  ["ja", "こんにちは、iPhone 15", ""],
  ["ru", "Привет, 你好", "你好"],
  ["ru", "Привет, iPhone", ""],
  ["en-us", "Привет мир", "Привет мир"],
  ["en-us", "नमस्ते", ""], // Read by the rules of Hindi.
  ["en-us", "Café Größe ½ α → 😀", ""],
  ["de", "日本 und das Software Update", "日本"],
  ["ar", "שלום", "שלום"],
  ["he", "שלום", ""],
  ["hi", "नमस्ते Hello", ""],
  ["ko", "한국 漢字", "漢字"],
  ["yue", "你好", ""],
  ["el", "Καλημέρα", ""],
])("voice %s, given %j, cannot read %j", async (voice, text, words) => {
  expect((await espeakNg.unreadable(voice, text, signal)).join(" ")).toBe(words);
});

const speak = async (rate: number, pitch: number) => {
  const text = "She walked along the river until the morning light appeared.";
  return (await espeakNg.speak({ voice: "en-us", text, rate, pitch, signal, tempDir })).path;
};

it("speaks at the requested rate", async () => {
  const seconds = async (rate: number) => wavSeconds(await readFile(await speak(rate, 0)));
  const own = await seconds(1);
  for (const rate of [0.46, 0.7, 1.5, 2.5, 4]) {
    // Above 350 words a minute speech is up to 5% slower than requested.
    const times = own / (await seconds(rate));
    expect(times / rate).toBeGreaterThan(0.93);
    expect(times / rate).toBeLessThan(1.07);
  }
});

it("speaks at the requested pitch", async () => {
  const hertz = async (pitch: number) => voiceHertz(await speak(1, pitch), tempDir);
  const own = await hertz(0);
  for (const pitch of [-7, -3, 4, 9]) {
    expect(Math.abs(12 * Math.log2((await hertz(pitch)) / own) - pitch)).toBeLessThan(1);
  }
});

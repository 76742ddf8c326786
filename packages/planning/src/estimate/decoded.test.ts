import { expect, it } from "vitest";
import { A, B, blueprint, know, MUSIC, source } from "../plan/testing/world.js";
import { decodedSound } from "./decoded.js";
import { inTurns } from "./in-turns.js";

const PCM_BYTES_A_SECOND = 48_000 * 2 * 4;
const bytes = async (blocks: Parameters<typeof blueprint>[0], meanSeconds = 5) => {
  const decoded = decodedSound(blueprint(blocks), know(), { decoder: "sound-1", meanSeconds });
  return [...(await inTurns(decoded, new AbortController().signal)).values()];
};
const music = { name: "music", audio: { loop: true, choices: [source(MUSIC, "m.mp3"), { label: "silence" }] } };
const video = (name: string, rest: object = {}) => ({ name, video: { choices: [source(A, "a.mp4")], ...rest } });

it("counts the sound of clips and beds, up to the length of their sources", async () =>
  expect(await bytes([video("v"), music])).toEqual([2 * PCM_BYTES_A_SECOND, 20 * PCM_BYTES_A_SECOND]));

it("counts a source once, however often it is used", async () =>
  expect(await bytes([video("v"), video("w"), music])).toHaveLength(2));

it("does not count muted sound", async () => {
  expect(await bytes([video("v", { sound: "SOUND_MUTED" })])).toEqual([]);
  expect(await bytes([{ name: "v", video: { choices: [source(B, "b.mp4")] } }])).toEqual([]);
});

import { create, fromJson, type JsonObject } from "@bufbuild/protobuf";
import { type Batch, BatchSchema, PcmIndexSchema, VoiceSchema } from "@polyreel/contract";
import type { PartStore } from "@polyreel/parts";
import type { Store } from "@polyreel/platform/blobs";
import { normalizeBatch } from "@polyreel/spec";
import { describe, expect, it } from "vitest";
import { blueprintOf, type ListedVoices, needsInOrder, voicePart } from "../plan/index.js";
import { footage } from "../plan/testing/world.js";
import { type CountingContext, countParts } from "./count-parts.js";

/** Blocks of six choices each. */
const blocksOf = (count: number) => {
  const choices = (block: number) =>
    Array.from({ length: 6 }, (_, i) => ({
      label: `${i}`,
      source: { sha256: (block * 6 + i).toString(16).padStart(64, "0") },
    }));
  return Array.from({ length: count }, (_, block) => ({ name: `b${block}`, video: { choices: choices(block) } }));
};
/** Four such blocks: 1296 combinations of 24 clips. */
const batchOf = (rest: JsonObject = {}): Batch => {
  const canvas = { width: 320, height: 240 };
  return normalizeBatch(fromJson(BatchSchema, { canvas, blocks: blocksOf(4), ...rest }));
};

const context = (rest: Partial<CountingContext> = {}): CountingContext => ({
  store: {
    files: { open: async (path: string) => ({ path, [Symbol.asyncDispose]: async () => {} }) },
  } as unknown as Store,
  parts: { pcm: async () => undefined } as unknown as PartStore,
  encoders: { clip: "c", sound: "s", text: "t", rendition: "r" },
  earlier: async () => [],
  listVoices: async () => expect.fail("No line needs a voice."),
  probesOf: async () => footage(2),
  signal: new AbortController().signal,
  maxPlanned: 100,
  ...rest,
});

/** The combinations, how many of them were planned, and the clips found. */
async function counted(batch: Batch, rest?: Partial<CountingContext>) {
  const { combinations, tally } = await countParts(batch, context(rest));
  return { combinations, seen: tally.seen, clips: tally.clips.size };
}

describe("countParts", () => {
  it("counts all combinations of a batch without rules, however many", async () =>
    expect(await counted(batchOf())).toEqual({ combinations: 1296, seen: 1296, clips: 24 }));

  it("plans a random sample if rules or a sample prevent counting", async () => {
    const rules = batchOf({ where: ["b0 != b1"] });
    expect(await counted(rules)).toMatchObject({ combinations: 1080, seen: 100 });
    expect(await counted(rules, { maxPlanned: 2000 })).toEqual({ combinations: 1080, seen: 1080, clips: 24 });
    const sample = batchOf({ sample: { count: "500" } });
    expect(await counted(sample)).toMatchObject({ combinations: 500, seen: 100 });
    expect(await counted(batchOf({ sample: { count: "50" } }))).toMatchObject({ combinations: 50, seen: 50 });
  });

  it("samples from the combinations that an earlier sample left out", async () => {
    const earlier = async () => [batchOf({ sample: { count: "300" } })];
    expect(await counted(batchOf({ continues: "b1" }), { earlier })).toMatchObject({ combinations: 996, seen: 100 });
  });

  it("counts inputs, however many, and reports unsuitable ones", async () => {
    const inputs = Array.from({ length: 600 }, (_, i) => ({
      label: `${i}`,
      source: { sha256: i.toString(16).padStart(64, "0"), name: `${i}.mp4` },
    }));
    const outputs = [{ thumbnail: {} }, { contactSheet: {} }, { audio: {} }];
    const batch = (rest: JsonObject = {}) => normalizeBatch(fromJson(BatchSchema, { inputs, outputs, ...rest }));
    expect(await counted(batch(), { maxPlanned: 1000 })).toEqual({ combinations: 600, seen: 600, clips: 0 });
    const mute = { probesOf: async () => footage(2, false) };
    const { unknown, tally, first } = await countParts(batch({ inputs: inputs.slice(0, 2) }), context(mute));
    expect(unknown).toEqual([]);
    expect(tally.failing).toBe(2);
    expect(tally.failures).toMatchObject([
      { failure: { block: "input", choice: "0", reason: '"0.mp4": The file has no sound.' }, combinations: 1 },
      { failure: { block: "input", choice: "1", reason: '"1.mp4": The file has no sound.' }, combinations: 1 },
    ]);
    expect([tally.planned, first?.planned]).toEqual([2, 1]);
    const soundOnly = { probesOf: async () => ({ ...footage(2), video: undefined }) };
    const { tally: pictures } = await countParts(batch({ inputs: inputs.slice(0, 1) }), context(soundOnly as object));
    expect(pictures.failing).toBe(1);
    expect(pictures.failures.map(({ failure }) => `${failure.field} ${failure.reason}`)).toEqual([
      'outputs[0].thumbnail "0.mp4": The file has sound but no picture.',
      'outputs[1].contactSheet "0.mp4": The file has sound but no picture.',
    ]);
  });

  it("reports what outputs of combinations do not allow, and of inputs, with output and setting", async () => {
    const outputs = [
      { transcode: { height: 480 } },
      { transcode: { trim: { start: "60s" } } },
      { compress: { targetMegabytes: 0.01 } },
      { audio: { format: "AUDIO_FORMAT_MP3" } },
      { transcode: { preset: "web-480p" } },
    ];
    const found = async (batch: Batch) =>
      (await countParts(batch, context())).tally.failures.map(({ failure }) => `${failure.field}: ${failure.reason}`);
    // Clips of 2 s on a canvas of 320x240.
    const joined = await found(batchOf({ blocks: blocksOf(1), outputs }));
    expect(joined).toEqual([
      "outputs[0].transcode.height: The picture has 320x240 pixels: height 480 would enlarge it.",
      "outputs[1].transcode.trim.start: It would begin at 60.00 s, but the video is only 2.00 s long.",
      "outputs[2].compress.targetMegabytes: 2.0 s of this video can't be encoded in 0.01 MB at 320x240.",
    ]);
    const source = { sha256: "a".repeat(64), name: "a.mp4" };
    const inputs = await found(normalizeBatch(fromJson(BatchSchema, { inputs: [{ source }], outputs })));
    expect(inputs).toEqual([
      'outputs[1].transcode.trim.start: "a.mp4": It would begin at 60.00 s, but the video is only 2.00 s long.',
    ]);
  });

  describe("of voice lines", () => {
    const speaker = { name: "speaker", voice: { choices: [{ text: "Hello" }, { text: "Bye", voice: "slt" }] } };
    const batch = batchOf({ blocks: [...blocksOf(1), speaker] });
    const listed = (build: string): ListedVoices => ({
      voices: ["rms", "slt"].map((name) => create(VoiceSchema, { name, build })),
      defaultVoice: "rms",
    });
    const planned = (build: string) =>
      needsInOrder(blueprintOf(batch)).flatMap((need) =>
        need.kind === "voice" ? voicePart(need, listed(build)).hash : [],
      );
    const pcm = create(PcmIndexSchema, { samples: 12_000n });
    /** Counts the batch where the voices have one build, and lines spoken by "flite 1" are in the store. */
    const countedFor = async (voices: ListedVoices | undefined) => {
      const spoken = planned("flite 1");
      const describe = async (_kind: string, hash: string) => (spoken.includes(hash) ? pcm : undefined);
      const parts: Pick<PartStore, "describe"> = { describe: describe as PartStore["describe"] };
      return countParts(batch, context({ parts: parts as PartStore, listVoices: async () => voices }));
    };
    const hashes = ({ tally }: { tally: { voices: ReadonlyMap<string, unknown> } }) => [...tally.voices.keys()].sort();

    it("looks up the parts of the planned builds", async () => {
      const same = await countedFor(listed("flite 1"));
      expect(hashes(same)).toEqual(planned("flite 1").sort());
      expect(same.unknown).toEqual([]);
      const upgraded = await countedFor(listed("flite 2"));
      expect(hashes(upgraded)).toEqual(planned("flite 2").sort());
      expect(upgraded.unknown.map(({ reason }) => reason.slice(0, 26))).toEqual(
        Array.from({ length: 2 }, () => "The line is not spoken yet"),
      );
    });

    it("counts those of an unknown voice as failing, as a speech service would", async () => {
      const { voices, defaultVoice } = listed("flite 1");
      const { unknown, tally } = await countedFor({ voices: voices.slice(0, 1), defaultVoice });
      expect(unknown).toEqual([]);
      expect([tally.seen, tally.planned, tally.failing]).toEqual([12, 6, 6]);
      expect(tally.failures).toMatchObject([
        { failure: { block: "speaker", reason: 'The voice "slt" is not installed.' }, combinations: 6 },
      ]);
    });

    it("counts them as not spoken if no speech service lists builds, and reports it", async () => {
      const { unknown, ...rest } = await countedFor(undefined);
      expect(hashes(rest)).toHaveLength(2);
      for (const hash of hashes(rest)) expect(planned("flite 1")).not.toContain(hash);
      expect(unknown).toHaveLength(2);
      for (const { block, reason, remedy } of unknown) {
        expect(block).toBe("speaker");
        expect(reason).toMatch(/^No speech service states the build of its voices/);
        expect(remedy).toBe("Start a speech service (tts), and estimate again.");
      }
    });
  });

  it("stops when cancelled", async () => {
    const stop = new AbortController();
    const probesOf = async () => {
      stop.abort(new Error("gone"));
      return footage(2);
    };
    const work = countParts(batchOf(), context({ signal: stop.signal, probesOf }));
    await expect(work).rejects.toThrow("gone");
  });

  it("tallies the first combination separately", async () => {
    const { first } = await countParts(batchOf({ where: ["b0 != b1"] }), context());
    expect([first?.planned, first?.clips.size, first?.seconds]).toEqual([1, 4, 8]);
  });
});

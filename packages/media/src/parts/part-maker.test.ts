import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { create } from "@bufbuild/protobuf";
import { PartRequestedSchema, PcmIndexSchema, Stage } from "@polyreel/contract";
import type { Publisher } from "@polyreel/platform/nats/publisher.js";
import type { Work } from "@polyreel/platform/nats/stage.js";
import { openFolderStore } from "@polyreel/platform/store/folder-store.js";
import { openWorkFolder } from "@polyreel/platform/work-folder.js";
import { expect, it } from "vitest";
import { PartMaker } from "./part-maker.js";
import { PartStore } from "./part-store.js";

const request = create(PartRequestedSchema, { batchId: "b1", tenant: "default", attempt: 1, hash: "0".repeat(64) });
const work = { signal: new AbortController().signal, span: { setAttributes: () => {} } } as unknown as Work;

it("says how long a voice line is and when its words are spoken, also when it was there already", async () => {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-maker-"));
  const said: unknown[] = [];
  const publisher = { publish: async (...fact: unknown[]) => said.push(fact), progress: () => {} };
  const workFolder = await openWorkFolder("maker-test", folder);
  const leases = { hold: (_name: string, _options: unknown, make: () => Promise<void>) => make() };
  const maker = new PartMaker(leases, workFolder, publisher as unknown as Publisher);
  const parts = new PartStore(await openFolderStore(join(folder, "store")));
  const words = [{ text: "hello", startSeconds: 0.25, endSeconds: 0.5 }];
  const speak = async ({ tempDir }: { tempDir: string }) => {
    const payloadPath = join(tempDir, "speech");
    await writeFile(payloadPath, new Uint8Array(8));
    const value = create(PcmIndexSchema, { samples: 1n, words });
    return { payloadPath, index: { kind: { case: "pcm", value } } } as const;
  };
  try {
    for (let i = 0; i < 2; i++) await maker.answer(parts, request, "voice", Stage.VOICE, work, speak);
    for (const [i, reused] of [false, true].entries()) {
      expect(said[i]).toMatchObject(["voice.ready", { reused, speechSamples: 1n, words }, { attempt: 1 }]);
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});

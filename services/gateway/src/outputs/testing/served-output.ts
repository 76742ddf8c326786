import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";
import { BatchService, CombinationSchema, CombinationState, outputUrlPath } from "@polyreel/contract";
import type { ClipPart } from "@polyreel/media/join";
import { certify, layOut, tagsOf, writeLayout } from "@polyreel/media/join";
import { encodeClip, encodeSound } from "@polyreel/media/testing";
import { PartStore } from "@polyreel/parts";
import { scopedStore } from "@polyreel/platform/blobs";
import type { RunningGateway } from "../../testing/running-gateway.js";

const TENANT = "acme";
const BATCH = "bserved";

export interface ServedOutput {
  readonly batchId: string;
  readonly combinationId: string;
  readonly fileName: string;
  readonly url: string;
  readonly frames: number;
  /** The hash of its first clip. */
  readonly clipHash: string;
  /** The bytes of the file that a delivery would write. */
  readonly file: Buffer;
}

/** Publishes what other services would for an output of clips with these numbers of frames, under one soundtrack. */
export async function serveOutput(
  gateway: RunningGateway,
  id: string,
  {
    lengths,
    source = "testsrc2=s=180x320:r=30",
    ordinal = 0,
    delivered = false,
    key,
  }: { lengths: readonly number[]; source?: string; ordinal?: number; delivered?: boolean; key?: string },
): Promise<ServedOutput> {
  const folder = await mkdtemp(join(tmpdir(), "polyreel-served-"));
  try {
    const { publisher, store } = gateway.platform;
    const parts = new PartStore(scopedStore(store, TENANT));
    // Equally long clips are the same clip: joins are tested here, and encoding takes time.
    const encoded = new Map<number, ClipPart>();
    for (const frames of new Set(lengths)) {
      const clip = await encodeClip(folder, `${id}-clip${frames}`, { source, frames });
      await parts.put("clip", clip.hash, clip.payload, { kind: { case: "clip", value: clip.index } });
      encoded.set(frames, clip);
    }
    const clips = lengths.flatMap((frames) => encoded.get(frames) ?? []);
    const frames = lengths.reduce((sum, length) => sum + length, 0);
    const tone = { source: "sine=f=440:r=48000", samples: frames * 1600 };
    const sound = await encodeSound(folder, `${id}-sound`, tone);
    await parts.put("sound", sound.hash, sound.payload, { kind: { case: "sound", value: sound.index } });

    const combination = create(CombinationSchema, {
      id,
      ordinal: BigInt(ordinal),
      fileName: `${id} à la carte 👋.mp4`,
      clips: clips.map(({ hash }) => ({ hash })),
      soundHash: sound.hash,
      choices: [{ block: "hook", choice: "friday" }],
    });
    const layout = layOut(clips, sound, tagsOf(combination));
    const certificate = certify(clips, sound, layout);
    const rendered = { batchId: BATCH, tenant: TENANT, attempt: 1, combination, certificate };
    await publisher.publishOnce("batch.submitted", { batchId: BATCH, tenant: TENANT });
    await publisher.publish("combination.rendered", rendered, { id });
    await known(gateway, id, { key });
    const urlPath = outputUrlPath(BATCH, id, combination.fileName);
    if (delivered) {
      const { choices } = combination;
      const ended = { batchId: BATCH, combinationId: id, ordinal: BigInt(ordinal), attempt: 1, choices };
      await publisher.publish("combination.delivered", { ...ended, path: "a.mp4", urlPath, certificate }, { id });
      await known(gateway, id, { key, state: CombinationState.DELIVERED });
    }

    const path = join(folder, "written.mp4");
    await writeLayout(layout, parts, path);
    return {
      batchId: BATCH,
      combinationId: id,
      fileName: combination.fileName,
      url: gateway.url + urlPath,
      frames,
      clipHash: clips[0]?.hash ?? "",
      file: await readFile(path),
    };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Waits until the gateway has read the fact. */
async function known(
  gateway: RunningGateway,
  id: string,
  { key, state = CombinationState.RENDERED }: { key: string | undefined; state?: CombinationState },
): Promise<void> {
  const client = createClient(BatchService, createGrpcTransport({ baseUrl: gateway.url }));
  const options = { headers: key ? { Authorization: `Bearer ${key}` } : {} };
  const request = { batchId: BATCH, state };
  while (!(await client.listCombinations(request, options)).combinations.some((one) => one.id === id)) await sleep(10);
}

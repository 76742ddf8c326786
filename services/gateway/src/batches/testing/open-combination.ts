import { randomUUID } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Client } from "@connectrpc/connect";
import { type BatchService, type CombinationDetails, type ProgressSchema, WarningCode } from "@polyreel/contract";
import { expect } from "vitest";
import type { RunningGateway } from "../../testing/running-gateway.js";
import { sampleBatch } from "../../testing/sample-batch.js";

/** Allows for a busy machine. */
export const PATIENT = { timeout: 20_000 };

/** Three clips, the last of which is the first again, and a soundtrack. With layout and delivery that is six steps. */
export const combination = {
  id: "c0",
  ordinal: 0n,
  choices: [
    { block: "hook", choice: "flower" },
    { block: "body", choice: "demo" },
  ],
  fileName: "flower demo.mp4",
  clips: [
    { hash: "k1", block: "hook", choice: "flower" },
    { hash: "k2", block: "body", choice: "demo" },
    { hash: "k1", block: "end", choice: "flower" },
  ],
  soundHash: "s1",
  warnings: [{ block: "music", choice: "chord", reason: "It was cut.", code: WarningCode.SOUND_CUT }],
};
export const silent = { reason: "The music is silent.", code: WarningCode.SOUND_SILENT };
const certificate = { sizeBytes: 7n, warnings: [...combination.warnings, silent] };

/** Submits a batch to a gateway, whose facts and progress are then published as services do. */
export async function openCombination(
  { platform: { publisher } }: RunningGateway,
  client: Client<typeof BatchService>,
) {
  const batchId = (await client.submitBatch({ batch: sampleBatch() })).batch?.batchId ?? "";
  const { id: combinationId, ordinal, choices } = combination;
  const ofCombination = { batchId, attempt: 1, combinationId, ordinal, choices };
  const publish = (...[name, fact]: [Parameters<typeof publisher.publish>[0], object]): Promise<unknown> =>
    publisher.publish(name, { batchId, attempt: 1, ...fact } as never, { id: randomUUID() });
  const details = async (): Promise<CombinationDetails> =>
    (await client.getCombination({ batchId, combinationId })).combination ?? expect.fail("no details");
  /** Without undefined fields. */
  const output = async () => {
    const { step, failure, ...one } = (await details()).outputs[0] ?? expect.fail("no output");
    return { ...one, failure, step: step && { ...step, tryingAgain: step.tryingAgain } };
  };
  return {
    batchId,
    plan: async (more: object = {}) => {
      for (const hash of ["k1", "k2"]) await publish("clip.requested", { hash });
      await publish("sound.requested", { hash: "s1" });
      await publish("combination.planned", { combination, ...more });
    },
    publish,
    /** Publishes all parts as ready. */
    ready: async () => {
      for (const hash of ["k1", "k2"]) await publish("clip.ready", { hash });
      await publish("sound.ready", { hash: "s1" });
    },
    layOut: (more: object = {}) => publish("combination.rendered", { combination, certificate, ...more }),
    deliver: (more: object = {}) => publish("combination.delivered", { ...ofCombination, certificate, ...more }),
    fail: (more: object = {}) => publish("combination.failed", { ...ofCombination, ...more }),
    progress: (progress: Omit<MessageInitShape<typeof ProgressSchema>, "batchId" | "$typeName">) =>
      publisher.progress({ batchId, ...progress }),
    details,
    output,
    /** Waits until the read model has caught up. */
    becomes: (expected: object) => expect.poll(() => output().catch(() => undefined), PATIENT).toMatchObject(expected),
  };
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { encodeClip, encodeSound } from "../testing/encode-parts.js";
import { layOut } from "./layout.js";

const SECONDS = 15;
const RATE = 30;

test("a header takes at most 600 bytes per second of video", async () => {
  const folder = await mkdtemp(join(tmpdir(), "header-size-"));
  try {
    const clip = await encodeClip(folder, "clip", { source: "testsrc2=s=180x320:r=30", frames: 5 * RATE });
    const sound = await encodeSound(folder, "sound", { source: "sine=f=440:r=48000", samples: SECONDS * 48_000 });
    const tags = { title: "spring sale", hook: "friday", body: "long", music: "guitar" };
    const { header } = layOut([clip, clip, clip], sound, tags);
    expect(header.length / SECONDS).toBeLessThan(600);
  } finally {
    await rm(folder, { recursive: true });
  }
});

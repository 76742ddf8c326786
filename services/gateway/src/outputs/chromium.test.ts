import { NEEDS_CHROMIUM, playThrough, seekInChromium } from "@polyreel/media/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningGateway, runGateway } from "../testing/running-gateway.js";
import { type ServedOutput, serveOutput } from "./testing/served-output.js";

const RATE = 30;
/** Frames of the clips, in turn; those of one frame leave the encoder without reordering. */
const LENGTHS = [6, 1, 2, 3, 1];

describe("Chromium with a virtual output", NEEDS_CHROMIUM, () => {
  let gateway: RunningGateway;
  beforeAll(async () => {
    gateway = await runGateway();
  });
  afterAll(() => gateway.close());

  it.each([
    ["2 clips", [20, 25]],
    ["60 clips", Array.from({ length: 60 }, (_, i) => LENGTHS[i % LENGTHS.length] ?? 1)],
  ])("plays %s through, every frame once, without a stall", async (title, lengths) => {
    const { url, frames } = await serveOutput(gateway, title.replace(" ", ""), { lengths });
    expect(await playThrough(new URL(url), frames)).toEqual({
      error: "",
      durationSeconds: expect.closeTo(frames / RATE, 5),
      endedAtSeconds: expect.closeTo(frames / RATE, 5),
      frameTimes: Array.from({ length: frames }, (_, i) => expect.closeTo(i / RATE, 4)),
      inOrder: true,
      stalls: 0,
    });
  });

  describe("seeks accurately to the frame", () => {
    let large: ServedOutput;
    beforeAll(async () => {
      // Noise: more bytes than the browser buffers, so that it requests ranges.
      const source = "testsrc2=s=180x320:r=30,noise=alls=100:allf=t";
      large = await serveOutput(gateway, "large", { lengths: Array<number>(60).fill(20), source });
    });

    it("of 60 clips, back and forth, on both sides of joins and at the end", async () => {
      const frames = [1100, 7, 600, 599, 20, 19, 1199, 40, 0, 860];
      const shown = await seekInChromium(
        new URL(large.url),
        frames.map((frame) => (frame + 0.5) / RATE),
      );
      expect(shown.map((seconds) => seconds * RATE)).toEqual(frames.map((frame) => expect.closeTo(frame, 2)));
    });
  });
});

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { needs } from "@polyreel/platform/testing";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { requireHardware } from "./find-hardware.js";
import { hardwareEncoders } from "./hardware-encoder.js";

const HAS_HARDWARE = existsSync("/dev/dri") || existsSync("/dev/nvidia0") || process.platform === "darwin";
const LISTED = `case "$*" in *-encoders*) echo " V..... h264_nvenc x"; echo " V..... hevc_nvenc x"; exit;; esac`;

const { signal } = new AbortController();
let folder: string;
let real: string;
/** What ffmpeg does from now on: a script of the shell. */
const pretend = (script: string) => writeFile(join(folder, "script"), script);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-hardware-"));
  real = (await promisify(execFile)("sh", ["-c", "command -v ffmpeg"])).stdout.trim();
  const program = join(folder, "ffmpeg");
  await writeFile(program, `#!/bin/sh\n. ${join(folder, "script")}\n`);
  await chmod(program, 0o755);
  vi.stubEnv("FFMPEG_PATH", program);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

describe("hardware", () => {
  it("that encodes is accepted", async () => {
    await pretend(`${LISTED}\necho stream`);
    await expect(requireHardware("nvenc", signal)).resolves.toBeUndefined();
  });

  it("whose encoder ffmpeg lacks is refused by its name", async () => {
    await pretend(LISTED);
    await expect(requireHardware("vaapi", signal)).rejects.toMatchObject({
      code: "unavailable",
      failure: {
        reason: "POLYREEL_ENCODER is vaapi, but this ffmpeg has no h264_vaapi and no hevc_vaapi.",
        remedy: expect.stringMatching(/ffmpeg built with it.*\/dev\/dri\/renderD128.*leave out POLYREEL_ENCODER/),
      },
    });
  });

  it.each([
    ["", "h264_nvenc encodes nothing."],
    ['case "$*" in *h264*) echo stream;; esac', "hevc_nvenc encodes nothing."],
    ["echo '[error] No capable devices found' >&2; exit 1", "h264_nvenc encodes nothing (No capable devices found)."],
  ])("that encodes nothing is refused, with what ffmpeg reports: %j", async (script, reason) => {
    await pretend(`${LISTED}\n${script}`);
    await expect(requireHardware("nvenc", signal)).rejects.toThrow(`POLYREEL_ENCODER is nvenc, but ${reason}`);
  });

  it.each(hardwareEncoders)(
    "that this machine lacks is refused: %s",
    needs(!HAS_HARDWARE, "needs a machine without encoders of hardware"),
    async (encoder) => {
      await pretend(`exec ${real} "$@"`);
      await expect(requireHardware(encoder, signal)).rejects.toMatchObject({
        code: "unavailable",
        message: expect.stringContaining(`POLYREEL_ENCODER is ${encoder}, but `),
      });
    },
  );
});

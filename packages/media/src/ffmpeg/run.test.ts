import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PolyreelError } from "@polyreel/platform";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { FfmpegInput, FfmpegOutput } from "./arguments.js";
import { runFfmpeg, runFfprobe } from "./run.js";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "polyreel-run-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const bounds = { signal, deadlineSeconds: 30, maxOutputBytes: 1 << 24 };
const endless: { inputs: FfmpegInput[]; outputs: FfmpegOutput[] } = {
  inputs: [{ lavfi: "testsrc2=size=64x64:rate=30", options: ["-re"] }],
  outputs: [{ stdout: true, options: ["-f", "rawvideo", "-metadata", "comment=polyreel-run-test"] }],
};

async function failureOf(run: Promise<unknown>): Promise<PolyreelError> {
  const error = await run.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof PolyreelError)) throw new Error(`no PolyreelError, but ${error}`);
  return error;
}

/** Process ids of this test's ffmpeg children (their command line contains its mark). */
const alive = () =>
  new Promise<string[]>((resolve) => {
    execFile("pgrep", ["-f", "^[^ ]*ffmpeg .*comment=polyreel-run-test"], (_error, out) => {
      resolve(out.split("\n").filter(Boolean));
    });
  });

describe("runFfmpeg", () => {
  it("resolves with what was written, and progress that never decreases", async () => {
    let bytes = 0;
    const seen: number[] = [];
    const stats = await runFfmpeg({
      ...bounds,
      inputs: [{ lavfi: "testsrc2=size=64x64:rate=30:duration=2" }],
      outputs: [{ stdout: true, options: ["-f", "rawvideo", "-pix_fmt", "gray"] }],
      onStdout: (chunk) => {
        bytes += chunk.length;
      },
      onProgress: (seconds) => seen.push(seconds),
    });
    expect(bytes).toBe(60 * 64 * 64);
    expect(stats.frames).toBe(60);
    expect(stats.outTimeSeconds).toBeCloseTo(2, 3);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBeCloseTo(2, 3);
  });

  it("feeds stdin", async () => {
    const chunks: Buffer[] = [];
    const samples = Buffer.from(Float32Array.from({ length: 96 }, (_, i) => i / 100).buffer);
    await runFfmpeg({
      ...bounds,
      inputs: [{ stdin: true, options: ["-f", "f32le", "-ar", "48000", "-ac", "2"] }],
      stdin: [samples.subarray(0, 101), samples.subarray(101)],
      outputs: [{ stdout: true, options: ["-f", "f32le"] }],
      onStdout: (chunk) => {
        chunks.push(chunk);
      },
    });
    expect(Buffer.concat(chunks)).toEqual(samples);
  });

  it.each([
    ["the signal", () => ({ signal: AbortSignal.timeout(300) }), "cancelled", /cancelled/],
    ["the deadline", () => ({ deadlineSeconds: 0.3 }), "exhausted", /longer than/],
    ["the bound", () => ({ maxOutputBytes: 100_000 }), "exhausted", /100000 bytes/],
  ])("is stopped by %s, and its process is gone", async (_what, limit, code, reason) => {
    const error = await failureOf(runFfmpeg({ ...bounds, ...limit(), ...endless }));
    expect(error.code).toBe(code);
    expect(error.message).toMatch(reason);
    expect(await alive()).toEqual([]);
  });

  it("is stopped when nothing moves", async () => {
    const silence = (async function* () {
      yield Buffer.alloc(8);
      await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
    })();
    const input: FfmpegInput = { stdin: true, options: ["-f", "f32le"] };
    const outputs = [{ stdout: true as const, options: ["-f", "f32le"] }];
    const run = runFfmpeg({ ...bounds, inputs: [input], outputs, stdin: silence, stallSeconds: 0.5 });
    expect((await failureOf(run)).message).toMatch(/no progress for/);
  });

  it("fails with the caller's own error if that comes first", async () => {
    const own = new Error("mine");
    const run = runFfmpeg({
      ...bounds,
      ...endless,
      onStdout: () => {
        throw own;
      },
    });
    await expect(run).rejects.toBe(own);
    expect(await alive()).toEqual([]);
  });

  it("does not start after an abort", async () => {
    const error = await failureOf(runFfmpeg({ ...bounds, ...endless, signal: AbortSignal.abort() }));
    expect(error.code).toBe("cancelled");
  });

  it("bounds an endless file from inside ffmpeg", async () => {
    const file = join(folder, "big.avi");
    const error = await failureOf(
      runFfmpeg({
        ...bounds,
        maxOutputBytes: 1_000_000,
        inputs: [{ lavfi: "testsrc2=size=320x320" }],
        outputs: [{ file, options: ["-c:v", "rawvideo"] }],
      }),
    );
    expect(error.code).toBe("exhausted");
    expect((await readFile(file)).length).toBeLessThan(3_000_000);
  });

  it("opens no playlist, whatever the file's name", async () => {
    await writeFile(join(folder, "secret.mp4"), "secret");
    const playlists = {
      "list.mp4": "ffconcat version 1.0\nfile secret.mp4\n",
      "hls.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nsecret.mp4\n#EXT-X-ENDLIST\n",
    };
    for (const [name, text] of Object.entries(playlists)) {
      await writeFile(join(folder, name), text);
      const error = await failureOf(runFfmpeg({ ...bounds, ...endless, inputs: [{ media: join(folder, name) }] }));
      expect(error.code).toBe("invalid");
      // Newer versions go by the file's name and treat it as an MP4 once the playlist demuxer is refused.
      expect(error.message).toMatch(/not accepted|not media|its index is missing/);
    }
  });

  it("leaves no ffmpeg behind when its own process is killed", async () => {
    const script = `
      import { runFfmpeg } from ${JSON.stringify(new URL("../../dist/ffmpeg/run.js", import.meta.url).href)};
      const signal = new AbortController().signal;
      runFfmpeg({ signal, deadlineSeconds: 60, maxOutputBytes: 1e9, ...${JSON.stringify(endless)}, onStdout: () => {
        process.stdout.write("runs\\n");
        if (process.argv[1] === "exit") process.exit(0);
      } });
    `;
    for (const way of ["exit", "SIGTERM", "SIGKILL"] as const) {
      const parent = spawn(process.execPath, ["--input-type=module", "-e", script, way], {
        stdio: ["ignore", "pipe", 2],
      });
      const gone = new Promise((resolve) => parent.once("close", resolve));
      await new Promise((resolve) => parent.stdout?.once("data", resolve));
      if (way !== "exit") parent.kill(way);
      await gone;
      await expect.poll(alive, { timeout: 3000 }).toEqual([]);
    }
  });
});

describe("runFfprobe", () => {
  it("distinguishes an unreadable file from a missing one", async () => {
    const file = join(folder, "text.mp4");
    await writeFile(file, "just words\n".repeat(100));
    const error = await failureOf(runFfprobe(["-i", `file:${file}`], { signal }));
    expect(error.code).toBe("invalid");
    expect(error.failure.remedy).not.toBe("");
  });
});

import { expect, it, vi } from "vitest";

it("names the package to install if ffmpeg and ffprobe are missing", async () => {
  vi.stubEnv("PATH", "/nonexistent");
  vi.stubEnv("FFMPEG_PATH", "");
  vi.stubEnv("FFPROBE_PATH", "");
  vi.resetModules();
  const { runFfmpeg, runFfprobe } = await import("./run.js");
  const signal = new AbortController().signal;
  const run = runFfmpeg({ inputs: [], outputs: [], signal, deadlineSeconds: 5, maxOutputBytes: 1 });
  await expect(run).rejects.toMatchObject({
    code: "unavailable",
    message: "ffmpeg is not installed (or not on PATH).",
    failure: { remedy: expect.stringMatching(/apt install ffmpeg.*FFMPEG_PATH/) },
  });
  await expect(runFfprobe([], { signal })).rejects.toMatchObject({
    code: "unavailable",
    message: "ffprobe is not installed (or not on PATH).",
    failure: { remedy: expect.stringMatching(/apt install ffmpeg.*FFPROBE_PATH/) },
  });
  vi.unstubAllEnvs();
});

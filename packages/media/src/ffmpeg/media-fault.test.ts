import { PolyreelError } from "@polyreel/platform";
import { expect, it } from "vitest";
import { programError } from "./failure.js";
import { mediaFault } from "./media-fault.js";
import type { Ending } from "./run-program.js";

const failure = { reason: "The pictures cannot be made.", remedy: "Convert them." };
const after = (ending: Partial<Ending>) =>
  mediaFault(programError("ffmpeg", [], { code: 1, signal: null, stderr: "", ...ending }), failure);

it.each([
  ["ffmpeg 5.1", 1, "[error] Error while filtering: Generic error in an external library\n[fatal] Conversion failed!"],
  [
    "ffmpeg 7 and later",
    187,
    "[error] Task finished with error code: -542398533 (Generic error in an external library)",
  ],
  ["no word", 1, ""],
])("treats an ffmpeg that exits by itself as permanent: %s", (_what, code, stderr) => {
  expect(after({ code, stderr })).toMatchObject({ code: "invalid", retryable: false, failure: failure });
});

it.each([
  ["killed", { code: null, signal: "SIGKILL" }],
  ["stopped by a signal that it handled", { code: 255, stderr: "Exiting normally, received signal 15." }],
  ["a full disk", { stderr: "[error] av_interleaved_write_frame(): No space left on device" }],
  ["a full disk noticed at its end", { code: 0, stderr: "[error] x: No space left on device" }],
  ["no memory", { stderr: "[error] Error reinitializing filters!\n[fatal] Cannot allocate memory" }],
  ["a disk that fails", { stderr: "[error] file:/x: Input/output error" }],
  ["no more threads", { stderr: "[error] Resource temporarily unavailable" }],
  ["no more files", { stderr: "[error] file:/x: Too many open files" }],
  ["a missing file", { stderr: "[error] file:/x: No such file or directory" }],
] satisfies [string, Partial<Ending>][])("treats transient causes as retryable: %s", (_what, ending) => {
  expect(after(ending)).toMatchObject({ retryable: true });
});

it("keeps errors of other kinds", () => {
  for (const error of [new PolyreelError("internal", "A mistake of ours."), new Error("x"), undefined]) {
    expect(mediaFault(error, failure)).toBe(error);
  }
});

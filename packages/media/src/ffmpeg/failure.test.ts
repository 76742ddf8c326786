import { FailureCode } from "@polyreel/contract";
import { describe, expect, it } from "vitest";
import { lastError, programError } from "./failure.js";
import type { Ending } from "./run-program.js";

const ended = (ending: Partial<Ending>) => programError("ffmpeg", [], { code: 1, signal: null, stderr: "", ...ending });

describe("programError", () => {
  it.each([
    ["a full disk", "[error] av_interleaved_write_frame(): No space left on device", "exhausted", /disk is full/],
    ["no memory", "[error] file:/x: Cannot allocate memory", "exhausted", /memory that it may take/],
    [
      "too many streams, which it puts as if memory had run out",
      "[error] Number of streams exceeds max_streams parameter (64)\n[error] file:/x: Cannot allocate memory",
      "invalid",
      /more streams/,
    ],
    [
      "an unknown codec",
      "[warning] Could not find codec parameters for stream 0 (Video: none (zzzz / 0x7A7A7A7A), none, 1 kb/s): unknown codec",
      "invalid",
      /cannot decode/,
    ],
    [
      "damage that it detects",
      "[warning] Could not find codec parameters for stream 0 (Video: h264 (avc1 / 0x31637661), none, 1 kb/s): unspecified size",
      "invalid",
      /damaged/,
    ],
    ["a playlist", "[error] Format not on whitelist 'mov'", "invalid", /format that is not accepted/],
    ["an unknown error", "[error] Conversion failed!", "internal", /Conversion failed!/],
  ])("classifies whose fault is %s", (_what, stderr, code, reason) => {
    const error = ended({ stderr });
    expect(error.code).toBe(code);
    expect(error.failure.reason).toMatch(reason);
    expect(error.failure.remedy).not.toBe("");
    if (code === "invalid") expect(error.failure.code).toBe(FailureCode.SOURCE_INVALID);
  });

  it.each(["SIGSEGV", "SIGABRT", "SIGFPE", "SIGBUS", "SIGILL"] as const)("blames the file for %s", (signal) => {
    expect(ended({ code: null, signal })).toMatchObject({ code: "invalid" });
  });

  it("reports too much output if the kernel stopped it for that", () => {
    expect(ended({ code: null, signal: "SIGXFSZ" })).toMatchObject({ code: "exhausted" });
  });

  it.each(["SIGKILL", "SIGTERM"] as const)("allows a retry after an external %s", (signal) => {
    expect(ended({ code: null, signal }).retryable).toBe(true);
  });
});

it("reveals no path of this machine", () => {
  expect(lastError("[out#0 @ 0x1] [error] Error opening file:/srv/store/sources/ab: bad /home/me/x\n")).toBe(
    "Error opening the file: bad the file",
  );
});

import { spawn } from "node:child_process";
import { expect, it } from "vitest";
import { runConfined } from "./run-confined.js";
import { testConfinedRuns } from "./testing/runner-contract.js";

testConfinedRuns("Node's spawn", undefined);

it("distinguishes a program that the system refuses to start from a missing one", async () => {
  const ending = runConfined({
    program: "true",
    args: [],
    signal: new AbortController().signal,
    deadlineSeconds: 60,
    stallSeconds: 60,
    remedies: { late: "", stalled: "" },
    bounds: { fileBytes: 0 },
    onStdout: () => {},
    spawn: (_command, _args, options) => spawn("/", options),
  });
  await expect(ending).rejects.toMatchObject({ code: "unavailable", message: "true could not be started (EACCES)." });
});

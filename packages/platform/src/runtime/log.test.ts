import { expect, it } from "vitest";
import { PolyreelError } from "../errors.js";
import { createLog } from "./log.js";

it("writes one line per entry, whatever names and errors contain", () => {
  const lines: string[] = [];
  const log = createLog("test", "info", { write: (line) => void lines.push(line) });
  const name = 'a\n{"level":"error","message":"forged"}\r\n\x1b[2J\u2028';
  log.info({ name }, name);
  log.warn({ err: new PolyreelError("invalid", { choice: name, reason: name }, { cause: new Error(name) }) }, "failed");
  expect(lines).toHaveLength(2);
  for (const line of lines) expect(line.trimEnd()).not.toMatch(/[^\P{Cc}]/u);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({ level: "info", name, message: name });
});

it("logs the public part of our errors, and the details of their causes", () => {
  const lines: string[] = [];
  const log = createLog("test", "info", { write: (line) => void lines.push(line) });
  log.error({ err: new PolyreelError("exhausted", "The disk is full.", { cause: new Error("ENOSPC") }) }, "failed");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    err: { code: "exhausted", reason: "The disk is full.", cause: { message: "ENOSPC" } },
  });
});

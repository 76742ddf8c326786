import { setImmediate as turn } from "node:timers/promises";
import type { AuditEntry } from "@polyreel/contract";
import { createLog } from "@polyreel/platform/runtime";
import { expect, it } from "vitest";
import type { Action } from "./audit-entry.js";
import { AuditLog } from "./audit-log.js";

const action = (id: string): Action => ({
  ...{ tenant: "acme", principal: { kind: "local" }, action: "a", outcome: "ok" },
  object: { kind: "batch", id },
});

/** A log over a store whose writes the test answers. */
function open() {
  const writes: { ids: string[]; succeed(): void; fail(): void }[] = [];
  const lines: string[] = [];
  const log = createLog("test", "info", { write: (line: string) => void lines.push(line) });
  const append = (entries: readonly AuditEntry[]) =>
    new Promise<void>((succeed, reject) => {
      writes.push({ ids: entries.map((one) => one.object?.id ?? ""), succeed, fail: () => reject(new Error("away")) });
    });
  return { audit: new AuditLog({ append }, log), writes, lines };
}

it("writes together what comes during a write, and resolves only then", async () => {
  const { audit, writes } = open();
  const recorded: string[] = [];
  const record = (id: string) => audit.record(action(id)).then(() => void recorded.push(id));
  const all = [record("1"), record("2"), record("3")];
  await turn();
  expect(recorded).toEqual([]);
  writes[0]?.succeed();
  await expect.poll(() => writes.length).toBe(2);
  expect(recorded).toEqual(["1"]);
  writes[1]?.succeed();
  await Promise.all(all);
  expect(writes.map(({ ids }) => ids)).toEqual([["1"], ["2", "3"]]);
});

it("refuses actions while it cannot write, holds what was done, and writes it later", async () => {
  const { audit, writes } = open();
  audit.assertRecordable();
  const refused = audit.record(action("1")).catch((error: unknown) => error);
  writes[0]?.fail();
  expect(await refused).toMatchObject({
    code: "unavailable",
    failure: { reason: expect.stringMatching(/^It was done/) },
  });
  expect(() => audit.assertRecordable()).toThrow("Nothing was done");
  const late = audit.record(action("2"));
  await expect.poll(() => writes.length, { timeout: 5000 }).toBe(2);
  expect(writes[1]?.ids).toEqual(["1", "2"]);
  writes[1]?.succeed();
  await late;
  audit.assertRecordable();
});

it("tries once more at its end, and leaves the rest in the service's log", async () => {
  const { audit, writes, lines } = open();
  audit.record(action("lost")).catch(() => {});
  writes[0]?.fail();
  await turn();
  const closed = audit.close();
  await expect.poll(() => writes.length).toBe(2);
  writes[1]?.fail();
  await closed;
  expect(lines.filter((line) => line.includes('"lost"'))).toHaveLength(1);
});

it("records what is refused to strangers once a minute, and whatever they succeed in", async () => {
  const { audit, writes } = open();
  const stranger = (id: string, outcome: string, address: string) =>
    void audit.record({ ...action(id), principal: { kind: "anyone" }, outcome, address });
  stranger("first", "unauthenticated", "10.0.0.1");
  stranger("again", "unauthenticated", "10.0.0.1");
  stranger("other", "unauthenticated", "10.0.0.2");
  stranger("slowed", "resource_exhausted", "10.0.0.1");
  for (const id of ["in", "in again"]) stranger(id, "ok", "10.0.0.1");
  writes[0]?.succeed();
  await expect.poll(() => writes.map(({ ids }) => ids)).toEqual([["first"], ["other", "slowed", "in", "in again"]]);
  writes[1]?.succeed();
  await audit.close();
});

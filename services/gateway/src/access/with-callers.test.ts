import { EventEmitter } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { create } from "@bufbuild/protobuf";
import { KeySchema, Role } from "@polyreel/contract";
import { afterEach, expect, it, vi } from "vitest";
import type { Callers } from "./callers.js";
import { callerOf, withCallers } from "./with-callers.js";

afterEach(() => void vi.useRealTimers());

const key = create(KeySchema, { id: "one", role: Role.VIEWER, tenant: "acme" });

it("cuts off a request that is still open when its key ends", async () => {
  vi.useFakeTimers();
  let holds = true;
  const callers: Pick<Callers, "identify" | "recall" | "stillHolds"> = {
    recall: () => undefined,
    identify: async () => ({ kind: "key", key }),
    stillHolds: async () => holds,
  };
  const closed = new AbortController();
  const served: string[] = [];
  const serve = (request: Parameters<typeof callerOf>[0]) => void served.push(callerOf(request).kind);
  const handler = withCallers(serve, callers as Callers, closed.signal);
  const destroy = vi.fn();
  const response = Object.assign(new EventEmitter(), { destroy });
  const request = { headers: { authorization: "Bearer x" }, method: "GET", url: "/events/b" };
  handler(request as IncomingMessage, response as unknown as ServerResponse);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([served, destroy.mock.calls.length]).toEqual([["key"], 0]);
  holds = false;
  await vi.advanceTimersByTimeAsync(30_000);
  expect(destroy).toHaveBeenCalled();
  closed.abort();
  expect(vi.getTimerCount()).toBe(0);
});

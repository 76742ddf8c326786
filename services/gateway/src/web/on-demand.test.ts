import { EventEmitter } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { createLog } from "@polyreel/platform/runtime";
import { expect, it } from "vitest";
import type { Handler } from "../server/one-port.js";
import { onDemand } from "./on-demand.js";

type Request = Parameters<Handler>[0];
type Response = Parameters<Handler>[1];
const request = {} as Request;
const response = () => new EventEmitter() as Response;
const log = createLog("test", "silent");

it("opens once, for the first request, and again after a failure", async () => {
  const seen: unknown[] = [];
  let opened = 0;
  const handler = onDemand(async () => {
    if (++opened === 1) throw new Error("not yet");
    return () => void seen.push("handled");
  }, log);
  expect(opened).toBe(0);
  const first = Object.assign(response(), {
    writeHead: (status: number) => seen.push(status),
    end: (body: string) => seen.push(JSON.parse(body).status),
  });
  handler(request, first);
  await turn();
  handler(request, response());
  handler(request, response());
  await turn();
  expect([opened, seen]).toEqual([2, [500, 500, "handled", "handled"]]);
});

it("does not begin a request whose client has left meanwhile", async () => {
  const seen: unknown[] = [];
  const handler = onDemand(async () => () => void seen.push("handled"), log);
  const left = response();
  handler(request, left);
  left.emit("close");
  await turn();
  expect(seen).toEqual([]);
});

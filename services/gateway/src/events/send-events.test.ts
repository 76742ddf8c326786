import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { create } from "@bufbuild/protobuf";
import { type WatchBatchResponse, WatchBatchResponseSchema } from "@polyreel/contract";
import { afterEach, expect, it } from "vitest";
import { sendEvents } from "./send-events.js";
import { type ReadEvent, readEvents } from "./testing/read-events.js";

let server: http.Server | undefined;
let response: http.ServerResponse;
afterEach(() => server?.closeAllConnections());

async function serve(updates: AsyncIterable<WatchBatchResponse>, keepAliveMs: number): Promise<string> {
  const left = new AbortController();
  server = http.createServer((_, answer) => {
    response = answer;
    response.once("close", () => left.abort());
    const options = { signal: left.signal, keepAliveMs };
    sendEvents(response, updates, "event: end\ndata: {}\n\n", options).catch(() => response.destroy());
  });
  server.listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const planned = (sequence: number, batchId = "b"): WatchBatchResponse =>
  create(WatchBatchResponseSchema, {
    sequence: BigInt(sequence),
    update: { case: "batchPlanned", value: { batchId, combinations: 3n } },
  });

it("keeps a silent connection open by comments, and tells clients when to reconnect", async () => {
  const url = await serve(
    (async function* () {
      yield planned(7);
      await sleep(300);
    })(),
    50,
  );
  const events: ReadEvent[] = [];
  const others: string[] = [];
  for await (const event of readEvents(url, {}, (line) => others.push(line))) events.push(event);
  expect(events).toEqual([
    { name: "batch", lastEventId: "7", data: { sequence: "7", batchPlanned: { batchId: "b", combinations: "3" } } },
    { name: "end", lastEventId: "7", data: {} },
  ]);
  expect(others[0]).toBe("retry: 1000");
  expect(others.filter((line) => line === ": keep-alive").length).toBeGreaterThan(1);
});

it("reads ahead of a slow client only what buffers hold, and sends it no comments", async () => {
  let pulled = 0;
  let isLeft = false;
  const text = "x".repeat(100_000);
  const url = await serve(
    (async function* () {
      try {
        for (;;) yield planned(++pulled, text);
      } finally {
        isLeft = true;
      }
    })(),
    5,
  );
  const request = http.get(url);
  await once(request, "response"); // And reads no more.
  const state = () => ({ pulled, unread: response.writableLength });
  let before = state();
  do {
    before = state();
    await sleep(200);
  } while (state().pulled !== before.pulled);
  expect(state()).toEqual(before);
  expect(before.unread).toBeGreaterThan(0);
  expect(pulled).toBeLessThan(500); // Of 100 kB each.
  request.destroy();
  await expect.poll(() => isLeft).toBe(true);
});

import { execFile } from "node:child_process";
import http2 from "node:http2";
import net, { type AddressInfo } from "node:net";
import { promisify } from "node:util";
import { FailureCode } from "@polyreel/contract";
import { CHROMIUM, inChromium } from "@polyreel/media/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startGateway } from "../service.js";
import { type BatchGateway, PATIENT, runBatchGateway } from "../testing/batch-gateway.js";
import { PROBLEM_TYPE } from "../web/problem.js";
import { type ReadEvent, readEvents } from "./testing/read-events.js";

let batches: BatchGateway;
beforeAll(async () => {
  batches = await runBatchGateway();
});
afterAll(() => batches.gateway.close());

const eventsUrl = (batchId: string, base = batches.gateway.url) => `${base}/events/${batchId}`;

/** A batch of three combinations, of which these are delivered; after the last one it is finished. */
async function batchWith(...delivered: number[]): Promise<string> {
  const batchId = await batches.submit();
  await batches.planned(batchId, 3);
  for (const ordinal of delivered) await batches.deliver(batchId, ordinal);
  return batchId;
}

async function all(url: string, headers: Record<string, string> = {}): Promise<ReadEvent[]> {
  const events: ReadEvent[] = [];
  for await (const event of readEvents(url, { headers })) events.push(event);
  return events;
}

const names = (events: readonly ReadEvent[]) => events.map(({ name }) => name);
const ids = (events: readonly ReadEvent[]) =>
  events.flatMap(({ name, lastEventId }) => (name === "end" ? [] : lastEventId));

describe("/events/<batch>", () => {
  it("sends the updates of WatchBatch, and ends after the batch", async () => {
    const batchId = await batchWith(0, 1, 2);
    const events = await all(eventsUrl(batchId));
    expect(names(events)).toEqual(["batch", "batch", "combination", "combination", "combination", "finished", "end"]);
    expect(events[2]?.data).toMatchObject({
      sequence: events[2]?.lastEventId,
      combinationDelivered: { batchId, combinationId: "c0", path: "0.mp4" },
    });
    expect(events.at(-2)?.data).toMatchObject({ batchFinished: { delivered: "3" } });
    expect(events.at(-1)?.data).toEqual({ batchId });
    const watched: string[] = [];
    for await (const { sequence } of batches.client.watchBatch({ batchId })) watched.push(String(sequence));
    expect(ids(events)).toEqual(watched);
  });

  it("goes on after the last event that was seen, by header or query, and has nothing after the end", async () => {
    const batchId = await batchWith(0, 1, 2);
    const events = await all(eventsUrl(batchId));
    const [, , third = "", , , last = ""] = ids(events);
    expect(await all(eventsUrl(batchId), { "last-event-id": third })).toEqual(events.slice(3));
    expect(await all(`${eventsUrl(batchId)}?lastEventId=${third}`)).toEqual(events.slice(3));
    expect(await all(`${eventsUrl(batchId)}?lastEventId=1`, { "last-event-id": third })).toEqual(events.slice(3));
    const after = await fetch(eventsUrl(batchId), { headers: { "last-event-id": last } });
    expect([after.status, await after.text()]).toEqual([204, ""]);
  });

  it("sends progress in between, without an id of its own", async () => {
    const batchId = await batchWith();
    const { publisher } = batches.gateway.platform;
    const timer = setInterval(() => publisher.progress({ batchId, id: "part", fraction: 0.25 }), 20);
    try {
      let last = "";
      for await (const event of readEvents(eventsUrl(batchId))) {
        if (event.name === "progress") {
          expect(event).toMatchObject({ lastEventId: last, data: { progress: { id: "part", fraction: 0.25 } } });
          if (last !== "") break;
        }
        last = event.lastEventId;
      }
    } finally {
      clearInterval(timer);
    }
  });

  it("has everything of a batch that is delivered while it is followed, failures with their code", async () => {
    const batchId = await batchWith();
    const events = all(eventsUrl(batchId));
    const failure = { block: "hook", choice: "friday", reason: "It is\nbroken.", code: FailureCode.SOURCE_INVALID };
    const failed = { batchId, attempt: 1, combinationId: "c0", failure };
    await batches.gateway.platform.publisher.publish("combination.failed", failed, { id: "c0" });
    for (const ordinal of [1, 2]) await batches.deliver(batchId, ordinal);
    expect((await events)[2]?.data).toMatchObject({
      combinationFailed: { failure: { reason: "It is\nbroken.", code: "FAILURE_CODE_SOURCE_INVALID" } },
    });
    expect(names(await events).slice(-2)).toEqual(["finished", "end"]);
  });

  it.each([
    ["an unknown batch", "bnope", {}, 404, "There is no batch"],
    ["another tenant's batch", "", { "polyreel-tenant": "acme" }, 404, "There is no batch"],
    ["an invalid tenant", "", { "polyreel-tenant": "A B" }, 400, "is not a tenant's name"],
    ["an id that is none", "", { "last-event-id": "seven" }, 400, "is not the id of an event"],
    ["an id that the stream has not reached", "", { "last-event-id": "99999" }, 400, "The event stream ends at"],
  ])("refuses %s", async (_, unknown, headers, status, reason) => {
    const response = await fetch(eventsUrl(unknown || (await batchWith())), { headers });
    expect(response.headers.get("content-type")).toContain(PROBLEM_TYPE);
    expect(await response.json()).toMatchObject({ status, detail: expect.stringContaining(reason) });
    expect(response.status).toBe(status);
  });

  it("is served over HTTP/2, to curl, never compressed, and not to HEAD", async () => {
    const batchId = await batchWith(0, 1, 2);
    const session = http2.connect(batches.gateway.url);
    let text = "";
    for await (const chunk of session.request({ ":path": `/events/${batchId}` })) text += chunk;
    session.close();
    expect(text.endsWith(`event: end\ndata: {"batchId":"${batchId}"}\n\n`)).toBe(true);
    const curl = ["-sSN", "-i", "-H", "accept-encoding: gzip, br", eventsUrl(batchId)];
    const { stdout } = await promisify(execFile)("curl", curl);
    expect(stdout.split("\r\n\r\n")[1]).toBe(text);
    expect(stdout.toLowerCase()).not.toContain("content-encoding");
    expect((await fetch(eventsUrl(batchId), { method: "HEAD" })).status).toBe(404);
  });

  it("ends with the batch's deletion, without its end", async () => {
    const batchId = await batchWith(0);
    const events = all(eventsUrl(batchId));
    await batches.gateway.platform.publisher.publish("batch.deleting", { batchId }, { id: "1" });
    expect(names(await events)).toEqual(["batch", "batch", "combination", "end"]);
  });
});

describe("a client whose connection breaks", () => {
  /** Passes connections on, to one gateway and later to another. */
  async function openProxy(port: number) {
    const open = new Set<net.Socket>();
    const to = { port };
    const server = net.createServer((socket) => {
      const upstream = net.connect(to.port, "127.0.0.1");
      for (const one of [socket, upstream]) {
        open.add(one.on("error", () => {}));
        one.once("close", () => socket.destroy() && upstream.destroy() && open.delete(one));
      }
      socket.pipe(upstream).pipe(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      /** Breaks all connections; later ones lead to another port. */
      cut(next: number) {
        to.port = next;
        for (const socket of open) socket.destroy();
      },
      close() {
        server.close();
        this.cut(0);
      },
    };
  }

  it("misses nothing and gets nothing twice, from another gateway", async () => {
    const other = await startGateway(batches.gateway.config);
    const proxy = await openProxy(batches.gateway.port);
    try {
      const batchId = await batchWith(0);
      const before: ReadEvent[] = [];
      const reading = (async () => {
        for await (const event of readEvents(eventsUrl(batchId, proxy.url))) before.push(event);
      })();
      await expect.poll(() => before.length, PATIENT).toBe(3);
      proxy.cut(other.port);
      await expect(reading).rejects.toThrow();
      await batches.deliver(batchId, 1);
      await batches.deliver(batchId, 2);
      const after = await all(eventsUrl(batchId, proxy.url), { "last-event-id": before.at(-1)?.lastEventId ?? "" });
      expect([...before, ...after]).toEqual(await all(eventsUrl(batchId)));
    } finally {
      proxy.close();
      await other.close();
    }
  });

  it("is a page in Chromium: it goes on by itself, and stops at the end", async ({ skip }) => {
    skip(!CHROMIUM, "needs Chromium");
    const closing = await startGateway(batches.gateway.config);
    const proxy = await openProxy(closing.port);
    try {
      const batchId = await batchWith(0);
      const page = inChromium(new URL(eventsUrl(batchId, proxy.url)), async (page, source) => {
        await page.goto(new URL("/api/v1/health", source).href); // Of the same origin; others forbid scripts.
        await page.evaluate(`((source) => {
          window.seen = [];
          window.opened = 0;
          window.events = new EventSource(source);
          events.onopen = () => { opened++; };
          for (const name of ["batch", "combination", "part", "progress", "finished", "end"])
            events.addEventListener(name, ({ lastEventId, data }) => seen.push({ name, lastEventId, data: JSON.parse(data) }));
        })(${JSON.stringify(source)})`);
        await page.waitForFunction("seen.length === 3");
        await closing.close(); // In order: the response ends without an error.
        proxy.cut(batches.gateway.port);
        await batches.deliver(batchId, 1);
        await page.waitForFunction("seen.length === 4");
        proxy.cut(batches.gateway.port);
        await batches.deliver(batchId, 2);
        // Without a page that closes it: the answer to the next connection is what stops it.
        await page.waitForFunction("events.readyState === EventSource.CLOSED");
        return page.evaluate("({ seen, opened })") as Promise<{ seen: ReadEvent[]; opened: number }>;
      });
      expect(await page).toEqual({ seen: await all(eventsUrl(batchId)), opened: 3 });
    } finally {
      proxy.close();
      await closing.close();
    }
  });
});

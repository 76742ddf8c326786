import type { JsMsg } from "@nats-io/jetstream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Releasers } from "../lifecycle.js";
import { createLog } from "../log.js";
import { connectNats } from "./connection.js";
import { Pump } from "./pump.js";
import { startNatsServer } from "./server.js";
import { type EventStream, openStream } from "./stream.js";

const releasers = new Releasers();
const log = createLog("test", "silent");
let url: string;
let stream: EventStream;

async function open(): Promise<EventStream> {
  const connection = await connectNats({ url, name: "test", log });
  return openStream(connection, { maxBytes: 64 * 1024 ** 2 });
}

beforeAll(async () => {
  ({ url } = releasers.use(await startNatsServer()));
  stream = await open();
  releasers.add(() => stream.connection.drain());
});
afterAll(() => releasers.close());

it("answers what the server has sent when it ends, so that nothing waits for the ack wait", async () => {
  for (let round = 0; round < 10; round++) {
    const consumer = { durable: `ending-${round}`, subject: `polyreel.clip.requested.ending-${round}` };
    const connected = await open();
    const taken: number[] = [];
    const take = async (message: JsMsg) => {
      taken.push(message.seq);
      message.ack();
    };
    const ending = new Pump(connected, consumer, 4, take, log);
    const { seq } = await stream.client.publish(consumer.subject, "begins");
    await expect.poll(() => taken, { interval: 1 }).toEqual([seq]);
    // The server has it, and has sent it on: it is on its way when the pump is told to end.
    await stream.client.publish(consumer.subject, "on its way");
    await ending.close();
    await connected.connection.drain();

    const next = new Pump(stream, consumer, 4, take, log);
    await expect.poll(() => taken, { timeout: 2_000, interval: 1 }).toEqual([seq, seq + 1]);
    await next.close();
  }
});

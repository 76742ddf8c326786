import type { JsMsg } from "@nats-io/jetstream";
import { Releasers } from "@polyreel/platform";
import { createLog } from "@polyreel/platform/runtime";
import { connectNats, type EventStream, openStream, startNatsServer } from "@polyreel/platform/stream";
import { afterAll, beforeAll, expect, it } from "vitest";
import { Pump } from "./pump.js";

const releasers = new Releasers();
const log = createLog("test", "silent");
let url: string;
let stream: EventStream;

async function open(ackWaitMs = 20_000): Promise<EventStream> {
  const connection = await connectNats({ url, name: "test", log });
  return openStream(connection, { maxBytes: 64 * 1024 ** 2, ackWaitMs });
}

beforeAll(async () => {
  ({ url } = releasers.use(await startNatsServer()));
  stream = await open();
  releasers.add(() => stream.connection.drain());
});
afterAll(() => releasers.close());

it("answers all messages that the server has sent when it closes, so that none waits for the ack wait", async () => {
  for (let round = 0; round < 10; round++) {
    const consumer = {
      durable: `ending-${round}`,
      subject: `polyreel.clip.requested.ending-${round}`,
      description: "Test",
    };
    const connected = await open();
    const taken: number[] = [];
    const take = async (message: JsMsg) => {
      taken.push(message.seq);
      message.ack();
    };
    const ending = new Pump(connected, consumer, 4, take, log);
    const { seq } = await stream.client.publish(consumer.subject, "begins");
    await expect.poll(() => taken, { interval: 1 }).toEqual([seq]);
    // The server has it and has sent it: it is in flight when the pump is closed.
    await stream.client.publish(consumer.subject, "on its way");
    await ending.close();
    await connected.connection.drain();

    const next = new Pump(stream, consumer, 4, take, log);
    await expect.poll(() => taken, { timeout: 2_000, interval: 1 }).toEqual([seq, seq + 1]);
    await next.close();
  }
});

it("takes over after its own ack wait, even if the consumer was created with another", async () => {
  const consumer = { durable: "taken-over", subject: "polyreel.clip.requested.taken-over", description: "Test" };
  const first = await open();
  const dead = new Pump(first, consumer, 1, () => new Promise(() => {}), log);
  await expect.poll(() => stream.manager.consumers.info("POLYREEL", consumer.durable)).toBeTruthy();
  await first.connection.close();
  await dead.close();

  const hasty = await open(1_000);
  const taken: number[] = [];
  const take = async (message: JsMsg) => {
    taken.push(message.seq);
    if (taken.length > 1) message.ack(); // The first time as if the process had died.
  };
  const next = new Pump(hasty, consumer, 1, take, log);
  const { seq } = await stream.client.publish(consumer.subject, "work");
  await expect.poll(() => taken, { timeout: 10_000, interval: 10 }).toEqual([seq, seq]);
  await next.close();
  await hasty.connection.drain();
});

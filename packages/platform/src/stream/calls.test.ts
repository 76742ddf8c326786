import { once } from "node:events";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createLog } from "../runtime/log.js";
import { answerCalls, ask } from "./calls.js";
import { connectNats, type NatsConnection } from "./connection.js";
import { sendIfOpen } from "./send-if-open.js";
import { type NatsServer, startNatsServer } from "./server.js";

const log = createLog("test", "silent");
const subject = "polyreel-test";
const timeoutMs = 60_000;
const never = new AbortController().signal;
let nats: NatsServer;
let caller: NatsConnection;
let answerer: NatsConnection;

beforeAll(async () => {
  nats = await startNatsServer();
  const connection = () => connectNats({ url: nats.url, name: "test", log });
  [caller, answerer] = await Promise.all([connection(), connection()]);
});
afterAll(async () => {
  await Promise.all([caller?.close(), answerer?.close()]);
  await nats?.close();
});

/** Answers as told, once the server knows of it. */
async function answering(answer: Parameters<typeof answerCalls>[2]) {
  const running = answerCalls({ connection: answerer, log }, { subject, queue: "test" }, answer);
  await answerer.flush();
  return running;
}

/** Waits until its signal aborts, for each call; tells of what came. */
function waiting() {
  const met: { request: string; ended: Promise<unknown> }[] = [];
  const news = new EventTarget();
  const answer = async (request: Uint8Array, signal: AbortSignal): Promise<Uint8Array> => {
    met.push({ request: Buffer.from(request).toString(), ended: once(signal, "abort").then(() => signal.reason) });
    news.dispatchEvent(new Event("met"));
    await once(signal, "abort");
    throw signal.reason;
  };
  return { met, answer, next: () => once(news, "met") };
}

it("gives the answer", async () => {
  const running = await answering(async (request) => Buffer.from(`${Buffer.from(request)}, too`));
  const answer = await ask(caller, subject, Buffer.from("hello"), { timeoutMs, signal: never });
  expect(Buffer.from(answer).toString()).toBe("hello, too");
  await running.close();
});

it("stops the one that is at it when the caller waits no more, and no other", async () => {
  const { met, answer, next } = waiting();
  const running = await answering(answer);
  const stay = new AbortController();
  const leave = new AbortController();
  const first = ask(caller, subject, Buffer.from("stays"), { timeoutMs, signal: stay.signal });
  await next();
  const second = ask(caller, subject, Buffer.from("leaves"), { timeoutMs, signal: leave.signal });
  await next();
  expect(met.map(({ request }) => request)).toEqual(["stays", "leaves"]);
  leave.abort(new Error("gone"));
  await expect(second).rejects.toThrow("gone");
  expect(await met[1]?.ended).toMatchObject({ message: "The caller waits no more." });
  expect(await Promise.race([met[0]?.ended, Promise.resolve("at it")])).toBe("at it");
  const closing = running.close();
  expect(await met[0]?.ended).toMatchObject({ message: "The service is ending." });
  await closing;
  stay.abort(new Error("gone, too"));
  await expect(first).rejects.toThrow("gone, too");
});

it("asks nobody where the caller is gone already", async () => {
  const gone = AbortSignal.abort(new Error("gone"));
  await expect(ask(caller, subject, Buffer.from("?"), { timeoutMs, signal: gone })).rejects.toThrow("gone");
});

it("tells that nobody answers", async () => {
  await expect(ask(caller, "polyreel-nobody", Buffer.from("?"), { timeoutMs, signal: never })).rejects.toThrow(
    /no responders/i,
  );
});

it("sends nothing where its connection is closed when the caller gives up, and throws nothing", async () => {
  const connection = await connectNats({ url: nats.url, name: "test", log });
  await connection.close();
  expect(() => connection.publish(subject)).toThrow();
  expect(() => sendIfOpen(() => connection.publish(subject))).not.toThrow();
  expect(() => sendIfOpen(() => expect.fail("another error"))).toThrow("another error");
});

import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { headers } from "@nats-io/transport-node";
import {
  FailureCode,
  FailureSchema,
  type FolderQuestion,
  type FolderQuestionSchema,
  folderRequest,
  voicesRequest,
} from "@polyreel/contract";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { PolyreelError, sourceError } from "../errors.js";
import { createLog } from "../runtime/log.js";
import { answerRequests } from "./answer-requests.js";
import { Broker } from "./broker.js";
import { connectNats, type NatsConnection } from "./connection.js";
import { BODY_HEADER, serveBody } from "./request-body.js";
import { sendIfOpen } from "./send-if-open.js";
import { sendRequest } from "./send-request.js";
import { type NatsServer, startNatsServer } from "./server.js";

const log = createLog("test", "silent");
const { subject } = folderRequest;
const patient = { timeoutMs: 60_000, signal: new AbortController().signal };
/** A separate signal for each request. */
const also = (signal: AbortSignal) => AbortSignal.any([signal]);
type Answer = Parameters<typeof answerRequests<typeof FolderQuestionSchema, (typeof folderRequest)["reply"]>>[3];

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

const on = (connection: NatsConnection) => ({ connection, broker: new Broker(connection) });
const ask = (name: string, options: Partial<Parameters<typeof sendRequest>[3]> = {}) =>
  sendRequest(on(caller), folderRequest, { name }, { ...patient, signal: also(patient.signal), ...options });
const replyNaming = (name: string) => ({ foreign: [{ name }] });

/** Starts answering, and resolves when the server knows the subscription. */
async function answering(answer: Answer, options: Partial<Parameters<typeof answerRequests>[2]> = {}) {
  const running = answerRequests(folderRequest, { stream: on(answerer), log }, { atOnce: 10, ...options }, answer);
  await answerer.flush();
  return running;
}

/** Answers that wait until their signal aborts; `next` resolves when the next request has arrived. */
function waiting() {
  const met: { name: string; ended: Promise<unknown> }[] = [];
  const news = new EventTarget();
  const answer = async ({ name }: FolderQuestion, signal: AbortSignal): Promise<never> => {
    met.push({ name, ended: once(signal, "abort").then(() => signal.reason) });
    news.dispatchEvent(new Event("met"));
    await once(signal, "abort");
    throw signal.reason;
  };
  return { met, answer, next: () => once(news, "met") };
}

it("returns the reply", async () => {
  const running = await answering(async ({ name }) => replyNaming(`${name}, too`));
  expect(await ask("hello")).toMatchObject(replyNaming("hello, too"));
  await running.close();
});

it("throws the failure that the service replied with", async () => {
  const failure = { field: "folder", reason: "Der Ordner „grün“ is none.", remedy: "Choose another." };
  const failures: Record<string, Error> = {
    typed: sourceError(failure),
    untyped: new TypeError("secret"),
  };
  const running = await answering(async ({ name }) => {
    throw failures[name];
  });
  const typed = await ask("typed").catch((error: unknown) => error);
  expect(typed).toBeInstanceOf(PolyreelError);
  expect(typed).toMatchObject({ failure: { ...failure, code: FailureCode.SOURCE_INVALID } });
  const untyped = await ask("untyped").catch((error: PolyreelError) => error);
  expect(untyped).toMatchObject({ code: "internal" });
  expect(JSON.stringify(untyped)).not.toContain("secret");
  await running.close();
});

it("rejects unreadable messages on both sides", async () => {
  const running = await answering(async () => ({}));
  const reply = await caller.request(subject, Buffer.from([0xff]), { timeout: 10_000 });
  expect(reply.headers?.get("Polyreel-Failure")).not.toBe("");
  await running.close();
  const unreadable = answerer.subscribe(subject, {
    callback: (_, message) => void message.respond(Buffer.from([0xff])),
  });
  await answerer.flush();
  await expect(ask("?")).rejects.toMatchObject({ code: "internal", message: expect.stringContaining("can't be read") });
  unreadable.unsubscribe();
});

it("stops only its own replier when the requester gives up", async () => {
  const { met, answer, next } = waiting();
  const running = await answering(answer);
  const stay = new AbortController();
  const leave = new AbortController();
  const first = ask("stays", { signal: stay.signal });
  await next();
  const second = ask("leaves", { signal: leave.signal });
  await next();
  expect(met.map(({ name }) => name)).toEqual(["stays", "leaves"]);
  leave.abort(new Error("gone"));
  await expect(second).rejects.toThrow("gone");
  expect(await met[1]?.ended).toMatchObject({ message: "The requester gave up." });
  expect(await Promise.race([met[0]?.ended, Promise.resolve("at it")])).toBe("at it");
  const closing = running.close();
  expect(await met[0]?.ended).toMatchObject({ message: "The service is ending." });
  await closing;
  stay.abort(new Error("gone, too"));
  await expect(first).rejects.toThrow("gone, too");
});

it("stops the replier at its timeout, and retries with another one if allowed", async () => {
  const { met, answer } = waiting();
  const running = await answering(answer);
  const late = ask("late", { timeoutMs: 300, attempts: 2 });
  await expect(late).rejects.toMatchObject({ code: "unavailable", message: "No uploader answered within 1 s." });
  expect(met.map(({ name }) => name)).toEqual(["late", "late"]);
  for (const { ended } of met) expect(await ended).toMatchObject({ message: "The requester gave up." });
  await running.close();
});

it("limits concurrent requests, and skips those abandoned while queued", async () => {
  const begun: string[] = [];
  const gates = new Map<string, () => void>();
  const running = await answering(
    async ({ name }) => {
      begun.push(name);
      await new Promise<void>((open) => gates.set(name, open));
      return replyNaming(name);
    },
    { atOnce: 1 },
  );
  const leave = new AbortController();
  const first = ask("first");
  await expect.poll(() => begun).toEqual(["first"]);
  const second = ask("second", { signal: leave.signal });
  const third = ask("third");
  await caller.flush();
  leave.abort(new Error("gone"));
  await expect(second).rejects.toThrow("gone");
  await caller.flush();
  await answerer.flush();
  expect(begun).toEqual(["first"]);
  gates.get("first")?.();
  expect(await first).toMatchObject(replyNaming("first"));
  await expect.poll(() => begun).toEqual(["first", "third"]);
  gates.get("third")?.();
  expect(await third).toMatchObject(replyNaming("third"));
  await running.close();
});

it("rejects requests at once if too many wait", async () => {
  const { answer } = waiting();
  const running = await answering(answer, { atOnce: 1 });
  const leave = new AbortController();
  const all = Array.from({ length: 110 }, (_, at) => ask(`${at}`, { signal: also(leave.signal) }));
  const refused = await Promise.any(all.map((one) => one.then(Promise.reject.bind(Promise), (error) => error)));
  expect(refused).toMatchObject({ code: "exhausted", message: "Too many requests wait for the uploader." });
  leave.abort();
  await Promise.allSettled(all);
  await running.close();
});

it("replies with its own error at the deadline, which includes time in the queue", async () => {
  const begun: string[] = [];
  let end = () => {};
  const busy = new Promise<void>((resolve) => {
    end = resolve;
  });
  const error = () => new PolyreelError("exhausted", "It took too long.");
  const running = await answering(
    async ({ name }, signal) => {
      begun.push(name);
      await busy;
      throw signal.reason;
    },
    { atOnce: 1, deadline: { ms: 300, error } },
  );
  const replies = Promise.allSettled([ask("first"), ask("waits")]);
  await expect.poll(() => begun).toEqual(["first"]);
  await caller.flush();
  await sleep(600);
  end();
  const tookTooLong = { status: "rejected", reason: { code: "exhausted", message: "It took too long." } };
  expect(await replies).toMatchObject([tookTooLong, tookTooLong]);
  expect(begun).toEqual(["first"]);
  await running.close();
});

it("reaches one of several instances of a service", async () => {
  const counts = [0, 0];
  const all = await Promise.all(
    counts.map((_, at) =>
      answering(async () => {
        counts[at] = (counts[at] ?? 0) + 1;
        return replyNaming(`instance ${at}`);
      }),
    ),
  );
  await Promise.all(Array.from({ length: 60 }, () => ask("?")));
  expect((counts[0] ?? 0) + (counts[1] ?? 0)).toBe(60);
  expect(Math.min(...counts)).toBeGreaterThan(0);
  await Promise.all(all.map((one) => one.close()));
});

it("takes the first of several replies", async () => {
  const reply = (name: string) => toBinary(folderRequest.reply, create(folderRequest.reply, replyNaming(name)));
  // The order in which a server delivers to several subscriptions is its own.
  const late = (respond: () => void) => void setTimeout(respond, 50);
  const others = [
    answerer.subscribe(subject, { callback: (_, message) => void message.respond(reply("first")) }),
    answerer.subscribe(subject, { callback: (_, message) => late(() => message.respond(reply("second"))) }),
  ];
  await answerer.flush();
  expect(await ask("?")).toMatchObject(replyNaming("first"));
  expect(await ask("?")).toMatchObject(replyNaming("first"));
  for (const one of others) one.unsubscribe();
});

it("sends nothing if the signal is already aborted", async () => {
  await expect(ask("?", { signal: AbortSignal.abort(new Error("gone")) })).rejects.toThrow("gone");
});

it("names at once the service to start if none answers", async () => {
  await expect(sendRequest(on(caller), voicesRequest, {}, patient)).rejects.toMatchObject({
    code: "unavailable",
    failure: { reason: "No speech service answers.", remedy: "Start the tts service, and call again." },
  });
});

describe("of requests that do not fit in a message", () => {
  const large = "x".repeat((4 << 20) + 12_345);

  it("lets the replier fetch them, and serves them no longer than that", async () => {
    const running = await answering(async ({ name }) => replyNaming(String(name.length)));
    const inboxes = new Set<string>();
    const subscribe = caller.subscribe.bind(caller);
    const spied = vi.spyOn(caller, "subscribe").mockImplementation((subject, options) => {
      inboxes.add(subject);
      return subscribe(subject, options);
    });
    for (const name of [large, "x".repeat(1 << 20), "x".repeat((1 << 20) - 1000)]) {
      expect(await ask(name)).toMatchObject(replyNaming(String(name.length)));
    }
    spied.mockRestore();
    expect(inboxes.size).toBe(2); // The last one fits.
    for (const inbox of inboxes) await expect(answerer.request(inbox, "0")).rejects.toThrow(/no responders/);
    await running.close();
  });

  it("fails if the requester is gone, or serves something else", async () => {
    const running = await answering(async ({ name }) => replyNaming(String(name.length)));
    const failureFor = async (body: string) => {
      const named = headers();
      named.set(BODY_HEADER, body);
      const reply = await caller.request(subject, undefined, { headers: named, timeout: 30_000 });
      return fromBinary(FailureSchema, Buffer.from(reply.headers?.get("Polyreel-Failure") ?? "", "base64"));
    };
    expect(await failureFor("9 _INBOX.gone")).toMatchObject({ code: FailureCode.UNAVAILABLE });
    using served = serveBody(caller, new Uint8Array(9));
    const inbox = served.header.split(" ")[1];
    for (const body of [`8 ${inbox}`, `10 ${inbox}`, `9 polyreel-voices`, `-1 ${inbox}`, "x", ""]) {
      expect(await failureFor(body), body).toMatchObject({ code: FailureCode.INVALID_ARGUMENT });
    }
    const exhausted = { code: FailureCode.RESOURCE_EXHAUSTED, reason: expect.stringContaining("67108864 are allowed") };
    expect(await failureFor(`67108865 ${inbox}`)).toMatchObject(exhausted);
    await expect(ask("x".repeat(64 << 20), { field: "batch" })).rejects.toMatchObject({
      code: "exhausted",
      failure: { field: "batch" },
    });
    await running.close();
  });

  it("stops fetching when the requester gives up", async () => {
    let isAnswered = false;
    const running = await answering(async () => {
      isAnswered = true;
      return {};
    });
    const leave = new AbortController();
    const asked = ask(large, { signal: leave.signal });
    leave.abort(new Error("gone"));
    await expect(asked).rejects.toThrow("gone");
    await caller.flush();
    await answerer.flush();
    await running.close();
    expect(isAnswered).toBe(false);
  });
});

it("reports that the event stream is unavailable, rather than that no service answers", async () => {
  const server = await startNatsServer();
  const connection = await connectNats({ url: server.url, name: "test", log });
  const stream = on(connection);
  const { answer, next } = waiting();
  const running = answerRequests(folderRequest, { stream, log }, { atOnce: 1 }, answer);
  await connection.flush();
  const underWay = sendRequest(stream, folderRequest, {}, { ...patient, timeoutMs: 2_000 });
  underWay.catch(() => {});
  await next();
  await server.close();
  await expect.poll(() => stream.broker.there).toBe(false);
  const unreachable = { code: "unavailable", message: "The event stream (NATS) cannot be reached." };
  await expect(sendRequest(stream, folderRequest, {}, patient)).rejects.toMatchObject(unreachable);
  await expect(underWay).rejects.toMatchObject(unreachable);
  await connection.close();
  await running.close();
});

it("neither sends nor throws if its connection is closed when the requester gives up", async () => {
  const connection = await connectNats({ url: nats.url, name: "test", log });
  await connection.close();
  expect(() => connection.publish(subject)).toThrow();
  expect(() => sendIfOpen(() => connection.publish(subject))).not.toThrow();
  expect(() => sendIfOpen(() => expect.fail("another error"))).toThrow("another error");
});

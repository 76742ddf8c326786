import { describe, expect, it } from "vitest";
import { Mailbox } from "./mailbox.js";

const tick = () => new Promise((resolve) => setImmediate(resolve));
const mailbox = () => new Mailbox<string>({ kept: 2, offered: 2 });

async function drain(box: Mailbox<string>): Promise<string[]> {
  const read: string[] = [];
  for await (const item of box) read.push(item);
  return read;
}

describe("Mailbox", () => {
  it("keeps the order, and delivers what was put before the end", async () => {
    const box = mailbox();
    const reading = drain(box);
    for (const item of ["a", "b", "c", "d"]) await box.put(item);
    box.end();
    expect(await reading).toEqual(["a", "b", "c", "d"]);
  });

  it("makes the sender wait for the reader", async () => {
    const box = mailbox();
    await box.put("a");
    let sent = false;
    const sending = box.put("b").then(() => {
      sent = true;
    });
    await tick();
    expect(sent).toBe(false);
    const reader = box[Symbol.asyncIterator]();
    expect(await reader.next()).toEqual({ done: false, value: "a" });
    await sending;
    expect(sent).toBe(true);
  });

  it("keeps the newest item of each key, and drops the oldest keys", async () => {
    const box = mailbox();
    box.offer("clip1", "clip1 10%");
    box.offer("clip2", "clip2 10%");
    box.offer("clip1", "clip1 20%");
    box.offer("clip3", "clip3 10%");
    const reader = box[Symbol.asyncIterator]();
    expect([(await reader.next()).value, (await reader.next()).value]).toEqual(["clip1 20%", "clip3 10%"]);
  });

  it("delivers what was put before what was offered", async () => {
    const box = mailbox();
    box.offer("clip1", "progress");
    await box.put("fact");
    const reader = box[Symbol.asyncIterator]();
    expect([(await reader.next()).value, (await reader.next()).value]).toEqual(["fact", "progress"]);
  });

  it("ends a waiting reader with the error, and releases a waiting sender", async () => {
    const waiting = mailbox();
    const reading = drain(waiting);
    await tick();
    waiting.end(new Error("gone"));
    await expect(reading).rejects.toThrow("gone");

    const full = mailbox();
    await full.put("a");
    const sending = full.put("b");
    full.end(new Error("gone"));
    await sending;
  });
});
